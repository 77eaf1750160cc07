import type { SubscriptionChange } from './carrier.ts'
import { isTopicLength } from './limits.ts'
import { PrefixTree } from './prefix-tree.ts'

/** Whom to take for a listener. */
export interface ListenerOptions {
  /** Not a subscriber that asked for everything. Default false. */
  readonly exact?: boolean
  /** Not a subscriber that asked by one of these prefixes, one's own, as their bytes read as Latin-1. */
  readonly except?: ReadonlySet<string>
}

/**
 * Reads a subscription as it stands in a frame: 0x01 (subscribe) or 0x00 (unsubscribe) and a prefix of bytes (ZMTP 3.0, RFC 23).
 * Undefined for any other frame.
 */
export function parseSubscription(frame: Buffer): SubscriptionChange | undefined {
  const first = frame[0]
  return first === 0 || first === 1 ? { prefix: frame.subarray(1), subscribe: first === 1 } : undefined
}

/** The prefixes that subscribers of a bus ask for, as an XPUB socket hears of them. It does not hear how many ask for one. */
export class Subscriptions {
  readonly #prefixes = new PrefixTree<true>()
  /** Grows with every change: lets a caller keep an answer until the next one. */
  version = 0

  /** Takes a change in. A prefix that is longer than a topic may be matches nothing, and is not kept. */
  apply({ prefix, subscribe }: SubscriptionChange): void {
    if (!isTopicLength(prefix)) return
    if (subscribe) this.#prefixes.set(prefix, true)
    else this.#prefixes.delete(prefix)
    this.version += 1
  }

  /** Whether somebody asked by exactly this prefix. */
  has(prefix: Buffer): boolean {
    return this.#prefixes.has(prefix)
  }

  /** Whether somebody asked for a topic. */
  wants(topic: Buffer, { exact = false, except }: ListenerOptions = {}): boolean {
    return this.#prefixes.some(topic, (_value, length) => {
      if (exact && length === 0) return false
      return except === undefined || !except.has(topic.toString('latin1', 0, length))
    })
  }

  /** The prefixes asked for. */
  *prefixes(): Iterable<Buffer> {
    for (const place of this.#prefixes.places()) yield this.#prefixes.prefixAt(place)
  }
}

import type { SubscriptionChange } from './carrier.ts'
import { isTopicLength } from './limits.ts'
import { PrefixTree } from './prefix-tree.ts'

/** Subscribers that don't count as listeners. */
export interface ListenerOptions {
  /** Leaves out subscriptions to everything. Default false. */
  readonly exact?: boolean
  /** Leaves out subscriptions to these prefixes, the caller's own, as their bytes read as Latin-1. Default: none. */
  readonly except?: ReadonlySet<string>
}

/**
 * Parses a subscription's frame: 0x01 (subscribe) or 0x00 (unsubscribe), and a prefix of bytes (ZMTP 3.0, RFC 23). Undefined
 * for any other frame.
 */
export function parseSubscription(frame: Buffer): SubscriptionChange | undefined {
  const first = frame[0]
  return first === 0 || first === 1 ? { prefix: frame.subarray(1), subscribe: first === 1 } : undefined
}

/** The subscribed prefixes of a bus, as an XPUB socket hears of them. It does not hear how many subscribers each has. */
export class Subscriptions {
  readonly #prefixes = new PrefixTree<true>()
  /** Grows with every change. A caller may keep an answer until then. */
  version = 0

  /** Applies a change. A prefix that is longer than a topic may be matches nothing, and is not kept. */
  apply({ prefix, subscribe }: SubscriptionChange): void {
    if (!isTopicLength(prefix)) return
    if (subscribe) this.#prefixes.set(prefix, true)
    else this.#prefixes.delete(prefix)
    this.version += 1
  }

  /** Whether exactly this prefix is subscribed. */
  has(prefix: Buffer): boolean {
    return this.#prefixes.has(prefix)
  }

  /** Whether a topic has a subscriber. */
  wants(topic: Buffer, { exact = false, except }: ListenerOptions = {}): boolean {
    return this.#prefixes.some(topic, (_value, length) => {
      if (exact && length === 0) return false
      return except === undefined || !except.has(topic.toString('latin1', 0, length))
    })
  }

  /** All subscribed prefixes. */
  *prefixes(): Iterable<Buffer> {
    for (const place of this.#prefixes.places()) yield this.#prefixes.prefixAt(place)
  }
}

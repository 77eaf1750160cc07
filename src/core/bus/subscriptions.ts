import type { SubscriptionChange } from './carrier.ts'

/** Whom to take for a listener. */
export interface ListenerOptions {
  /** Not a subscriber that asked for everything. Default false. */
  readonly exact?: boolean
  /** Not a subscriber that asked by one of these prefixes: one's own. */
  readonly except?: ReadonlySet<string>
}

/**
 * Reads a subscription as it stands in a frame: 0x01 (subscribe) or 0x00 (unsubscribe) and a prefix of bytes (ZMTP 3.0, RFC 23).
 * Undefined for a frame that is none.
 */
export function parseSubscription(frame: Buffer): SubscriptionChange | undefined {
  const first = frame[0]
  return first === 0 || first === 1 ? { prefix: frame.subarray(1), subscribe: first === 1 } : undefined
}

/** What the subscribers of a bus want, as an XPUB socket hears of it. It is known that somebody asked, not how many did. */
export class Subscriptions {
  /** By their bytes read as Latin-1, so that any prefix is a key. */
  readonly #prefixes = new Set<string>()
  /** Grows with every change: lets a caller keep an answer until the next one. */
  version = 0

  apply({ prefix, subscribe }: SubscriptionChange): void {
    const key = prefix.toString('latin1')
    if (subscribe) this.#prefixes.add(key)
    else this.#prefixes.delete(key)
    this.version += 1
  }

  /** Whether somebody asked by exactly this prefix, as Latin-1. */
  has(prefix: string): boolean {
    return this.#prefixes.has(prefix)
  }

  /** Whether somebody asked for a topic. It, and the prefixes to except, are bytes read as Latin-1. */
  wants(topic: string, { exact = false, except }: ListenerOptions = {}): boolean {
    for (const prefix of this.#prefixes) {
      if (topic.startsWith(prefix) && !(exact && prefix === '') && !except?.has(prefix)) return true
    }
    return false
  }

  /** The prefixes asked for, as Latin-1. */
  snapshot(): ReadonlySet<string> {
    return new Set(this.#prefixes)
  }
}

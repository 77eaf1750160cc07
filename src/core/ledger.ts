import type { LedgerSections } from './ledger-sections.ts'

/**
 * Causes of loss in a ledger.
 *
 * - `kernel`: dropped by the kernel before it could be read (a full socket buffer)
 * - `refused`: its sender is not admitted
 * - `overflow`: one of groundwire's bounded queues was full
 * - `oversize`: does not fit a datagram, or is over the largest message allowed
 * - `malformed`: not two frames, or a topic that is not UTF-8
 * - `undeliverable`: a payload without bytes to send, or a destination that refused it or could not be reached
 * - `failed`: `process` threw
 * - `bus`: known to be published, never arrived here
 */
export const LOSS_CAUSES = [
  'kernel',
  'refused',
  'overflow',
  'oversize',
  'malformed',
  'undeliverable',
  'failed',
  'bus',
] as const
/** Cause of a loss: one of {@link LOSS_CAUSES}. */
export type LossCause = (typeof LOSS_CAUSES)[number]

/** One or more messages that were lost or could not be handled. */
export interface Loss {
  readonly cause: LossCause
  /** The fault, in a few words that go on after the cause. */
  readonly reason: string
  /** The number of messages. Default 1. */
  readonly messages?: number
  /** The error that `process` threw, if that is the cause. */
  readonly error?: unknown
}

/** Messages that were published while no subscriber had asked for their topic. */
export interface Unheard {
  readonly topic: string
  readonly messages: number
  /** True if a subscriber had asked for the topic earlier but no longer does. */
  readonly heardBefore: boolean
}

/**
 * A number of messages, and the bytes of their payloads. `payloadSize` defines these for a role that handles undecoded
 * frames.
 */
export interface Tally {
  messages: number
  bytes: number
}

/** A ledger as plain data, and so as JSON. Times are ISO 8601 in UTC. */
export interface LedgerRecord extends Partial<LedgerSections> {
  command: string
  started: string
  stopped: string | null
  received: Tally
  /** Messages that the role's `process` handled without an error. Omitted if the role has no `process`. */
  processed?: number
  /** Messages that the role published, each now `sent`, `unheard` or lost. Omitted together with `processed`. */
  published?: number
  sent: Tally
  unheard: number
  /** Messages left out at the user's request. */
  filtered: number
  /**
   * Lost messages by cause. `kernel` is null if the system doesn't report it. `bus` is null if no loss is known but
   * some are possible (see `accounting`).
   */
  lost: Record<Exclude<LossCause, 'kernel' | 'bus'>, number> & { kernel: number | null; bus: number | null }
  topics: Record<string, Tally>
  /** Sections of a user's own roles. */
  [section: string]: unknown
}

/** Reason of loss for a message that was received but not handled when its role closed. */
export const LEFT_IN_HAND = 'still in hand when this role was closed'

/** Most topics with an account of their own. Further topics are summed under `(others)`. */
const MAX_TOPICS = 4096
const OTHERS = '(others)'

/**
 * The account that every role keeps: messages in, messages out, and each loss by its cause.
 *
 * A received message ends as `processed`, `filtered` (left out at the user's request) or lost. A published message ends
 * as `sent`, `unheard` or lost. So the books balance once a role has drained, whatever its `process` does with a
 * message:
 *
 *     received + published =
 *       processed + sent + filtered + unheard + refused + overflow + oversize + malformed + undeliverable + failed
 *
 * Messages lost to the `kernel` or on the `bus` were never received. A role without a `process` forwards its messages:
 * it counts neither `processed` nor `published`.
 */
export class Ledger {
  readonly command: string
  readonly started = new Date()
  stopped: Date | undefined
  readonly received: Tally = { messages: 0, bytes: 0 }
  readonly sent: Tally = { messages: 0, bytes: 0 }
  /** Messages that `process` handled without an error: it returned, or the promise that it returned was resolved. */
  processed = 0
  /** Accepted calls of `publish`, whatever became of the message. */
  published = 0
  /** Whether the role has a `process`. If not, the record omits `processed` and `published`. */
  hasProcess = false
  /** Messages published while no subscriber had asked for their topic. Not a loss. */
  unheard = 0
  /** Messages left out at the user's request: by a filter, or to thin out a flood. Not a loss. */
  filtered = 0
  /** False if the system doesn't report the kernel's drops. The record then says null. */
  kernelKnown = true
  /** Whether every message lost on the bus is counted. If not, and no loss is counted, the record says null. */
  isBusKnown: () => boolean = () => true
  readonly #lost = new Map<LossCause, number>(LOSS_CAUSES.map(cause => [cause, 0]))
  readonly #topics = new Map<string, Tally>()
  readonly #sections = new Map<string, () => unknown>()
  readonly #lossProbes: (() => number)[] = []

  constructor(command: string) {
    this.command = command
  }

  /** Returns the account of one topic. Callers keep it, because a lookup for every message is too slow. */
  topic(name: string): Tally {
    let tally = this.#topics.get(name)
    if (tally === undefined) {
      if (this.#topics.size >= MAX_TOPICS && name !== OTHERS) return this.topic(OTHERS)
      tally = { messages: 0, bytes: 0 }
      this.#topics.set(name, tally)
    }
    return tally
  }

  lose(cause: LossCause, messages = 1): void {
    this.#lost.set(cause, this.lost(cause) + messages)
  }

  /** Messages lost so far for one cause. */
  lost(cause: LossCause): number {
    return this.#lost.get(cause) ?? 0
  }

  /** Messages lost so far for any cause. */
  get totalLost(): number {
    let total = 0
    for (const messages of this.#lost.values()) total += messages
    return total
  }

  /** Messages still in hand: those received and published, less all accounted for. 0 once the role has drained. */
  get balance(): number {
    return (
      this.received.messages +
      this.published -
      this.processed -
      this.sent.messages -
      this.unheard -
      this.filtered -
      this.totalLost +
      this.lost('kernel') +
      this.lost('bus')
    )
  }

  /**
   * Adds a section to the record.
   * @param name one of {@link LedgerSections}, or a name of the caller's own
   * @param section called each time that the record is made
   * @param missing messages that this section knows to be missing, for {@link lossless}
   */
  addSection<Name extends string>(
    name: Name,
    section: () => Name extends keyof LedgerSections ? LedgerSections[Name] : unknown,
    missing?: () => number,
  ): void {
    this.#sections.set(name, section)
    if (missing !== undefined) this.#lossProbes.push(missing)
  }

  /** Whether no loss is known: neither to this role, nor to a section, such as that of CCSDS sequence counts. */
  get lossless(): boolean {
    return this.totalLost === 0 && this.#lossProbes.every(missing => missing() === 0)
  }

  toJSON(): LedgerRecord {
    const lost = Object.fromEntries(this.#lost) as LedgerRecord['lost']
    if (!this.kernelKnown) lost.kernel = null
    if (lost.bus === 0 && !this.isBusKnown()) lost.bus = null
    return {
      command: this.command,
      started: this.started.toISOString(),
      stopped: this.stopped?.toISOString() ?? null,
      received: { ...this.received },
      ...(this.hasProcess && { processed: this.processed, published: this.published }),
      sent: { ...this.sent },
      unheard: this.unheard,
      filtered: this.filtered,
      lost,
      topics: Object.fromEntries([...this.#topics].map(([name, tally]) => [name, { ...tally }])),
      ...Object.fromEntries([...this.#sections].map(([name, section]) => [name, section()])),
    }
  }
}

/** Adds one message to a tally. */
export function count(tally: Tally, bytes: number): void {
  tally.messages += 1
  tally.bytes += bytes
}

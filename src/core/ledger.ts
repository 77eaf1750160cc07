import type { LedgerSections } from './ledger-sections.ts'

/**
 * The causes of loss that a ledger tells apart.
 *
 * - `kernel`: dropped by the kernel before it could be read (a full socket buffer)
 * - `refused`: its sender is not admitted
 * - `overflow`: a bounded queue of ours was full
 * - `oversize`: does not fit a datagram, or is over the largest message allowed
 * - `malformed`: not two frames, or a topic that is not UTF-8
 * - `undeliverable`: a payload that has no bytes to send, or a destination that refused it or could not be reached
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
export type LossCause = (typeof LOSS_CAUSES)[number]

/** A message that was lost, or could not be handled. */
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
  /** Whether a subscriber had asked for the topic earlier, and does no more. */
  readonly heardBefore: boolean
}

/** Messages, and the bytes of their payloads: see `payloadSize` for what these are where a role takes the frame as such. */
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
  /** Messages that the role's `process` has handled without failing. Left out where a role has none. */
  processed?: number
  /** Messages that the role has published, whatever became of them: `sent`, `unheard` or a loss. Left out with `processed`. */
  published?: number
  sent: Tally
  unheard: number
  /** Messages that were left out as the user asked for. */
  filtered: number
  /**
   * Messages by cause. `kernel` is null where the system doesn't tell, and `bus` where none is known to be lost, and some may be
   * (see `accounting`).
   */
  lost: Record<Exclude<LossCause, 'kernel' | 'bus'>, number> & { kernel: number | null; bus: number | null }
  topics: Record<string, Tally>
  /** Sections of a user's own roles. */
  [section: string]: unknown
}

/** Why a message that came in, and was not handled, is lost when its role is closed. */
export const LEFT_IN_HAND = 'still in hand when this role was closed'

/** Topics that a ledger accounts for one by one; what comes under further topics is summed under `(others)`. */
const MAX_TOPICS = 4096
const OTHERS = '(others)'

/**
 * The account that every role keeps: what came in, what went out, and each loss by its cause.
 *
 * A received message ends in `processed`, is left out as the user asked for, or is lost; a published one ends in `sent`, in
 * `unheard`, or is lost. So the books balance once a role has drained, whatever its `process` does with a message:
 *
 * received + published =
 *   processed + sent + filtered + unheard + refused + overflow + oversize + malformed + undeliverable + failed
 *
 * Messages lost to the `kernel` or on the `bus` were never received. A role without a `process` hands on what it receives: it
 * counts neither `processed` nor `published`.
 */
export class Ledger {
  readonly command: string
  readonly started = new Date()
  stopped: Date | undefined
  readonly received: Tally = { messages: 0, bytes: 0 }
  readonly sent: Tally = { messages: 0, bytes: 0 }
  /** Messages that `process` has handled without failing: it returned, or the promise that it returned has resolved. */
  processed = 0
  /** Calls of `publish` that were taken, whatever became of the message. */
  published = 0
  /** Whether its role has a `process`; where it has none, the record leaves `processed` and `published` out. */
  hasProcess = false
  /** Published while no subscriber had asked for the topic: not a loss. */
  unheard = 0
  /** Left out as the user asked for, by a filter or to thin a flood out: not a loss. */
  filtered = 0
  /** False where the system doesn't tell what its kernel dropped; the record then says null. */
  kernelKnown = true
  /** Whether all messages that were lost on the bus are counted; where none is and this is false, the record says null. */
  isBusKnown: () => boolean = () => true
  readonly #lost = new Map<LossCause, number>(LOSS_CAUSES.map(cause => [cause, 0]))
  readonly #topics = new Map<string, Tally>()
  readonly #sections = new Map<string, () => unknown>()
  readonly #lossProbes: (() => number)[] = []

  constructor(command: string) {
    this.command = command
  }

  /** The account of one topic, to be kept by the caller: looking it up is not for every message. */
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

  /** Messages lost by one cause so far. */
  lost(cause: LossCause): number {
    return this.#lost.get(cause) ?? 0
  }

  /** Messages lost by any cause. */
  get totalLost(): number {
    let total = 0
    for (const messages of this.#lost.values()) total += messages
    return total
  }

  /** Received and published, less all that is accounted for: what is still in hand; 0 once the role has drained. */
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

/** Adds one message of so many bytes to a tally. */
export function count(tally: Tally, bytes: number): void {
  tally.messages += 1
  tally.bytes += bytes
}

import type { SequenceEvent, SequenceLedger, SequenceTotals } from '../ccsds/sequence-event.ts'
import { SequenceAccount } from '../ccsds/sequence.ts'
import { apidOf, isSpacePacket, packetLengthOf } from '../ccsds/space-packet.ts'
import type { TopicSequencesLedger } from '../ledger-sections.ts'
import type { TappedMessage } from './message.ts'

/** Topics whose packets are followed, so that a bus of ever new topics can't fill memory. */
const MAX_TOPICS = 1024

/**
 * Follows the sequence counts of each topic for itself: the same packets may pass under several topics, and are then no
 * duplicates.
 */
export class TopicSequences {
  readonly #accounts = new Map<string, SequenceAccount>()
  readonly #apids: ReadonlySet<number> | undefined
  #notCcsds = 0
  #notFollowed = 0

  /** @param apids those to follow; by default all */
  constructor(apids: readonly number[] = []) {
    this.#apids = apids.length === 0 ? undefined : new Set(apids)
  }

  /** Takes a message in. @returns the fault of its sequence count, if it is a space packet and has one */
  observe({ topic, packet }: TappedMessage): SequenceEvent | undefined {
    if (packet === undefined || !isSpacePacket(packet) || packetLengthOf(packet) !== packet.length) {
      this.#notCcsds += 1
      return undefined
    }
    if (this.#apids !== undefined && !this.#apids.has(apidOf(packet))) return undefined
    let account = this.#accounts.get(topic)
    if (account === undefined) {
      if (this.#accounts.size >= MAX_TOPICS) {
        this.#notFollowed += 1
        return undefined
      }
      account = new SequenceAccount()
      this.#accounts.set(topic, account)
    }
    return account.observe(packet)
  }

  /** The figures of one topic. Undefined if no space packet has passed under it. */
  of(topic: string): SequenceLedger | undefined {
    return this.#accounts.get(topic)?.toJSON()
  }

  toJSON(): TopicSequencesLedger {
    const topics = [...this.#accounts].map(([name, account]) => [name, account.toJSON()] as const)
    const sum = { ...nothing(), notCcsds: this.#notCcsds, idle: 0 }
    const apids: Record<string, Totals> = {}
    for (const [, ledger] of topics) {
      add(sum, ledger)
      sum.idle += ledger.idle
      for (const [apid, totals] of Object.entries(ledger.apids)) add((apids[apid] ??= nothing()), totals)
    }
    return { ...sum, apids, topics: Object.fromEntries(topics), notFollowed: this.#notFollowed }
  }
}

type Totals = { -readonly [K in keyof SequenceTotals]: number }

function nothing(): Totals {
  return { packets: 0, gaps: 0, missing: 0, duplicates: 0, outOfOrder: 0, restarts: 0 }
}

function add(sum: Totals, totals: SequenceTotals): void {
  for (const name of Object.keys(nothing()) as (keyof SequenceTotals)[]) sum[name] += totals[name]
}

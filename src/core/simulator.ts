import { setImmediate as nextTurn } from 'node:timers/promises'
import { TelemetrySource, type TelemetrySourceOptions } from './ccsds/telemetry-source.ts'
import { now } from './clock.ts'
import type { WaitOptions } from './condition.ts'
import { type AddressInput, checkFunction, checkWhole, destination, refuse } from './check.ts'
import { GroundwireError } from './errors.ts'
import { count, type Ledger } from './ledger.ts'
import { RatePacer } from './pacing/rate-pacer.ts'
import { type BaseEvents, LOSE, PARTS, Role, STATE, WHILE_OPEN } from './role.ts'
import { DatagramOutput, faultText } from './udp/datagram-output.ts'
import { untilQuiet } from './until-quiet.ts'

/** Packets that are sent in one turn of the event loop. */
const MESSAGES_PER_TURN = 256

/** Options of a {@link Simulator}: its destination, its rate, and the telemetry that it sends. */
export interface SimulatorOptions extends Omit<TelemetrySourceOptions, 'count'> {
  /** The destination of the packets. */
  readonly to: AddressInput
  /** Packets per second; Infinity for as fast as possible. */
  readonly rate: number
  /** The number of packets to send. Default: without end. */
  readonly count?: number | undefined
  readonly ledger?: Ledger
  /** Called with every packet sent. */
  readonly onPacket?: (packet: Buffer) => void
}

/**
 * A simulated instrument: sends CCSDS telemetry packets at an even rate, one per UDP datagram. Its ledger counts the
 * packets it generated as `received`.
 */
export class Simulator extends Role<BaseEvents> {
  readonly #options: SimulatorOptions
  readonly #source: TelemetrySource
  readonly #output: DatagramOutput

  /** @throws {UsageError} for a destination, a rate, a count, an APID or a size that is not of its form */
  constructor(options: SimulatorOptions) {
    super('simulate', options.ledger)
    this.#options = options
    const { to, rate, count: packets, onPacket } = options
    if (typeof rate !== 'number' || !(rate > 0)) refuse('rate', rate, 'a number of packets a second')
    checkWhole('count', packets, 1)
    if (onPacket !== undefined) checkFunction('onPacket', onPacket)
    this.#source = new TelemetrySource({ apid: options.apid, size: options.size })
    this.#output = new DatagramOutput(destination('to', to), (_output, fault, size) => {
      this.ledger.sent.messages -= 1
      this.ledger.sent.bytes -= size
      const cause = fault === 'oversize' || fault === 'overflow' ? fault : 'undeliverable'
      this[LOSE](cause, faultText(this.#output, fault))
    })
    this[PARTS].push({
      open: () => this.#output.open(),
      flush: () => untilQuiet(() => this.#output.undeliverable),
      close: () => this.#output.close(),
    })
  }

  /**
   * Sends until the count is reached, the signal aborts, or the role is drained.
   * @throws {GroundwireError} NOT_STARTED; CLOSED, also if the role is closed meanwhile
   */
  async run({ signal }: WaitOptions = {}): Promise<void> {
    if (signal?.aborted) return
    if (this[STATE] === 'new' || this[STATE] === 'starting')
      throw new GroundwireError('NOT_STARTED', `${this.name} has not been started, so it can't send`)
    await this[WHILE_OPEN](wait => this.#run(wait), { signal })
  }

  async #run({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    const pacer = new RatePacer(this.#options.rate)
    let left = this.#options.count ?? Number.POSITIVE_INFINITY
    for (let inTurn = 0; left > 0; left--) {
      const due = pacer.next(undefined, { signal })
      if (due !== undefined) await due.catch(() => {})
      inTurn = due === undefined ? inTurn + 1 : 1
      // After a stall many are due at once; the loop must turn for what comes back.
      if (inTurn > MESSAGES_PER_TURN) {
        await nextTurn()
        inTurn = 1
      }
      if (signal.aborted || this[STATE] !== 'started') return
      this.#send()
    }
  }

  #send(): void {
    const packet = this.#source.next(now())
    count(this.ledger.received, packet.length)
    count(this.ledger.sent, packet.length)
    this.#output.send(packet)
    this.#options.onPacket?.(packet)
  }
}

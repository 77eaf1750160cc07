import { EventEmitter } from 'node:events'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { TelemetrySource, type TelemetrySourceOptions } from './ccsds/telemetry-source.ts'
import { now } from './clock.ts'
import type { WaitOptions } from './condition.ts'
import type { Endpoint } from './endpoint.ts'
import { count, Ledger, type Loss } from './ledger.ts'
import { Pacer } from './pacer.ts'
import { DatagramOutput, faultText } from './udp/datagram-output.ts'
import { untilQuiet } from './until-quiet.ts'

/** Packets that are sent in one turn of the event loop. */
const MESSAGES_PER_TURN = 256

export interface SimulatorOptions extends Omit<TelemetrySourceOptions, 'count'> {
  /** Where the packets go. */
  readonly to: Endpoint
  /** Packets a second; infinite for as fast as it goes. */
  readonly rate: number
  /** How many packets to send. Default: without end. */
  readonly count?: number | undefined
  readonly ledger?: Ledger
  /** Called with every packet that was sent. */
  readonly onPacket?: (packet: Buffer) => void
}

/**
 * An instrument to try things with: sends CCSDS telemetry packets as UDP datagrams, one each, at an even rate. In its
 * ledger, `received` is what it has made.
 */
export class Simulator extends EventEmitter<{ loss: [Loss] }> {
  readonly ledger: Ledger
  readonly #options: SimulatorOptions
  readonly #source: TelemetrySource
  readonly #output: DatagramOutput

  /** @throws {UsageError} for an APID or a size out of its range */
  constructor(options: SimulatorOptions) {
    super()
    this.#options = options
    this.ledger = options.ledger ?? new Ledger('simulate')
    this.#source = new TelemetrySource({ apid: options.apid, size: options.size })
    this.#output = new DatagramOutput(options.to, (_output, fault, size) => {
      this.ledger.sent.messages -= 1
      this.ledger.sent.bytes -= size
      const cause = fault === 'oversize' || fault === 'overflow' ? fault : 'undeliverable'
      this.ledger.lose(cause)
      this.emit('loss', { cause, reason: faultText(this.#output, fault) })
    })
  }

  /** @throws {GroundwireError} when the destination's host can't be found */
  async start(): Promise<void> {
    await this.#output.open()
  }

  /** Sends until the count is reached or the signal aborts. */
  async run({ signal }: WaitOptions = {}): Promise<void> {
    const pacer = new Pacer(this.#options.rate)
    let left = this.#options.count ?? Number.POSITIVE_INFINITY
    while (left > 0) {
      if (signal?.aborted) return
      const due = await pacer.next({ signal }).catch(() => 0)
      for (let i = 1; i <= due && left > 0; i++, left--) {
        this.#send()
        // After a stall many are due at once; the loop must turn for what comes back.
        if (i % MESSAGES_PER_TURN === 0) await nextTurn()
      }
    }
  }

  async drain(): Promise<void> {
    await untilQuiet(() => this.#output.undeliverable)
  }

  async close(): Promise<void> {
    this.#output.close()
    this.ledger.stopped ??= new Date()
  }

  #send(): void {
    const packet = this.#source.next(now())
    count(this.ledger.received, packet.length)
    count(this.ledger.sent, packet.length)
    this.#output.send(packet)
    this.#options.onPacket?.(packet)
  }
}

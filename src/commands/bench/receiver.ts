import { createSocket, type Socket } from 'node:dgram'
import { LatencyHistogram } from './latency-histogram.ts'
import { PROBE_TRIAL, sentMsOf, sequenceOf, type SharedClock, trialOf } from './load-datagram.ts'
import type { ReceiveReport } from './worker-messages.ts'

/** Receive buffer to ask the kernel for, in bytes. It is large, as the receiver itself must lose nothing. */
const RECEIVE_BUFFER = 4 * 1024 * 1024

/** Receives the datagrams of trials, and reports their number, order and latency. */
export class Receiver {
  readonly #clock: SharedClock
  readonly #latency = new LatencyHistogram()
  #socket: Socket | undefined
  #trial = PROBE_TRIAL
  #received = 0
  #others = 0
  #next = 0
  #disordered = 0
  #lastGapMs: number | null = null

  constructor(clock: SharedClock) {
    this.#clock = clock
  }

  /** @returns its port on 127.0.0.1 */
  async open(): Promise<number> {
    const socket = createSocket({ type: 'udp4', recvBufferSize: RECEIVE_BUFFER })
    this.#socket = socket
    socket.on('message', datagram => this.#take(datagram))
    await new Promise<void>((ready, reject) => {
      socket.once('error', reject)
      socket.bind(0, '127.0.0.1', ready)
    })
    return socket.address().port
  }

  /** Starts counting the datagrams of this trial, and ignores all others. */
  expect(trial: number): void {
    this.#trial = trial
    this.#received = 0
    this.#others = 0
    this.#next = 0
    this.#disordered = 0
    this.#lastGapMs = null
    this.#latency.reset()
  }

  report(): Omit<ReceiveReport, 'cpuMs'> {
    return {
      received: this.#received,
      others: this.#others,
      disordered: this.#disordered,
      lastGapMs: this.#lastGapMs,
      latency: this.#latency.figures(),
    }
  }

  close(): void {
    this.#socket?.close()
  }

  #take(datagram: Buffer): void {
    if (trialOf(datagram) !== this.#trial) {
      this.#others += 1
      return
    }
    const sentMs = sentMsOf(datagram)
    this.#latency.record((this.#clock() - sentMs) * 1e6)
    this.#received += 1
    const sequence = sequenceOf(datagram)
    if (sequence < this.#next) {
      this.#disordered += 1
      return
    }
    if (sequence > this.#next) this.#lastGapMs = sentMs
    this.#next = sequence + 1
  }
}

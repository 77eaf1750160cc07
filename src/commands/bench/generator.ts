import { createSocket, type Socket } from 'node:dgram'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { type SharedClock, writeLoadHeader } from './load-datagram.ts'
import type { SendReport, SendRequest } from './worker-messages.ts'

/** Datagrams sent between two looks at the clock. */
const BATCH = 32
/** Shortest rest, in ms. Datagrams due in it go out together, as shorter rests would cost more than sending. */
const REST_MS = 0.2
/** Longest delay that a generator makes up for, in ms. After a longer one it skips the late datagrams, to avoid a burst. */
const LATE_MS = 10
/** A trial ends after this multiple of its planned time. */
const PATIENCE = 1.5
/** Datagrams with a buffer of their own, in case the system does not take them at once. */
const RING = 64

/** Sends the datagrams of trials at even rates. It blocks its process meanwhile, so it has one of its own. */
export class Generator {
  readonly #clock: SharedClock
  readonly #sleeper = new Int32Array(new SharedArrayBuffer(4))
  #socket: Socket | undefined
  #port = 0

  constructor(clock: SharedClock) {
    this.#clock = clock
  }

  async send({ trial, port, size, phases }: SendRequest): Promise<Omit<SendReport, 'cpuMs'>> {
    const socket = await this.#connect(port)
    const ring = Array.from({ length: RING }, () => Buffer.alloc(size, 0x5a))
    const times: number[] = []
    let sent = 0
    for (const { rate, messages } of phases) {
      times.push(this.#clock())
      sent += this.#sendPhase(socket, ring, trial, sent, rate ?? Number.POSITIVE_INFINITY, messages)
    }
    times.push(this.#clock())
    while (socket.getSendQueueCount() > 0) await nextTurn()
    return { sent, times }
  }

  close(): void {
    this.#socket?.close()
  }

  async #connect(port: number): Promise<Socket> {
    if (this.#socket !== undefined && this.#port === port) return this.#socket
    this.#socket?.close()
    const socket = createSocket('udp4')
    // A refusal is a loss like any other: the receiver counts it.
    socket.on('error', () => {})
    await new Promise<void>(ready => socket.connect(port, '127.0.0.1', ready))
    this.#socket = socket
    this.#port = port
    return socket
  }

  #sendPhase(
    socket: Socket,
    ring: readonly Buffer[],
    trial: number,
    first: number,
    rate: number,
    messages: number,
  ): number {
    const perMs = rate / 1000
    let start = this.#clock()
    const giveUp = start + (messages / perMs) * PATIENCE
    let sent = 0
    while (sent < messages) {
      const now = this.#clock()
      if (now > giveUp && perMs !== Number.POSITIVE_INFINITY) break
      const lateMs = now - start - sent / perMs
      if (lateMs > LATE_MS && perMs !== Number.POSITIVE_INFINITY) start += lateMs
      const due =
        perMs === Number.POSITIVE_INFINITY ? BATCH : Math.floor((this.#clock() - start) * perMs) + 1 - sent
      if (due <= 0) {
        Atomics.wait(this.#sleeper, 0, 0, Math.max(REST_MS, start + sent / perMs - now))
        continue
      }
      for (let left = Math.min(due, BATCH, messages - sent); left > 0; left--) {
        const sequence = first + sent
        const datagram = ring[sequence % RING] as Buffer
        writeLoadHeader(datagram, trial, sequence, this.#clock())
        socket.send(datagram)
        sent += 1
      }
    }
    return sent
  }
}

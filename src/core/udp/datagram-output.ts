import type { Socket } from 'node:dgram'
import { type Endpoint, formatEndpoint } from '../endpoint.ts'
import { connectTo } from './udp-socket.ts'

/** The largest payload of a UDP datagram over IPv4, in bytes: 65,535 less the headers (RFC 768, RFC 791). */
export const MAX_DATAGRAM = 65_507

/** What may wait for the network at one destination, in bytes, before further datagrams are dropped. */
const MAX_WAITING = 8 * 1024 * 1024

/** Why a datagram did not go: `refused` is the other side's word, about an earlier one that had been counted as sent. */
export type DatagramFault = 'refused' | 'oversize' | 'overflow' | 'unreachable'

/** One destination of datagrams, and its account. */
export class DatagramOutput {
  readonly destination: string
  /** Datagrams that the system took and nobody is known to have refused. */
  sent = 0
  /** Datagrams that did not go, or that were refused. */
  undeliverable = 0
  readonly #endpoint: Endpoint
  readonly #onFault: (output: DatagramOutput, fault: DatagramFault, size: number) => void
  #socket: Socket | undefined
  /** Datagrams whose outcome is not known yet, oldest first: outcomes come in the order of the sends. */
  #inFlight: Uint8Array[] = []
  /** Their bytes. Most have gone already: outcomes are told only when the event loop turns. */
  #unconfirmed = 0
  #lastSize = 0

  /** `onFault` is told of each datagram that did not go, and of how many bytes it had. */
  constructor(
    endpoint: Endpoint,
    onFault: (output: DatagramOutput, fault: DatagramFault, size: number) => void,
  ) {
    this.#endpoint = endpoint
    this.destination = formatEndpoint(endpoint)
    this.#onFault = onFault
  }

  /** @throws {GroundwireError} when the host can't be found, or there is no way to it */
  async open(): Promise<void> {
    const socket = await connectTo(this.#endpoint)
    // A refusal that is read before the next send arrives here; one that is not, with that send.
    socket.on('error', () => this.#refused())
    this.#socket = socket
  }

  /** Sends one datagram. Never waits and never throws. */
  send(bytes: Uint8Array): void {
    if (this.#socket === undefined || (this.#unconfirmed > MAX_WAITING && this.#isBackedUp(this.#socket))) {
      this.#fault('overflow', bytes.length)
      return
    }
    this.sent += 1
    this.#transmit(bytes)
  }

  /** Whether every datagram's outcome is known. */
  get settled(): boolean {
    return this.#inFlight.length === 0
  }

  close(): void {
    this.#socket?.close()
    this.#socket = undefined
  }

  /** Whether the system really has no room for more, and Node is holding datagrams back. */
  #isBackedUp(socket: Socket): boolean {
    return socket.getSendQueueSize() > MAX_WAITING
  }

  #transmit(bytes: Uint8Array): void {
    this.#inFlight.push(bytes)
    this.#unconfirmed += bytes.length
    this.#socket?.send(bytes, this.#onOutcome)
  }

  readonly #onOutcome = (error: Error | null): void => {
    const bytes = this.#inFlight.shift()
    if (bytes === undefined) return
    this.#unconfirmed -= bytes.length
    if (error === null) {
      this.#lastSize = bytes.length
      return
    }
    switch ((error as NodeJS.ErrnoException).code) {
      case 'ECONNREFUSED':
        // The kernel reports here that an earlier datagram was refused, and has not sent this one: it goes again.
        this.#refused()
        if (this.#socket !== undefined) this.#transmit(bytes)
        break
      case 'EMSGSIZE':
        this.sent -= 1
        this.#fault('oversize', bytes.length)
        break
      case 'ENOBUFS':
        this.sent -= 1
        this.#fault('overflow', bytes.length)
        break
      default:
        this.sent -= 1
        this.#fault('unreachable', bytes.length)
    }
  }

  #refused(): void {
    if (this.sent === 0) return
    this.sent -= 1
    this.#fault('refused', this.#lastSize)
  }

  #fault(fault: DatagramFault, size: number): void {
    this.undeliverable += 1
    this.#onFault(this, fault, size)
  }
}

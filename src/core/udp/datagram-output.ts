import type { Socket } from 'node:dgram'
import { Condition } from '../condition.ts'
import { type Endpoint, formatEndpoint } from '../endpoint.ts'
import { connectTo, hasNoRoute, resolveHost } from './udp-socket.ts'

/** Largest payload of a UDP datagram over IPv4, in bytes: 65,535 less the headers (RFC 768, RFC 791). */
export const MAX_DATAGRAM = 65_507

/** Send-queue limit of one destination, in bytes. Datagrams beyond it are dropped. */
const MAX_WAITING = 8 * 1024 * 1024

/** Shares of that from which {@link DatagramOutput.room} waits, and down to which. */
const FULL = 1 / 2
const ROOM = 1 / 4

/** Delay before a missing route is tried again, in ms. */
const RETRY_MS = 250

/** Why a datagram did not go. The other side sends `refused` for an earlier datagram, one already counted as sent. */
export type DatagramFault = keyof typeof FAULTS

const FAULTS = {
  refused: 'refused it: nobody listens there',
  unreachable: 'cannot be reached',
  'no-route': 'cannot be reached (no route)',
  oversize: 'is reached by smaller datagrams only',
  overflow: 'does not take datagrams as fast as they come',
} as const

/** Describes a fault of a destination: `UDP 10.0.0.5:3077 cannot be reached (no route)`. */
export function faultText({ destination }: DatagramOutput, fault: DatagramFault): string {
  return `UDP ${destination} ${FAULTS[fault]}`
}

/** One destination of datagrams, with its counts. */
export class DatagramOutput {
  readonly destination: string
  /** Datagrams that the system took and that were not refused, as far as is known. */
  sent = 0
  /** Datagrams that were not sent, or that were refused. */
  undeliverable = 0
  readonly #endpoint: Endpoint
  readonly #onFault: (output: DatagramOutput, fault: DatagramFault, size: number) => void
  #address = { host: '', family: 4 }
  /** Undefined without a route, and after closing. */
  #socket: Socket | undefined
  #retryTimer: NodeJS.Timeout | undefined
  #closed = false
  /** Datagrams without an outcome so far, oldest first. Outcomes arrive in the order of the sends. */
  #inFlight: Uint8Array[] = []
  /** Bytes of `#inFlight`. Most have left already: outcomes arrive only when the event loop turns. */
  #unconfirmed = 0
  #lastSize = 0
  readonly #condition = new Condition()

  /** @param onFault called for each datagram that was not delivered, with its size in bytes */
  constructor(
    endpoint: Endpoint,
    onFault: (output: DatagramOutput, fault: DatagramFault, size: number) => void,
  ) {
    this.#endpoint = endpoint
    this.destination = formatEndpoint(endpoint)
    this.#onFault = onFault
  }

  /**
   * Opens the output. Without a route, it keeps looking for one, and datagrams sent until then are undeliverable.
   * @throws {GroundwireError} NAME_NOT_FOUND, IO
   */
  async open(): Promise<void> {
    const { address, family } = await resolveHost(this.#endpoint.host)
    this.#address = { host: address, family }
    await this.#connect()
  }

  /** Sends one datagram. Never waits and never throws. */
  send(bytes: Uint8Array): void {
    if (this.#socket === undefined) {
      this.#fault(this.#closed ? 'overflow' : 'no-route', bytes.length)
      return
    }
    if (this.#unconfirmed > MAX_WAITING && this.#isBackedUp(this.#socket)) {
      this.#fault('overflow', bytes.length)
      return
    }
    this.sent += 1
    this.#transmit(bytes)
  }

  /**
   * @returns a promise that resolves once the system has taken most of what waits for it, or the output is closed; undefined while
   *   less than half of the queue is full
   */
  room(): Promise<void> | undefined {
    if (this.#unconfirmed < FULL * MAX_WAITING || this.#closed) return undefined
    return this.#condition.until(() => this.#unconfirmed <= ROOM * MAX_WAITING || this.#closed)
  }

  /** Whether the outcome of every datagram is known. */
  get settled(): boolean {
    return this.#inFlight.length === 0
  }

  close(): void {
    this.#closed = true
    this.#condition.notify()
    clearTimeout(this.#retryTimer)
    this.#socket?.close()
    this.#socket = undefined
  }

  async #connect(): Promise<void> {
    const { host, family } = this.#address
    const socket = await connectTo({ host, port: this.#endpoint.port }, family)
    if (this.#closed) {
      socket?.close()
      return
    }
    // A refusal that is read before the next send arrives here; a later one is reported by that send.
    socket?.on('error', () => this.#refused())
    this.#socket = socket
    if (socket === undefined) this.#connectLater()
  }

  /** Looks for a route again, even if nothing is sent. */
  #connectLater(): void {
    this.#retryTimer = setTimeout(() => {
      this.#connect().catch(() => this.#connectLater())
    }, RETRY_MS)
  }

  /** Drops a socket that has lost its route: the address it sends from may be gone too. */
  #loseRoute(): void {
    if (this.#socket === undefined) return
    this.#socket.close()
    this.#socket = undefined
    this.#connectLater()
  }

  /** Whether the system really has no room, so that Node holds datagrams back. */
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
    this.#condition.notify()
    if (error === null) {
      this.#lastSize = bytes.length
      return
    }
    switch ((error as NodeJS.ErrnoException).code) {
      case 'ECONNREFUSED':
        // The kernel reports an earlier datagram's refusal here, and has not sent this one. Send it again.
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
        this.#fault(hasNoRoute(error) ? 'no-route' : 'unreachable', bytes.length)
        // EINVAL: this host no longer has the address that the socket sends from.
        if (hasNoRoute(error) || (error as NodeJS.ErrnoException).code === 'EINVAL') this.#loseRoute()
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

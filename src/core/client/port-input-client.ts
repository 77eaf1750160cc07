import type { RemoteInfo, Socket } from 'node:dgram'
import type { WaitOptions } from '../condition.ts'
import type { Endpoint } from '../endpoint.ts'
import { count, LEFT_IN_HAND } from '../ledger.ts'
import { LOSE, PARTS } from '../role.ts'
import { KernelDrops } from '../udp/kernel-drops.ts'
import { listenOn, receiveBufferOf } from '../udp/udp-socket.ts'
import { untilQuiet } from '../until-quiet.ts'
import { type AddressInput, checkWhole, listenAddress } from '../check.ts'
import { Handling } from './handling.ts'
import { FAIL, ZMQClient, type ZMQClientOptions } from './zmq-client.ts'

/** Options of a {@link PortInputClient}: its UDP port and buffer, and those of the bus. */
export interface PortInputClientOptions extends ZMQClientOptions {
  /**
   * Where to listen: a port on 127.0.0.1, `HOST:PORT` or an endpoint; or a list of one of these, as in AIT. Port 0 asks for a
   * free one.
   */
  readonly input: AddressInput | readonly AddressInput[]
  /** The receive buffer to ask the kernel for, in bytes. Default 4 MiB: 3,640 datagrams of 1,400 bytes. */
  readonly receiveBuffer?: number
}

/** The receive buffer unless another is asked for, in bytes. */
const DEFAULT_RECEIVE_BUFFER = 4 * 1024 * 1024
/** Interval at which the kernel is asked what it has dropped, in ms. */
const KERNEL_INTERVAL_MS = 1_000

/**
 * A client that listens on UDP: AIT's `PortInputClient`. `handle(packet, address)` is called with every datagram, and
 * calls `process(packet)` unless it is overridden. Where that returns a promise, the next datagram does not wait for it. An
 * error is counted (`failed`), and the role goes on. Datagrams that the kernel drops because the receive buffer is full are
 * counted too (`kernel`), where the system tells (Linux).
 */
export class PortInputClient extends ZMQClient {
  readonly #input: Endpoint
  /** Bytes of the receive buffer: what was asked for and, once it has started, what the kernel gave. */
  readonly receiveBuffer: { readonly asked: number; granted: number | undefined }
  #address: Endpoint
  #socket: Socket | undefined
  /** Settles once the port is given back. */
  #stopped: Promise<void> | undefined
  #kernelDrops: KernelDrops | undefined
  #kernelTimer: NodeJS.Timeout | undefined
  readonly #handling: Handling<Buffer, RemoteInfo>

  /** @throws {UsageError} for an option that is not of its form */
  constructor(options: PortInputClientOptions) {
    super(options)
    this.#input = listenAddress('input', options?.input)
    checkWhole('receiveBuffer', options.receiveBuffer, 1)
    this.#address = this.#input
    this.receiveBuffer = { asked: options.receiveBuffer ?? DEFAULT_RECEIVE_BUFFER, granted: undefined }
    this.#handling = new Handling<Buffer, RemoteInfo>(
      this.ledger,
      (packet, from) => this.handle(packet, from),
      {
        onFailed: error => this[FAIL](error),
        onLeft: messages => this[LOSE]('undeliverable', LEFT_IN_HAND, { messages }),
      },
    )
    // The port first: whether it is to be had is known before anybody is connected to.
    this[PARTS].unshift({
      open: () => this.#listen(),
      settle: wait => this.#settle(wait),
      close: () => this.#close(),
    })
  }

  /** Where it really listens: known once it has started. */
  get address(): Endpoint {
    return this.#address
  }

  /** Called with every datagram and the address it came from. */
  handle(packet: Buffer, _address: RemoteInfo): unknown {
    return this.process(packet)
  }

  /**
   * Called with every datagram. The default throws, as AIT's does.
   * @throws {NotImplementedError} always
   */
  override process(packet: Buffer, topic?: string): unknown {
    return super.process(packet, topic)
  }

  async #listen(): Promise<void> {
    const socket = await listenOn(this.#input, this.receiveBuffer.asked)
    this.#socket = socket
    const { address: host, port } = socket.address()
    this.#address = { host, port }
    this.receiveBuffer.granted = receiveBufferOf(socket)
    await this.#watchKernel(socket)
    socket.on('message', (packet, from) => {
      count(this.ledger.received, packet.length)
      void this.#handling.hand(packet, from)
    })
    // An error of a listening socket is the answer to nothing that was sent, so no message is lost by it.
    socket.on('error', () => {})
  }

  /** Takes in what the kernel holds already, and nothing more. */
  async #settle(wait: WaitOptions): Promise<void> {
    this.#handling.end()
    await untilQuiet(() => this.ledger.received.messages)
    await this.#stopListening()
    await this.#handling.settle(wait)
  }

  async #close(): Promise<void> {
    this.#handling.close()
    await this.#stopListening()
  }

  async #watchKernel(socket: Socket): Promise<void> {
    const { port, family } = socket.address()
    this.#kernelDrops = await KernelDrops.of(port, family === 'IPv6' ? 6 : 4)
    this.ledger.kernelKnown = this.#kernelDrops !== undefined
    this.#kernelTimer = setInterval(() => void this.#countKernelDrops(), KERNEL_INTERVAL_MS).unref()
  }

  async #countKernelDrops(): Promise<void> {
    const messages = (await this.#kernelDrops?.take()) ?? 0
    if (messages === 0) return
    this[LOSE]('kernel', `the receive buffer of ${this.receiveBuffer.granted} bytes was full`, { messages })
  }

  async #stopListening(): Promise<void> {
    const socket = this.#socket
    this.#socket = undefined
    if (socket !== undefined) this.#stopped = this.#stop(socket)
    await this.#stopped
  }

  async #stop(socket: Socket): Promise<void> {
    clearInterval(this.#kernelTimer)
    await this.#countKernelDrops()
    this.#kernelDrops?.close()
    socket.close()
  }
}

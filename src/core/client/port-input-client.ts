import type { RemoteInfo, Socket } from 'node:dgram'
import { Condition, type WaitOptions } from '../condition.ts'
import { type Endpoint, parseListenAddress } from '../endpoint.ts'
import { KernelDrops } from '../udp/kernel-drops.ts'
import { listenOn, receiveBufferOf } from '../udp/udp-socket.ts'
import { untilQuiet } from '../until-quiet.ts'
import { type CloseOptions, ZMQClient, type ZMQClientOptions } from './zmq-client.ts'

export interface PortInputClientOptions extends ZMQClientOptions {
  /** Where to listen: a port on 127.0.0.1, as in AIT, or an endpoint. Port 0 asks for a free one. */
  readonly input: number | Endpoint
  /** The receive buffer to ask the kernel for, in bytes. Default 4 MiB: 3,640 datagrams of 1,400 bytes. */
  readonly receiveBuffer?: number
}

/** The receive buffer unless another is asked for, in bytes. */
const DEFAULT_RECEIVE_BUFFER = 4 * 1024 * 1024
/** How often the kernel is asked what it has dropped, in ms. */
const KERNEL_INTERVAL_MS = 1_000

/**
 * A client that listens on UDP: AIT's `PortInputClient`. `handle(packet, address)` is called with every datagram, and
 * calls `process(packet)` unless it is overridden. An error of either is counted (`failed`), and the role goes on. What
 * the kernel drops because the receive buffer is full is counted too (`kernel`), where the system tells (Linux).
 */
export class PortInputClient extends ZMQClient {
  readonly #input: Endpoint
  /** Bytes of the receive buffer: what was asked for and, once it has started, what the kernel gave. */
  readonly receiveBuffer: { readonly asked: number; granted: number | undefined }
  #address: Endpoint
  #socket: Socket | undefined
  #kernelDrops: KernelDrops | undefined
  #kernelTimer: NodeJS.Timeout | undefined
  /** Datagrams whose handler has not settled. */
  #inHand = 0
  readonly #condition = new Condition()

  constructor(options: PortInputClientOptions) {
    super(options)
    this.#input =
      typeof options.input === 'number' ? parseListenAddress(String(options.input)) : options.input
    this.#address = this.#input
    this.receiveBuffer = { asked: options.receiveBuffer ?? DEFAULT_RECEIVE_BUFFER, granted: undefined }
  }

  /** Where it really listens: known once it has started. */
  get address(): Endpoint {
    return this.#address
  }

  override async start(): Promise<void> {
    const socket = await listenOn(this.#input, this.receiveBuffer.asked)
    this.#socket = socket
    const { address: host, port } = socket.address()
    this.#address = { host, port }
    this.receiveBuffer.granted = receiveBufferOf(socket)
    await this.#watchKernel(socket)
    socket.on('message', (packet, from) => this.#receive(packet, from))
    // An error of a listening socket is the answer to nothing that was sent, so no message is lost by it.
    socket.on('error', () => {})
    await super.start()
  }

  /** Called with every datagram and the address it came from. */
  handle(packet: Buffer, _address: RemoteInfo): void | Promise<void> {
    return this.process(packet)
  }

  /** Handles what the kernel holds already, takes nothing more in, and sees it out. */
  override async drain(options?: WaitOptions): Promise<void> {
    await untilQuiet(() => this.ledger.received.messages)
    await this.#stopListening()
    await this.#condition.until(() => this.#inHand === 0, options)
    await super.drain(options)
  }

  override async close(options?: CloseOptions): Promise<void> {
    await this.#stopListening()
    await super.close(options)
  }

  #receive(packet: Buffer, from: RemoteInfo): void {
    this.took(packet.length)
    try {
      const result = this.handle(packet, from)
      if (result !== undefined) void this.#seeOut(result)
    } catch (error) {
      this.failed(error)
    }
  }

  async #seeOut(handling: Promise<void>): Promise<void> {
    this.#inHand += 1
    await handling.catch((error: unknown) => this.failed(error))
    this.#inHand -= 1
    this.#condition.notify()
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
    this.ledger.lose('kernel', messages)
    const reason = `the receive buffer of ${this.receiveBuffer.granted} bytes was full`
    this.emit('loss', { cause: 'kernel', reason, messages })
  }

  async #stopListening(): Promise<void> {
    const socket = this.#socket
    if (socket === undefined) return
    this.#socket = undefined
    clearInterval(this.#kernelTimer)
    await this.#countKernelDrops()
    this.#kernelDrops?.close()
    socket.close()
  }
}

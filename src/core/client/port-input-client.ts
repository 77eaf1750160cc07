import type { RemoteInfo, Socket } from 'node:dgram'
import type { WaitOptions } from '../condition.ts'
import { type Endpoint, parseListenAddress } from '../endpoint.ts'
import { listenOn } from '../udp/udp-socket.ts'
import { untilQuiet } from '../until-quiet.ts'
import { type CloseOptions, ZMQClient, type ZMQClientOptions } from './zmq-client.ts'

export interface PortInputClientOptions extends ZMQClientOptions {
  /** Where to listen: a port on 127.0.0.1, as in AIT, or an endpoint. Port 0 asks for a free one. */
  readonly input: number | Endpoint
}

/**
 * A client that listens on UDP: AIT's `PortInputClient`. `handle(packet, address)` is called with every datagram, and
 * calls `process(packet)` unless it is overridden. An error of either is counted (`failed`), and the role goes on.
 */
export class PortInputClient extends ZMQClient {
  readonly #input: Endpoint
  #socket: Socket | undefined

  constructor(options: PortInputClientOptions) {
    super(options)
    this.#input =
      typeof options.input === 'number' ? parseListenAddress(String(options.input)) : options.input
  }

  /** Where it really listens: known once it has started. */
  get address(): Endpoint {
    if (this.#socket === undefined) return this.#input
    const { address, port } = this.#socket.address()
    return { host: address, port }
  }

  override async start(): Promise<void> {
    const socket = await listenOn(this.#input)
    this.#socket = socket
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
    this.#stopListening()
    await super.drain(options)
  }

  override async close(options?: CloseOptions): Promise<void> {
    this.#stopListening()
    await super.close(options)
  }

  #receive(packet: Buffer, from: RemoteInfo): void {
    this.took(packet.length)
    try {
      this.handle(packet, from)?.catch((error: unknown) => this.failed(error))
    } catch (error) {
      this.failed(error)
    }
  }

  #stopListening(): void {
    this.#socket?.close()
    this.#socket = undefined
  }
}

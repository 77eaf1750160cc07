import type { RemoteInfo } from 'node:dgram'
import { SequenceAccount } from '../ccsds/sequence.ts'
import type { SequenceEvent } from '../ccsds/sequence-event.ts'
import { type Endpoint, formatEndpoint } from '../endpoint.ts'
import { PortInputClient, type PortInputClientOptions } from './port-input-client.ts'

/** Options of a {@link UdpIn}: those of its UDP port and of the bus, and its topic. */
export interface UdpInOptions extends PortInputClientOptions {
  /**
   * Follow the CCSDS sequence counts of the datagrams, a space packet each, and keep their account in the ledger under
   * `ccsds`. Called with each packet that is not the next one of its stream.
   */
  readonly onSequence?: ((event: SequenceEvent) => void) | undefined
  /** Called with the first datagram of each source, of 1,024 sources at most. */
  readonly onSource?: ((source: Endpoint, bytes: number) => void) | undefined
}

/** Sources that are told apart, by address and port. */
const MAX_SOURCES = 1024

/** Publishes every datagram, as bytes, to the topic that is its name: the role of `groundwire udp-in`. */
export class UdpIn extends PortInputClient {
  readonly #sequences: SequenceAccount | undefined
  readonly #onSequence: ((event: SequenceEvent) => void) | undefined
  readonly #onSource: ((source: Endpoint, bytes: number) => void) | undefined
  readonly #sources = new Set<string>()
  /** Where the last datagram came from: most come from there again. */
  #last: RemoteInfo | undefined

  constructor(options: UdpInOptions) {
    super(options)
    this.#onSequence = options.onSequence
    this.#onSource = options.onSource
    if (options.onSequence === undefined) return
    const sequences = new SequenceAccount()
    this.#sequences = sequences
    this.ledger.addSection(
      'ccsds',
      () => sequences.toJSON(),
      () => sequences.toJSON().missing,
    )
  }

  override handle(packet: Buffer, from: RemoteInfo): void {
    if (this.#last?.port !== from.port || this.#last.address !== from.address) {
      this.#last = from
      this.#meet(from, packet.length)
    }
    this.process(packet)
  }

  override process(packet: Buffer): void {
    if (this.#sequences !== undefined) {
      const event = this.#sequences.observe(packet)
      if (event !== undefined) this.#onSequence?.(event)
    }
    this.publish(packet)
  }

  #meet({ address: host, port }: RemoteInfo, bytes: number): void {
    if (this.#onSource === undefined || this.#sources.size >= MAX_SOURCES) return
    const name = formatEndpoint({ host, port })
    if (this.#sources.has(name)) return
    this.#sources.add(name)
    this.#onSource({ host, port }, bytes)
  }
}

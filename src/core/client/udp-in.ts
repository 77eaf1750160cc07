import { SequenceAccount } from '../ccsds/sequence.ts'
import type { SequenceEvent } from '../ccsds/sequence-event.ts'
import { PortInputClient, type PortInputClientOptions } from './port-input-client.ts'

export interface UdpInOptions extends PortInputClientOptions {
  /**
   * Follow the CCSDS sequence counts of the datagrams, a space packet each, and keep their account in the ledger under
   * `ccsds`. Called with each packet that is not the next one of its stream.
   */
  readonly onSequence?: ((event: SequenceEvent) => void) | undefined
}

/** Publishes every datagram, as bytes, to the topic that is its name: the role of `groundwire udp-in`. */
export class UdpIn extends PortInputClient {
  readonly #sequences: SequenceAccount | undefined
  readonly #onSequence: ((event: SequenceEvent) => void) | undefined

  constructor(options: UdpInOptions) {
    super(options)
    this.#onSequence = options.onSequence
    if (options.onSequence === undefined) return
    const sequences = new SequenceAccount()
    this.#sequences = sequences
    this.ledger.addSection(
      'ccsds',
      () => sequences.toJSON(),
      () => sequences.toJSON().missing,
    )
  }

  override process(packet: Buffer): void {
    if (this.#sequences !== undefined) {
      const event = this.#sequences.observe(packet)
      if (event !== undefined) this.#onSequence?.(event)
    }
    this.publish(packet)
  }
}

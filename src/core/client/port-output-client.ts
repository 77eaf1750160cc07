import { GroundwireError } from '../errors.ts'
import { count, type LossCause } from '../ledger.ts'
import { ASSERT_OPEN, LOSE, PARTS, STATE } from '../role.ts'
import { type DatagramFault, DatagramOutput, faultText, MAX_DATAGRAM } from '../udp/datagram-output.ts'
import { bytesOf, type PayloadInput, unwrap } from '../wire/payload.ts'
import { untilQuiet } from '../until-quiet.ts'
import { type AddressInput, checkFlag, destinations } from '../check.ts'
import { ROOM, ZMQInputClient, type ZMQInputClientOptions } from './zmq-input-client.ts'

/** Options of a {@link PortOutputClient}: its topics and its UDP destinations. It publishes nothing, so nothing sets that up. */
export interface PortOutputClientOptions extends Omit<ZMQInputClientOptions, 'xsub' | 'encoding' | 'queue'> {
  /** Where datagrams go: a port on 127.0.0.1, as in AIT, `HOST:PORT` or an endpoint, or several of these. */
  readonly output: AddressInput | readonly AddressInput[]
  /** Send the bytes of a `(packet uid, bytes)` tuple, as AIT's packet handlers publish it. Default false. */
  readonly unwrap?: boolean
}

const CAUSE_OF: Record<DatagramFault, LossCause> = {
  refused: 'undeliverable',
  unreachable: 'undeliverable',
  'no-route': 'undeliverable',
  oversize: 'oversize',
  overflow: 'overflow',
}

/**
 * A client that subscribes, and whose `publish(message)` sends a datagram to `output`: AIT's `PortOutputClient`. It has no
 * publishing socket. `process` says what to publish.
 *
 * Bytes go as they are, and text as its UTF-8; any other payload is `undeliverable`, one of over 65,507 bytes `oversize`.
 * With several outputs a message is `sent` when none is known to have refused it; each output's own account stands in
 * the ledger under `outputs`.
 */
export class PortOutputClient extends ZMQInputClient {
  readonly #outputs: readonly DatagramOutput[]
  readonly #unwrap: boolean
  /** Messages that at least one output did not deliver. */
  #undelivered = 0

  /** @throws {UsageError} for an option that is not of its form */
  constructor(options: PortOutputClientOptions) {
    super({ ...options, xsub: null })
    checkFlag('unwrap', options?.unwrap)
    this.#unwrap = options?.unwrap ?? false
    this.#outputs = destinations('output', options?.output).map(
      endpoint => new DatagramOutput(endpoint, (output, fault, size) => this.#onFault(output, fault, size)),
    )
    // The outputs first: there is a way out before anything comes in.
    this[PARTS].unshift({
      open: () => this.#open(),
      // A refusal of the last datagram comes back within a turn or two of the loop.
      flush: () => untilQuiet(() => this.#undelivered),
      close: () => {
        for (const output of this.#outputs) output.close()
      },
    })
    this.ledger.addSection('outputs', () =>
      Object.fromEntries(
        this.#outputs.map(({ destination, sent, undeliverable }) => [destination, { sent, undeliverable }]),
      ),
    )
  }

  /**
   * Sends the bytes of a message as one datagram to each output.
   * @throws {GroundwireError} NOT_STARTED, CLOSED
   */
  override publish(message: PayloadInput): boolean {
    this[ASSERT_OPEN]()
    if (this[STATE] === 'new' || this[STATE] === 'starting')
      throw new GroundwireError(
        'NOT_STARTED',
        `${this.name} has not been started, so its outputs are not open`,
      )
    this.ledger.published += 1
    const bytes = (this.#unwrap ? unwrap(message) : undefined) ?? bytesOf(message)
    if (bytes === undefined) {
      this[LOSE]('undeliverable', undeliverableReason(message, this.#unwrap))
      return true
    }
    if (bytes.length > MAX_DATAGRAM) {
      this[LOSE]('oversize', `${bytes.length} bytes, where a datagram holds ${MAX_DATAGRAM}`)
      return true
    }
    count(this.ledger.sent, bytes.length)
    for (const output of this.#outputs) output.send(bytes)
    return true
  }

  /** @internal */
  override [ROOM](): Promise<void> | undefined {
    for (const output of this.#outputs) {
      const room = output.room()
      if (room !== undefined) return room
    }
    return undefined
  }

  async #open(): Promise<void> {
    const opened = await Promise.allSettled(this.#outputs.map(output => output.open()))
    for (const end of opened) if (end.status === 'rejected') throw end.reason
  }

  #onFault(output: DatagramOutput, fault: DatagramFault, size: number): void {
    // The message counts as lost once, however many outputs it did not reach.
    if (output.undeliverable <= this.#undelivered) return
    this.#undelivered = output.undeliverable
    this.ledger.sent.messages -= 1
    this.ledger.sent.bytes -= size
    this[LOSE](CAUSE_OF[fault], faultText(output, fault))
  }
}

/** The reason of the loss of a tuple where {@link PortOutputClientOptions.unwrap} is not set. */
export const NOT_UNWRAPPED = 'a (uid, bytes) tuple'

function undeliverableReason(message: PayloadInput, unwrapping: boolean): string {
  const tuple = !unwrapping && unwrap(message) !== undefined
  return tuple ? NOT_UNWRAPPED : 'a payload that is neither bytes nor text'
}

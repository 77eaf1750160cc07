import { type WaitOptions } from '../condition.ts'
import { type Endpoint, parseDestination } from '../endpoint.ts'
import { count, type LossCause } from '../ledger.ts'
import { type DatagramFault, DatagramOutput, faultText, MAX_DATAGRAM } from '../udp/datagram-output.ts'
import { bytesOf, type Payload, unwrap } from '../wire/payload.ts'
import { untilQuiet } from '../until-quiet.ts'
import type { CloseOptions } from './zmq-client.ts'
import { ZMQInputClient, type ZMQInputClientOptions } from './zmq-input-client.ts'

export interface PortOutputClientOptions extends Omit<ZMQInputClientOptions, 'xsub' | 'encoding' | 'queue'> {
  /** Where datagrams go: a port on 127.0.0.1, as in AIT, an endpoint, or several of these. */
  readonly output: number | Endpoint | readonly (number | Endpoint)[]
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

  constructor(options: PortOutputClientOptions) {
    super({ ...options, xsub: null })
    this.#unwrap = options.unwrap ?? false
    const outputs = Array.isArray(options.output) ? options.output : [options.output]
    this.#outputs = outputs.map(
      (output: number | Endpoint) =>
        new DatagramOutput(
          typeof output === 'number' ? parseDestination(`127.0.0.1:${output}`) : output,
          (output, fault, size) => this.#onFault(output, fault, size),
        ),
    )
    this.ledger.addSection('outputs', () =>
      Object.fromEntries(
        this.#outputs.map(({ destination, sent, undeliverable }) => [destination, { sent, undeliverable }]),
      ),
    )
  }

  /** @throws {GroundwireError} when an output's host can't be found */
  override async start(): Promise<void> {
    await Promise.all(this.#outputs.map(output => output.open()))
    await super.start()
  }

  /** Sends the bytes of a message as one datagram to each output. */
  override publish(message: Payload): boolean {
    const bytes = (this.#unwrap ? unwrap(message) : undefined) ?? bytesOf(message)
    if (bytes === undefined) {
      this.lose('undeliverable', undeliverableReason(message, this.#unwrap))
      return true
    }
    if (bytes.length > MAX_DATAGRAM) {
      this.lose('oversize', `${bytes.length} bytes, where a datagram holds ${MAX_DATAGRAM}`)
      return true
    }
    count(this.ledger.sent, bytes.length)
    for (const output of this.#outputs) output.send(bytes)
    return true
  }

  override async drain(options?: WaitOptions): Promise<void> {
    await super.drain(options)
    // A refusal of the last datagram comes back within a turn or two of the loop.
    await untilQuiet(() => this.#undelivered)
  }

  override async close(options?: CloseOptions): Promise<void> {
    await super.close(options)
    for (const output of this.#outputs) output.close()
  }

  #onFault(output: DatagramOutput, fault: DatagramFault, size: number): void {
    // The message counts as lost once, however many outputs it did not reach.
    if (output.undeliverable <= this.#undelivered) return
    this.#undelivered = output.undeliverable
    this.ledger.sent.messages -= 1
    this.ledger.sent.bytes -= size
    this.lose(CAUSE_OF[fault], faultText(output, fault))
  }
}

function undeliverableReason(message: Payload, unwrapping: boolean): string {
  const tuple = !unwrapping && unwrap(message) !== undefined
  return tuple ? 'a (uid, bytes) tuple: --unwrap sends its bytes' : 'a payload that is neither bytes nor text'
}

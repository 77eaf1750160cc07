import type { SubscriptionChange } from './carrier.ts'
import { decodeFlow, encodeMark, FLOW_TOPIC, type Wait } from './flow-message.ts'

/** Time in which a proxy returns its first mark, in ms: it comes ahead of all messages. Any other subscriber does not return it. */
const ANSWER_MS = 1_000

export interface FlowControlOptions {
  /** Hands a message over. @returns false if there is no room */
  readonly send: (topic: Buffer, frame: Uint8Array) => boolean
  /** Called when {@link FlowControl.isTaken} may have changed. */
  readonly onChange: () => void
}

/**
 * A publisher's side of flow control: it asks the proxy to read its messages only as fast as their subscribers take them, and
 * learns how far the proxy is. Unless it is told to, and over a broker that does not offer it, it does nothing.
 */
export class FlowControl {
  readonly #options: FlowControlOptions
  /** Undefined as long as flow control is not asked for. */
  #onWait: ((wait: Wait) => void) | undefined
  #isOffered = false
  /** The last mark, whether it still has to be sent, and the last one that came back. */
  #mark = 0
  #isUnsent = false
  #returned = 0
  #timer: NodeJS.Timeout | undefined
  /** Messages of the proxy so far: signs that it is busy with this publisher. */
  signs = 0

  constructor(options: FlowControlOptions) {
    this.#options = options
  }

  /**
   * Asks for flow control on each connection from now on.
   * @param onWait called about once a second while the proxy waits for a subscriber
   */
  ask(onWait: (wait: Wait) => void): void {
    this.#onWait = onWait
  }

  /** Takes note of a subscription. A proxy that offers flow control subscribes to its topic on each connection. */
  subscribed({ prefix, subscribe }: SubscriptionChange): void {
    if (this.#onWait === undefined || !FLOW_TOPIC.equals(prefix)) return
    clearTimeout(this.#timer)
    this.#isOffered = subscribe
    if (!subscribe) return
    this.mark()
    this.#timer = setTimeout(() => {
      this.#isOffered = false
      this.#options.onChange()
    }, ANSWER_MS).unref()
  }

  /** Sets a mark behind all messages that were handed over. The first one on a connection asks for flow control. */
  mark(): void {
    if (!this.#isOffered) return
    this.#mark += 1
    this.#isUnsent = true
    this.sendRest()
  }

  /** Sends the mark for which there was no room. */
  sendRest(): void {
    if (this.#isUnsent) this.#isUnsent = !this.#options.send(FLOW_TOPIC, encodeMark(this.#mark))
  }

  /** Whether the proxy has taken all messages before the last mark. True of a broker that does not tell. */
  get isTaken(): boolean {
    return !this.#isOffered || this.#returned === this.#mark
  }

  /** Takes in a message of the proxy. */
  take(topic: Buffer, frame: Buffer): void {
    const message = FLOW_TOPIC.equals(topic) ? decodeFlow(frame) : undefined
    if (message === undefined) return
    this.signs += 1
    if (typeof message !== 'number') return this.#onWait?.(message)
    if (message > this.#mark) return
    clearTimeout(this.#timer)
    this.#isOffered = true
    this.#returned = message
    this.#options.onChange()
  }

  close(): void {
    clearTimeout(this.#timer)
  }
}

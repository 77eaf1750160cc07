import type { Bus } from '../bus/bus-options.ts'
import { Echo } from '../bus/echo.ts'
import type { Publisher } from '../bus/publisher.ts'
import type { LinkEvent } from '../bus/link.ts'
import { deadline, type WaitOptions } from '../condition.ts'
import { GroundwireError } from '../errors.ts'

export interface ConfirmationOptions {
  readonly bus: Bus
  /** Time to wait for an echo, in ms, each time. */
  readonly wait: number
  readonly publisher: Publisher
  readonly onLink: (event: LinkEvent) => void
}

/**
 * Knows by their echo which messages of a publisher have passed the proxy.
 *
 * While it follows a topic, its own subscription makes that topic heard: who else listens can't be told from then on.
 */
export class Confirmation {
  /** The subscriptions of the echo, as Latin-1, where nobody had made the same before: these are no listeners. */
  readonly own = new Set<string>()
  readonly #options: ConfirmationOptions
  readonly #echo: Echo

  constructor(options: ConfirmationOptions) {
    this.#options = options
    const { bus, publisher, onLink } = options
    this.#echo = new Echo({ bus, publisher: publisher.id, onLink })
  }

  open(): Promise<void> {
    return this.#echo.open()
  }

  close(): void {
    this.#echo.close()
  }

  /** Messages that are known to have passed the proxy. */
  get confirmed(): number {
    return this.#echo.confirmed
  }

  follows(topic: string): boolean {
    return this.#echo.follows(topic)
  }

  /** Resolves once the echo of a topic can be heard. @throws {GroundwireError} UNCONFIRMED, where it can't be in time */
  async follow(topic: string, { signal }: WaitOptions = {}): Promise<void> {
    const { publisher, wait, bus } = this.#options
    const options = { signal: deadline(wait, { signal }) }
    const others = publisher.subscribed(topic)
    try {
      const marker = await this.#echo.follow(topic, options)
      if (!others) this.own.add(Buffer.from(topic).toString('latin1'))
      await publisher.untilSubscribed(marker, options)
    } catch (cause) {
      if (signal?.aborted) return
      const sentence = `the echo of '${topic}' can't be heard at ${bus.xpub} within ${wait / 1000} s`
      throw new GroundwireError('UNCONFIRMED', sentence, { cause, hint: 'nothing was sent to that topic' })
    }
  }

  /** Resolves once few enough messages are out without an echo. @throws {GroundwireError} UNCONFIRMED, when none comes */
  async room({ signal }: WaitOptions = {}): Promise<void> {
    const echo = this.#echo
    if (!echo.full || (await this.#until(() => !echo.full, signal)) || signal?.aborted) return
    throw this.#failure(this.#silence)
  }

  /** Says what is about to be published. */
  expect(topic: string, frame: Uint8Array): void {
    this.#echo.expect(topic, frame)
  }

  /**
   * Resolves once all messages have passed the proxy. It waits for as long as echoes come.
   * @throws {GroundwireError} UNCONFIRMED, also where the signal aborts before that
   */
  async confirm({ signal }: WaitOptions = {}): Promise<void> {
    const known = await this.#until(() => this.#echo.complete, signal)
    if (!known) throw this.#failure(signal?.aborted ? 'stopped before their echo came' : this.#silence)
    if (this.#echo.confirmed < this.#echo.expected) throw this.#failure()
  }

  /** @returns whether it came to hold: false when there was no echo for the time to wait before it did */
  async #until(holds: () => boolean, signal: AbortSignal | undefined): Promise<boolean> {
    for (;;) {
      const before = this.#echo.settled
      const held = await this.#echo.until(holds, { signal: deadline(this.#options.wait, { signal }) }).then(
        () => true,
        () => false,
      )
      if (held || signal?.aborted || this.#echo.settled === before) return held
    }
  }

  get #silence(): string {
    return `no echo within ${this.#options.wait / 1000} s`
  }

  /** @param why nothing is known of some of them; undefined where it is known that these are lost */
  #failure(why?: string): GroundwireError {
    const { confirmed, expected } = this.#echo
    const sentence = `${confirmed} of ${expected} messages are known to have passed the proxy`
    const hint = why === undefined ? 'the others are lost' : `${why}; the others may still arrive`
    return new GroundwireError('UNCONFIRMED', sentence, { hint })
  }
}

import type { TestContext } from 'node:test'
import { Tap } from '../../src/core/client/tap.ts'
import { Condition } from '../../src/core/condition.ts'
import { type Bus, PATIENCE_MS } from './groundwire.ts'

/** A frame seen by a collector. */
export interface CollectedMessage {
  readonly topic: string
  readonly frame: Buffer
  /** Time of arrival on the monotonic clock, in ms. */
  readonly at: number
}

/** Listens on a bus, and keeps the frames as on the wire. */
export class Collector {
  readonly messages: CollectedMessage[] = []
  count = 0
  readonly #condition = new Condition()

  take(message: CollectedMessage, keep: boolean): void {
    if (keep) this.messages.push(message)
    this.count += 1
    this.#condition.notify()
  }

  /** Topic and frame of each message, in hexadecimal, as `publish --dry-run` writes them. */
  get lines(): string[] {
    return this.messages.map(
      ({ topic, frame }) => `${Buffer.from(topic).toString('hex')} ${frame.toString('hex')}`,
    )
  }

  /** Resolves once so many messages have arrived. */
  async atLeast(count: number): Promise<void> {
    const signal = AbortSignal.timeout(PATIENCE_MS)
    await this.#condition
      .until(() => this.count >= count, { signal })
      .catch(() => {
        throw new Error(`${this.count} of ${count} messages have come`)
      })
  }
}

export interface CollectOptions {
  /** Default: every topic. */
  readonly topics?: readonly string[]
  readonly maxMessage?: number
  /** Keep the frames, rather than only count them. Default true. */
  readonly keep?: boolean
}

/** Starts a listener in the test's process, which ends with the test. */
export async function collect(
  t: TestContext,
  { xpub }: Pick<Bus, 'xpub'>,
  { keep = true, ...options }: CollectOptions = {},
): Promise<Collector> {
  const collector = new Collector()
  const tap = new Tap({
    ...options,
    xpub,
    onMessage: ({ topic, frame }) =>
      collector.take({ topic, frame: keep ? Buffer.from(frame) : frame, at: performance.now() }, keep),
  })
  t.after(() => tap.close())
  await tap.start()
  await tap.connected({ signal: AbortSignal.timeout(PATIENCE_MS) })
  return collector
}

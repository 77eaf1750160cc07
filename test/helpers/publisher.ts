import type { TestContext } from 'node:test'
import { ZMQClient, type ZMQClientOptions } from '../../src/core/client/zmq-client.ts'
import { GroundwireError } from '../../src/core/errors.ts'
import type { PayloadInput } from '../../src/core/wire/payload.ts'
import { type Bus, PATIENCE_MS } from './groundwire.ts'

/** A publisher in this process that knows of a subscription to its topic, so that its messages are delivered. */
export async function heardPublisher(
  t: TestContext,
  bus: Pick<Bus, 'xsub'>,
  name: string,
  options: Omit<ZMQClientOptions, 'name' | 'xsub'> = {},
): Promise<ZMQClient> {
  const client = new ZMQClient({ ...options, name, xsub: bus.xsub })
  t.after(() => client.close())
  await client.start()
  await client.heard(name, { signal: AbortSignal.timeout(PATIENCE_MS) })
  return client
}

/** Publishes a message every so many ms, until the client is closed or the test ends. */
export function keepPublishing(
  t: TestContext,
  client: ZMQClient,
  message: PayloadInput,
  everyMs: number,
): void {
  const timer = setInterval(() => {
    try {
      client.publish(message)
    } catch (error) {
      // Clients are closed in the order of their creation, before this ends.
      if (!(error instanceof GroundwireError && error.code === 'CLOSED')) throw error
      clearInterval(timer)
    }
  }, everyMs)
  t.after(() => clearInterval(timer))
}

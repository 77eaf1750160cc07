import type { TestContext } from 'node:test'
import { ZMQClient, type ZMQClientOptions } from '../../src/core/client/zmq-client.ts'
import { type Bus, PATIENCE_MS } from './groundwire.ts'

/** A publisher in this process that has heard a subscription to its topic: what it publishes is delivered. */
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

import type { TestContext } from 'node:test'
import { Broker } from '../../src/core/bus/broker.ts'

/** A broker in this process, on free ports; closed when the test ends. */
export async function startBroker(t: TestContext): Promise<{ broker: Broker; xsub: string; xpub: string }> {
  const broker = new Broker({ xsub: 'tcp://127.0.0.1:*', xpub: 'tcp://127.0.0.1:*' })
  t.after(() => broker.close())
  const { xsub, xpub } = await broker.start()
  return { broker, xsub: xsub.join(), xpub: xpub.join() }
}

/** Starts a role, returns it, and closes it when the test ends. */
export async function started<T extends { start(): Promise<void>; close(): Promise<void> }>(
  t: TestContext,
  role: T,
): Promise<T> {
  t.after(() => role.close())
  await role.start()
  return role
}

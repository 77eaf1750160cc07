import path from 'node:path'
import type { TestContext } from 'node:test'
import { PROJECT } from '../../scripts/project.ts'
import { ZMQClient } from '../../src/core/client/zmq-client.ts'
import { type Bus, PATIENCE_MS, Run, type RunOptions, startProxy } from './groundwire.ts'
import { findPython } from './python.ts'

/** Modules that a Python peer of the bus needs. */
const MODULES = ['zmq', 'msgpack']

/** Brokers that everything must work with. `start` skips the test and resolves with undefined if Python lacks ZeroMQ. */
export const BUSES: readonly { name: string; start: (t: TestContext) => Promise<Bus | undefined> }[] = [
  { name: "groundwire's proxy", start: t => startProxy(t) },
  { name: 'a plain pyzmq forwarder', start: startForwarder },
]

/** Starts one of the Python scripts in test/peers. */
export function startPeer(t: TestContext, script: string, args: readonly string[], options?: RunOptions) {
  const python = findPython(t, ...MODULES)
  if (python === undefined) return undefined
  const file = path.join(PROJECT, 'test/peers', script)
  return new Run(t, python, [file, ...args], options)
}

/**
 * Resolves when a subscription has crossed the bus: messages published to the topic are then delivered. Only for a
 * topic's first subscriber, because further ones can't be distinguished.
 */
export async function subscribed(bus: Pick<Bus, 'xsub'>, topic: string): Promise<void> {
  await using client = new ZMQClient({ name: topic, xsub: bus.xsub })
  await client.start()
  await client.heard(topic, { signal: AbortSignal.timeout(PATIENCE_MS) })
}

async function startForwarder(t: TestContext): Promise<Bus | undefined> {
  const run = startPeer(t, 'forwarder.py', [])
  if (run === undefined) return undefined
  await run.until(({ stdout }) => stdout.toString().split('\n').length > 2, 'its two URLs')
  const [xsub = '', xpub = ''] = run.stdout.toString().split('\n')
  return { run, xsub, xpub, env: { GROUNDWIRE_XSUB: xsub, GROUNDWIRE_XPUB: xpub } }
}

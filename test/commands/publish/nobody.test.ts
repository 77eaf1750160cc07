import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { localBus } from '../../helpers/local-bus.ts'
import { startPeer, subscribed } from '../../helpers/buses.ts'
import { groundwire, type RunOptions } from '../../helpers/groundwire.ts'
import { unusedPort } from '../../helpers/udp.ts'

const WAIT_MS = 700

/** Publishes to nobody, and checks that it waits before it gives up: exit 3, with this on standard error. */
async function assertGivesUp(
  t: TestContext,
  words: string,
  { env = {} }: RunOptions,
  error: string,
): Promise<void> {
  const started = performance.now()
  const run = groundwire(t, `publish telem hello --wait ${WAIT_MS}ms${words}`, { env })
  const { code, stdout, stderr } = await run.exit
  const took = performance.now() - started
  assert(took >= WAIT_MS - 50, `it gave up after ${took} ms`)
  assert.equal(code, 3)
  assert.equal(stdout.length, 0)
  assert.equal(stderr, error)
}

test('publish with no subscriber exits 3 after --wait, and says that it is the subscriber who is missing', async t => {
  const proxy = await localBus(t)
  const error = `publish: error: no subscriber asked for 'telem' within 0.7 s (the proxy at ${proxy.xsub} is there; nothing was sent)\n`
  await assertGivesUp(t, '', proxy, error)
})

test('publish with a subscriber to another topic exits 3', async t => {
  const proxy = await localBus(t)
  const subscriber = startPeer(t, 'subscriber.py', [proxy.xpub, 'telemetry'])
  if (!subscriber) return
  await subscribed(proxy, 'telemetry')
  const run = groundwire(t, 'publish telem hello --wait 300ms', { env: proxy.env })
  const { code, stderr } = await run.exit
  assert.equal(code, 3)
  assert.match(stderr, /no subscriber asked for 'telem' within 0\.3 s/)
})

test('publish with no proxy exits 3 after --wait, and says that it is the proxy that is missing', async t => {
  const url = `tcp://127.0.0.1:${await unusedPort()}`
  const error = `publish: waiting for the proxy at ${url}\npublish: error: no proxy at ${url} within 0.7 s (nothing was sent)\n`
  await assertGivesUp(t, ` --xsub ${url}`, {}, error)
})

test('publish ends when its own --wait is over', async t => {
  const proxy = await localBus(t)
  const patient = groundwire(t, 'publish telem hello --wait 1h', { env: proxy.env })
  const hasty = groundwire(t, `publish telem hello --wait ${WAIT_MS}ms`, { env: proxy.env })
  assert.equal((await hasty.exit).code, 3)
  assert.equal(patient.process.exitCode, null)
  assert.equal((await patient.stop()).signal, null)
})

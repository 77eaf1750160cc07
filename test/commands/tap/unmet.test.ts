import assert from 'node:assert/strict'
import { test } from 'node:test'
import { localBus } from '../../helpers/local-bus.ts'
import { groundwire } from '../../helpers/groundwire.ts'
import { unusedPort } from '../../helpers/udp.ts'

test('a tap that is not shown its count in time says so, and exits 4', async t => {
  const proxy = await localBus(t)
  const { code, stdout, stderr } = await groundwire(t, 'tap telem -c 2 -W 700ms', { env: proxy.env }).exit
  assert.match(stderr, /^tap: error: 0 of 2 messages came in time$/m)
  assert.equal(stdout.length, 0)
  assert.equal(code, 4)
})

test('a tap that finds no proxy in time says so, and exits 3', async t => {
  const url = `tcp://127.0.0.1:${await unusedPort()}`
  const { code, stderr } = await groundwire(t, `tap telem -c 2 -W 200ms --xpub ${url}`).exit
  assert.match(stderr, new RegExp(`^tap: error: no proxy at ${url} in time$`, 'm'))
  assert.equal(code, 3)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { groundwire } from '../../helpers/groundwire.ts'
import { hear, localBus } from '../../helpers/local-bus.ts'
import { unusedPort } from '../../helpers/udp.ts'

for (const wait of ['0', '0s']) {
  test(`publish -w ${wait} sends where the proxy and a subscriber are there`, async t => {
    const bus = await localBus(t)
    const heard = await hear(t, bus, 'telem')
    const { code, stderr } = await groundwire(t, `publish telem hello -w ${wait}`, { env: bus.env }).exit
    assert.equal(stderr.includes('error'), false, stderr)
    assert.equal(code, 0)
    assert.equal((await heard.atLeast(1)).length, 1)
  })
}

test('publish -w 0 --confirm has the moment that its echo takes', async t => {
  const bus = await localBus(t)
  await hear(t, bus, 'telem')
  const { code, stderr } = await groundwire(t, 'publish telem hello -w 0 --confirm', { env: bus.env }).exit
  assert.match(stderr, /confirmed: all that was sent has passed the proxy/)
  assert.equal(code, 0)
})

test('publish -w 0 exits 3 where nobody asked for the topic, or no proxy is there', async t => {
  const proxy = await localBus(t)
  const nobody = await groundwire(t, 'publish telem hello -w 0', { env: proxy.env }).exit
  assert.match(nobody.stderr, /error: no subscriber asked for 'telem' within 1 s/)
  assert.equal(nobody.code, 3)
  const url = `tcp://127.0.0.1:${await unusedPort()}`
  const none = await groundwire(t, `publish telem hello -w 0 --xsub ${url}`).exit
  assert.match(none.stderr, /error: no proxy at \S+ within 1 s \(nothing was sent\)/)
  assert.equal(none.code, 3)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { groundwire } from '../helpers/groundwire.ts'
import { unusedPort } from '../helpers/udp.ts'

const NOBODY = 'tcp://no.such.host.invalid:5560'

for (const options of [
  '-W 300ms',
  '-W 0.3 --duration 1ms',
  '-W 0.3 --idle 1ms',
  '-W 0.3 -c 1',
  '-W 0',
  '-W 0.3 --expect no-gaps',
]) {
  test(`tap ${options} that finds no proxy exits 3`, async t => {
    const url = `tcp://127.0.0.1:${await unusedPort()}`
    const { code, stdout, stderr } = await groundwire(t, `tap telem ${options} --xpub ${url}`).exit
    assert.match(stderr, new RegExp(`^tap: error: no proxy at ${url} in time`, 'm'))
    assert.equal(stdout.length, 0)
    assert.equal(code, 3)
  })
}

test('tap at an unknown host name exits 3', async t => {
  const { code, stderr } = await groundwire(t, `tap telem -W 1s --xpub ${NOBODY}`).exit
  assert.match(stderr, /^tap: error: no proxy at tcp:\/\/no\.such\.host\.invalid:5560 in time/m)
  assert.equal(code, 3)
})

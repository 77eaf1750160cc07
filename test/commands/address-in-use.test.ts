import assert from 'node:assert/strict'
import { test } from 'node:test'
import { groundwire, startProxy } from '../helpers/groundwire.ts'
import { receiveUdp } from '../helpers/udp.ts'

test('udp-in at a port that is in use is one line, and exit 1', async t => {
  const { port } = await receiveUdp(t)
  const { code, stdout, stderr } = await groundwire(t, `udp-in ${port} telem`).exit
  assert.equal(stderr, `udp-in: error: UDP 127.0.0.1:${port} is in use already\n`)
  assert.equal(stdout.length, 0)
  assert.equal(code, 1)
})

for (const side of ['xsub', 'xpub'] as const) {
  test(`a proxy whose ${side} port is in use is one line, and exit 1`, async t => {
    const { [side]: taken } = await startProxy(t)
    const other = side === 'xsub' ? '--xpub' : '--xsub'
    const run = groundwire(t, `proxy --${side} ${taken} ${other} tcp://127.0.0.1:*`)
    const { code, stdout, stderr } = await run.exit
    assert.equal(
      stderr,
      `proxy: error: ${taken} is in use already (is another proxy, or an AIT server, running?)\n`,
    )
    assert.equal(stdout.length, 0)
    assert.equal(code, 1)
  })
}

test('an address that this host has not is one line, and exit 1', async t => {
  const { code, stderr } = await groundwire(t, 'udp-in 192.0.2.1:3076 telem').exit
  assert.equal(stderr, 'udp-in: error: this host has no address 192.0.2.1:3076 to listen on\n')
  assert.equal(code, 1)
})

// A proxy with keys, and commands without: one-off commands end with exit 5, services say so and go on.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { groundwire } from '../helpers/groundwire.ts'
import { keyedBus } from '../helpers/keyed-bus.ts'

const REASON = 'refused the connection: it asks for keys (CURVE), and this side has none'

for (const [words, side] of [
  ['publish telem hello', 'xsub'],
  ['publish telem hello --confirm', 'xsub'],
  ['tap telem --count 1', 'xpub'],
  ['tap --timeout 1m', 'xpub'],
] as const) {
  test(`${words} is refused by a proxy with keys, and ends with exit 5`, async t => {
    const bus = await keyedBus(t)
    const env = { GROUNDWIRE_XSUB: bus.xsub, GROUNDWIRE_XPUB: bus.xpub }
    const { code, stdout, stderr } = await groundwire(t, words, { env }).exit
    assert.equal(code, 5, stderr)
    assert.equal(stdout.length, 0)
    const errors = stderr.split('\n').filter(line => line.includes('refused the connection'))
    assert.equal(errors.length, 1, stderr)
    const urls = words.includes('--confirm') ? [bus.xsub, bus.xpub] : [bus[side]]
    assert.ok(
      urls.some(url => errors[0]?.endsWith(`error: ${url} ${REASON}`)),
      stderr,
    )
  })
}

test('a service that a proxy with keys refuses says so once, and goes on', async t => {
  const bus = await keyedBus(t)
  const env = { GROUNDWIRE_XSUB: bus.xsub, GROUNDWIRE_XPUB: bus.xpub }
  const tap = groundwire(t, 'tap telem', { env })
  await tap.until(run => run.stderr.includes(`warning: ${bus.xpub} ${REASON}\n`), 'the refusal')
  const { code, stderr } = await tap.stop()
  assert.equal(code, 0, stderr)
  assert.equal(stderr.split(REASON).length, 2, stderr)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { groundwire } from '../helpers/groundwire.ts'

const NOBODY = 'tcp://no.such.host.invalid:5560'

for (const line of [
  `tap --xpub ${NOBODY}`,
  `udp-out telem --to 127.0.0.1:9 --xpub ${NOBODY}`,
  `udp-in 0 telem --xsub ${NOBODY}`,
  `publish telem hello --wait 1m --xsub ${NOBODY}`,
]) {
  test(`${line.split(' ')[0]} says at once that a name can't be resolved, once, and goes on`, async t => {
    const run = groundwire(t, line)
    await run.untilStderr(
      /: waiting for the proxy at tcp:\/\/no\.such\.host\.invalid:5560: .*'?no\.such\.host\.invalid'? can't be resolved/,
    )
    const { code, stderr } = await run.stop()
    assert.equal(stderr.match(/waiting for/g)?.length, 1, stderr)
    assert.equal(code, 0)
  })
}

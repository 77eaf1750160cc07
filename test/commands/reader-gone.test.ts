import assert from 'node:assert/strict'
import { test } from 'node:test'
import { localBus } from '../helpers/local-bus.ts'
import { shell } from '../helpers/groundwire.ts'

/** Pipes into `head -1`, and exits with the code of the command before it. */
const INTO_HEAD = '| head -1; exit ${PIPESTATUS[0]}'

test('a demo whose reader has gone ends quietly, long before its time, with 0', async t => {
  const { code, stdout, stderr } = await shell(t, `groundwire demo --duration 1h ${INTO_HEAD}`).exit
  assert.match(stdout.toString(), /^\S+ telem 64 [\da-f]+…\n$/)
  assert.match(stderr, /^demo: ready: .*\n$/)
  assert.equal(code, 0)
})

for (const line of ['--help', 'tap --help', 'completion']) {
  test(`'groundwire ${line} | head -1' ends quietly, with 0`, async t => {
    const { code, stderr } = await shell(t, `groundwire ${line} ${INTO_HEAD}`).exit
    assert.equal(stderr, '')
    assert.equal(code, 0)
  })
}

test('commands that write no data end as asked with a reader that has gone', async t => {
  const proxy = await localBus(t)
  for (const line of ['udp-in 0 telem', 'proxy --xsub tcp://127.0.0.1:* --xpub tcp://127.0.0.1:*']) {
    const run = shell(t, `groundwire ${line} | true; exit \${PIPESTATUS[0]}`, { env: proxy.env })
    await run.untilStderr(/: ready: /)
    const { code, stderr } = await run.stop()
    assert.doesNotMatch(stderr, /error|warning/)
    assert.equal(code, 0)
  }
})

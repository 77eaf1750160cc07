import assert from 'node:assert/strict'
import { test } from 'node:test'
import { localBus } from '../../helpers/local-bus.ts'
import { groundwire, ready, startProxy } from '../../helpers/groundwire.ts'
import { closedLedger } from '../../helpers/ledger.ts'
import { rawPublisher, rawSubscriber } from '../../helpers/raw-sockets.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'

/** A colour, a title of the window in C1, a turn of the text, a line of its own, and Unicode's line. */
const EVIL = 'sat\u001b[31m\u009d0;x\u009c\u202e\u2066\nproxy: error: feigned\u2028\u061c\r'
const ESCAPED = String.raw`sat\x1b[31m\x9d0;x\x9c\u202e\u2066\x0aproxy: error: feigned\u2028\u061c\x0d`
const JSON_ESCAPED = String.raw`"sat\u001b[31m\u009d0;x\u009c\u202e\u2066\nproxy: error: feigned\u2028\u061c\r"`

/** Nothing but text that can be seen, in lines. */
function assertSeen(text: string | Buffer): void {
  // oxlint-disable-next-line no-control-regex
  const active = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/
  assert.doesNotMatch(text.toString(), active)
  assert.doesNotMatch(text.toString(), /^proxy: error: feigned/m)
}

test('a topic that would drive a terminal is shown escaped in every form for the eye, on both streams', async t => {
  const folder = temporaryFolder(t)
  const proxy = await startProxy(t, '--verbose')
  const forms: Record<string, RegExp | string> = {
    '-f line': ` ${ESCAPED} 2 c328\n`,
    '-f json': `"topic":${JSON_ESCAPED},`,
    '-f text': '\n',
    '-f hexdump': 'c3',
    '--stats': `\n${ESCAPED} `,
    '-F %t': `${ESCAPED}\n`,
  }
  const taps = await Promise.all(
    Object.keys(forms).map((form, i) =>
      ready(t, proxy, `tap ${form} --duration 3s --verbose --ledger ${folder.path(`${i}.json`)}`),
    ),
  )
  const publisher = rawPublisher(t, proxy.xsub)
  await publisher.subscribed(EVIL)
  // No valid frame, three frames, and too large a one.
  await publisher.send(EVIL, Buffer.from('c328', 'hex'))
  await publisher.send(EVIL, 'a', 'b')
  await publisher.send(EVIL, Buffer.alloc(2 << 20))
  const wanted = Object.values(forms)
  for (const [i, tap] of taps.entries()) {
    const { code, stdout, stderr } = await tap.exit
    assert.equal(code, 0, stderr)
    assertSeen(stderr)
    assertSeen(stdout)
    assert(stdout.toString().includes(String(wanted[i])), stdout.toString())
    assert(stderr.includes(`bytes under topic '${ESCAPED}', where`), stderr)
    assertSeen(folder.read(`${i}.json`))
    assert.equal(closedLedger(folder.path(`${i}.json`)).topics[EVIL]?.messages, 2)
  }
  const { stderr } = await proxy.run.stop()
  assertSeen(stderr)
})

test('a prefix, a JSON parse error, and a reason of another are escaped', async t => {
  const proxy = await startProxy(t, '--verbose')
  const subscriber = rawSubscriber(t, proxy.xpub)
  await subscriber.send(Buffer.concat([Buffer.of(1), Buffer.from(EVIL)]))
  await proxy.run.untilStderr(/subscribed: /)
  const { stderr } = await proxy.run.stop()
  assertSeen(stderr)
  assert(stderr.includes(`subscribed: '${ESCAPED}'`), stderr)

  const other = await localBus(t)
  const tap = await ready(t, other, 'tap')
  for (const line of [EVIL.replaceAll('\n', ''), `{"topic": ${EVIL}}`]) {
    const run = groundwire(t, 'publish - -f json --wait 1s', { env: other.env, input: line })
    const wrong = await run.exit
    assert.notEqual(wrong.code, 0)
    assertSeen(wrong.stderr)
  }
  const words = ['publish', 'telem', '--json', EVIL]
  assertSeen((await groundwire(t, words).exit).stderr)
  assertSeen((await groundwire(t, ['publish', EVIL, 'x', '--wait', '1ms', `--${EVIL}`]).exit).stderr)
  assertSeen((await tap.stop()).stderr)
})

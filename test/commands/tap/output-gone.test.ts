import assert from 'node:assert/strict'
import { test } from 'node:test'
import { localBus } from '../../helpers/local-bus.ts'
import { groundwire, listeningPort, ready, shell } from '../../helpers/groundwire.ts'
import { sendUdp } from '../../helpers/udp.ts'

test('a tap whose reader has gone ends quietly, with 0', async t => {
  const proxy = await localBus(t)
  const tap = shell(t, `groundwire tap telem -f hex | head -1; exit \${PIPESTATUS[0]}`, { env: proxy.env })
  await tap.untilStderr(/: ready: /)
  const port = await listeningPort(await ready(t, proxy, 'udp-in 0 telem'))
  // The tap notices on a write that its reader has gone, and the system decides when the reader goes.
  const sending = setInterval(() => void sendUdp(port, [Buffer.from([7])]), 20)
  const { code, stdout, stderr } = await tap.exit.finally(() => clearInterval(sending))
  assert.equal(stdout.toString(), '07\n')
  assert.match(stderr, /^tap: ready: .*\n$/)
  assert.equal(code, 0)
})

test('a standard output that is full is one line, and exit 1', async t => {
  const proxy = await localBus(t)
  const tap = shell(t, 'groundwire tap telem -c 1 > /dev/full', { env: proxy.env })
  await tap.untilStderr(/: ready: /)
  assert.equal((await groundwire(t, 'publish telem hello', { env: proxy.env }).exit).code, 0)
  const { code, stderr } = await tap.exit
  assert.match(stderr, /error: .*ENOSPC/)
  assert.equal(code, 1)
})

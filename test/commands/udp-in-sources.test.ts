import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { test, type TestContext } from 'node:test'
import { groundwire, listeningPort } from '../helpers/groundwire.ts'
import { localBus } from '../helpers/local-bus.ts'

/** Returns a sender with its own port. */
async function source(t: TestContext, to: number): Promise<{ port: number; send: (bytes: number) => void }> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  t.after(() => socket.close())
  await once(socket, 'listening')
  return { port: socket.address().port, send: bytes => socket.send(Buffer.alloc(bytes), to, '127.0.0.1') }
}

test('the first datagram of a source is said, of the first sources; then a count', async t => {
  const bus = await localBus(t)
  const udpIn = groundwire(t, 'udp-in 0 telem', { env: bus.env })
  const to = await listeningPort(udpIn)
  const first = await source(t, to)
  first.send(164)
  await udpIn.untilStderr(
    new RegExp(`udp-in: first datagram from 127\\.0\\.0\\.1:${first.port}, 164 bytes\n`),
  )
  for (let i = 0; i < 10; i++) {
    const other = await source(t, to)
    other.send(10 + i)
    first.send(164)
  }
  await udpIn.until(run => counted(run) === 7, 'a count of the other seven')
  const { code, stderr } = await udpIn.stop()
  assert.equal(code, 0)
  assert.equal(stderr.match(/first datagram from/g)?.length, 4)
  assert.equal(stderr.match(/164 bytes/g)?.length, 1)
})

/** Number of further sources in standard error. */
function counted({ stderr }: { stderr: string }): number {
  const counts = [...stderr.matchAll(/first datagrams? from (\d+) more sources?/g)]
  return counts.reduce((sum, [, count]) => sum + Number(count), 0)
}

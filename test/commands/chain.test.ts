import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { test } from 'node:test'
import { groundwire, listeningPort, PATIENCE_MS, ready, startProxy } from '../helpers/groundwire.ts'

test('a datagram crosses udp-in, the proxy and udp-out, and is seen by tap', async t => {
  const proxy = await startProxy(t)
  const receiver = createSocket('udp4').bind(0, '127.0.0.1')
  t.after(() => receiver.close())
  await once(receiver, 'listening')
  const tap = await ready(t, proxy, ['tap', 'telem', '-f', 'hex', '-c', '1'])
  await ready(t, proxy, ['udp-out', 'telem', '--to', `127.0.0.1:${receiver.address().port}`])
  const udpIn = await ready(t, proxy, ['udp-in', '0', 'telem'])

  const arrived = once(receiver, 'message', { signal: AbortSignal.timeout(PATIENCE_MS) })
  const sender = createSocket('udp4')
  t.after(() => sender.close())
  sender.send(Buffer.from('0001ff', 'hex'), await listeningPort(udpIn), '127.0.0.1')

  const [datagram] = (await arrived) as [Buffer]
  assert.equal(datagram.toString('hex'), '0001ff')
  const { code, stdout } = await tap.exit
  assert.equal(code, 0)
  assert.equal(stdout.toString(), '0001ff\n')
})

test('an unknown command is one line on standard error, and exit 2', async t => {
  const { code, stdout, stderr } = await groundwire(t, ['frob']).exit
  assert.equal(code, 2)
  assert.equal(stdout.length, 0)
  assert.equal(stderr, 'groundwire: error: unknown command: frob (see groundwire --help)\n')
})

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { startPeer, subscribed } from '../helpers/buses.ts'
import { groundwire, startProxy } from '../helpers/groundwire.ts'
import { closedLedger, lossesOf } from '../helpers/ledger.ts'
import { rawPublisher, rawSubscriber, throwBytes } from '../helpers/raw-sockets.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const NOT_ZMTP = 'it does not speak ZeroMQ (ZMTP 3)'
const NOT_UTF8 = Buffer.from('74656cff', 'hex')

test('the proxy refuses and counts what is not two frames with a UTF-8 topic, and an AIT client lives on', async t => {
  const folder = temporaryFolder(t)
  const proxy = await startProxy(t, `--ledger ${folder.path('proxy.json')}`)
  // The peer ends at the first message that is not two frames, like an AIT stream.
  const subscriber = startPeer(t, 'subscriber.py', [proxy.xpub, ''])
  if (!subscriber) return
  const publisher = rawPublisher(t, proxy.xsub)
  await publisher.subscribed('telem')

  await publisher.send('telem')
  await publisher.send('telem', 'a', 'b')
  await publisher.send(NOT_UTF8, Buffer.from([0xc4, 1, 1]))
  await publisher.send('')
  await publisher.send('telem', Buffer.from([0xc4, 1, 7]))

  await subscriber.until(({ stdout }) => stdout.includes('\n'), 'the good message')
  assert.equal(subscriber.stdout.toString(), '2 telem bytes 07\n')
  const { code, stderr } = await proxy.run.stop()
  assert.equal(code, 0)
  assert.match(stderr, /warning: lost a message \(malformed\): 1 frame where a message has 2\n/)
  assert.match(stderr, /warning: lost 3 more \(malformed\)\n/)
  const ledger = closedLedger(folder.path('proxy.json'))
  assert.deepEqual(lossesOf(ledger), { malformed: 4 })
  assert.equal(ledger.sent.messages, 1)
})

test('the proxy hands on payloads that are not msgpack: what they are is not its business', async t => {
  const proxy = await startProxy(t)
  const tap = groundwire(t, 'tap telem -f hex -c 3', { env: proxy.env })
  const publisher = rawPublisher(t, proxy.xsub)
  await publisher.subscribed('telem')
  for (const payload of ['c1', 'dfffffffff', 'ffffffff']) {
    await publisher.send('telem', Buffer.from(payload, 'hex'))
  }
  const { code, stdout } = await tap.exit
  assert.equal(code, 0)
  assert.equal(stdout.toString(), 'c1\ndfffffffff\nffffffff\n')
})

test('random bytes and HTTP requests at both ports of the proxy are cut off, said, and no message', async t => {
  const folder = temporaryFolder(t)
  const proxy = await startProxy(t, `--ledger ${folder.path('proxy.json')}`)
  const strangers = [
    randomBytes(1_000_000),
    // The same, after the first byte of a ZMTP greeting.
    Buffer.concat([Buffer.from([0xff]), randomBytes(1_000_000)]),
    'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n',
  ]
  for (const url of [proxy.xsub, proxy.xpub]) for (const bytes of strangers) await throwBytes(url, bytes)
  await proxy.run.until(({ stderr }) => refusedIn(stderr) === 6, 'a line for the first, and counts')

  // The proxy goes on.
  const tap = groundwire(t, 'tap telem -c 1', { env: proxy.env })
  await subscribed(proxy, 'telem')
  assert.equal((await groundwire(t, 'publish telem hello', { env: proxy.env }).exit).code, 0)
  assert.equal((await tap.exit).code, 0)

  const { code, stderr } = await proxy.run.stop()
  assert.equal(code, 0)
  const [first, ...counts] = stderr.split('\n').filter(line => line.includes('refused'))
  assert.equal(
    first?.replace(/ from 127\.0\.0\.1:\d+:/, ':'),
    `proxy: warning: refused a connection at ${proxy.xsub} (xsub): ${NOT_ZMTP}`,
  )
  for (const count of counts)
    assert.match(count, /^proxy: warning: refused \d more connections?: it does not speak ZeroMQ \(ZMTP 3\)$/)
  const ledger = closedLedger(folder.path('proxy.json'))
  assert.deepEqual(lossesOf(ledger), {})
  assert.equal(ledger.topics['telem']?.messages, 1)
})

test('a subscriber that connects where publishers do is refused, and both sides say so', async t => {
  const proxy = await startProxy(t)
  const tap = groundwire(t, `tap --xpub ${proxy.xsub}`)
  await tap.untilStderr(
    /warning: \S+ refused the connection: it is of type XSUB, and not the proxy's side for subscribers\n/,
  )
  await proxy.run.untilStderr(
    /warning: refused a connection at \S+ \(xsub\) from \S+: it is of type SUB, and not a publisher\n/,
  )
  assert.equal((await tap.stop()).code, 0)
})

test('a connection that says nothing and leaves is one line', async t => {
  const proxy = await startProxy(t)
  await throwBytes(proxy.xpub, '', { hangUp: true })
  await proxy.run.untilStderr(
    /refused a connection at \S+ \(xpub\) from \S+: it left before it was a subscriber\n/,
  )
})

test('what a subscriber sends and is no subscription is refused and counted', async t => {
  const folder = temporaryFolder(t)
  const proxy = await startProxy(t, `--ledger ${folder.path('proxy.json')}`)
  const subscriber = rawSubscriber(t, proxy.xpub)
  await subscriber.send('hello')
  await subscriber.send(['a', 'b'])
  await subscriber.send(Buffer.concat([Buffer.from([1]), NOT_UTF8]))
  await subscriber.send(Buffer.from([1]))
  await subscribed(proxy, 'telem')
  const { code, stderr } = await proxy.run.stop()
  assert.equal(code, 0)
  assert.match(
    stderr,
    /warning: lost a message \(malformed\): a message from a subscriber that is not a subscription\n/,
  )
  assert.deepEqual(lossesOf(closedLedger(folder.path('proxy.json'))), { malformed: 2 })
})

/** Number of refused connections in standard error. */
function refusedIn(stderr: string): number {
  const counts = [...stderr.matchAll(/refused ([\d,]+) more connection/g)]
  const more = counts.reduce((sum, [, count = '']) => sum + Number(count.replaceAll(',', '')), 0)
  return (stderr.match(/refused a connection/g)?.length ?? 0) + more
}

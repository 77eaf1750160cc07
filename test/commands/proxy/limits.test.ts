import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MORE } from '../../../src/core/bus/zmtp/frame.ts'
import { claim, command, frame, handshake, HostilePeer, message } from '../../attacks/hostile-peer.ts'
import { groundwire, shell, startProxy } from '../../helpers/groundwire.ts'
import { ledgerOf } from '../../helpers/books.ts'
import { closedLedger } from '../../helpers/ledger.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'

test('an unknown limit is a usage error that names the nearest one', async t => {
  const { code, stderr } = await groundwire(t, 'proxy --limits queus=5M').exit
  assert.equal(code, 2)
  assert.match(stderr, /--limits: 'queus' is not one of frame, queue, .*did you mean queue/)
  for (const [value, error] of [
    ['queue', "'queue' is not of the form limits such as queues=256M,connections=200"],
    ['queue=x', "'x' is not a size such as 512, 64K or 8M"],
    ['queue=0', "'0' is not a limit of at least 1"],
  ] as const) {
    const wrong = await groundwire(t, `proxy --limits ${value}`).exit
    assert.equal(wrong.code, 2)
    assert(wrong.stderr.includes(`--limits: ${error}`), wrong.stderr)
  }
})

test('a limit that is reached is one line, and then a count; the ledger has both', async t => {
  const folder = temporaryFolder(t)
  const options = `--limits handshakes=5,reassembly=1M --ledger ${folder.path('proxy.json')}`
  const proxy = await startProxy(t, options)
  const peers: HostilePeer[] = []
  t.after(() => {
    for (const peer of peers) peer.end()
  })
  for (let i = 0; i < 40; i++) peers.push(await HostilePeer.connect(proxy.xpub))
  await proxy.run.untilStderr(/limits: refused, dropped or cut off \d+ more connections \(handshakes\)\n/)
  const begin = Buffer.concat([handshake('PUB'), frame(MORE, Buffer.from('t')), claim(0, 1_000_000)])
  for (let i = 0; i < 2; i++) {
    const publisher = await HostilePeer.connect(proxy.xsub, begin)
    peers.push(publisher)
    await publisher.write(Buffer.alloc(700_000))
  }
  await proxy.run.untilStderr(/the limit reassembly=1048576 is reached: /)
  const { code, stderr } = await proxy.run.stop()
  assert.equal(code, 0)
  const lines = stderr.match(
    /warning: the limit handshakes=5 is reached: .*; --limits handshakes=… sets it\n/g,
  )
  assert.equal(lines?.length, 1)
  const { limits } = closedLedger(folder.path('proxy.json'))
  assert.deepEqual(limits?.['handshakes'], { limit: 5, exceeded: 35 })
  assert.equal(limits?.['reassembly']?.exceeded, 1)
})

test('a subscriber that leaves is a warning where messages waited for it, and they are in the ledger', async t => {
  const folder = temporaryFolder(t)
  const file = folder.path('proxy.json')
  const proxy = await startProxy(t, `--ledger ${file}`)
  const subscribing = Buffer.concat([handshake('SUB'), command('SUBSCRIBE', Buffer.from('telem'))])
  const subscriber = await HostilePeer.connect(proxy.xpub, subscribing)
  const publisher = await HostilePeer.connect(proxy.xsub, handshake('PUB'))
  t.after(() => publisher.end())
  // Messages before the subscription are unheard. Then send more than the system holds, and less than one queue.
  const part = message(Buffer.from('telem'), Buffer.alloc(8_000))
  await publisher.write(part)
  await ledgerOf(file, ({ received }) => received.messages > 0)
  for (let i = 1; i < 1_500; i++) await publisher.write(part)
  await ledgerOf(file, ({ received }) => received.messages === 1_500)
  subscriber.end()
  const [, waiting] = await proxy.run.untilStderr(
    /warning: the subscriber from \S+ left \S+: (\d+) messages that waited for it are dropped\n/,
  )
  assert.equal((await proxy.run.stop()).code, 0)
  assert.deepEqual(Object.values(closedLedger(file).dropped ?? {}), [Number(waiting)])
})

test('with few file descriptors the proxy takes in nothing more, says so once, and goes on when there are more', async t => {
  const run = shell(t, 'ulimit -n 80; groundwire proxy --xsub tcp://127.0.0.1:* --xpub tcp://127.0.0.1:*')
  const [, xsub = ''] = await run.untilStderr(/publishers at (\S+) \(xsub\)/)
  const peers = await Promise.all(
    Array.from({ length: 60 }, () => HostilePeer.connect(xsub, handshake('PUB'))),
  )
  await run.untilStderr(
    /warning: no more connections are taken in: all but 32 of 80 file descriptors are in use; ulimit -n, or LimitNOFILE= /,
  )
  for (const peer of peers) peer.end()
  await run.untilStderr(/there are enough file descriptors again/)
  const late = await HostilePeer.connect(xsub, handshake('PUB'))
  await new Promise(resolve => late.socket.once('data', resolve))
  late.end()
  assert.equal(run.stderr.match(/no more connections/g)?.length, 1)
  assert.equal((await run.stop()).code, 0)
})

test('with too few file descriptors to start, that is a sentence and exit 1', async t => {
  for (const limit of [24, 30, 35, 40]) {
    const run = shell(
      t,
      `ulimit -n ${limit}; groundwire proxy --xsub tcp://127.0.0.1:* --xpub tcp://127.0.0.1:*`,
    )
    const { code, stderr } = await run.exit
    assert.equal(code, 1, stderr)
    assert.match(stderr, /^\w+: error: .*too few file descriptors .*\n$/)
  }
})

// Each carrier works with the other, and a role does the same over both.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync, linkSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { networkInterfaces } from 'node:os'
import { test, type TestContext } from 'node:test'
import { Broker } from '../../../src/core/bus/broker.ts'
import { CARRIERS, type CarrierName } from '../../../src/core/bus/carrier.ts'
import { Tap } from '../../../src/core/client/tap.ts'
import { type RoleLinkEvent, ZMQClient } from '../../../src/core/client/zmq-client.ts'
import { Condition } from '../../../src/core/condition.ts'
import { started } from '../../helpers/broker.ts'
import { PATIENCE_MS } from '../../helpers/groundwire.ts'
import { rawSubscriber } from '../../helpers/raw-sockets.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'
import { turnUntil } from '../../helpers/turns.ts'
import { unusedPort } from '../../helpers/udp.ts'

const patience = () => ({ signal: AbortSignal.timeout(PATIENCE_MS) })

interface Urls {
  readonly xsub: string
  readonly xpub: string
}

const FREE: Urls = { xsub: 'tcp://127.0.0.1:*', xpub: 'tcp://127.0.0.1:*' }

async function startBroker(t: TestContext, carrier: CarrierName, urls: Urls = FREE) {
  const broker = new Broker({ ...urls, carrier })
  t.after(() => broker.close())
  const { xsub, xpub } = await broker.start()
  return { broker, xsub: xsub.join(), xpub: xpub.join() }
}

/** A subscriber, its messages, and the events of its link. */
async function listen(t: TestContext, carrier: CarrierName, xpub: string, ...topics: string[]) {
  const condition = new Condition()
  const seen: string[] = []
  const links: string[] = []
  const tap = new Tap({
    topics,
    xpub,
    carrier,
    maxMessage: 100_000,
    onMessage: ({ topic, frame }) => {
      seen.push(`${topic} ${frame.length < 100 ? frame.subarray(2).toString() : frame.length}`)
      condition.notify()
    },
  })
  tap.on('link', ({ type }: RoleLinkEvent) => {
    links.push(type)
    condition.notify()
  })
  tap.on('loss', () => condition.notify())
  await started(t, tap)
  const until = (holds: () => boolean) => condition.until(holds, patience())
  return { tap, seen, links, until, atLeast: (count: number) => until(() => seen.length >= count) }
}

const publisher = (t: TestContext, carrier: CarrierName, xsub: string) =>
  started(t, new ZMQClient({ name: 'telem', xsub, carrier }))

for (const ofBroker of CARRIERS) {
  for (const ofRoles of CARRIERS) {
    const over = `a broker over ${ofBroker} and roles over ${ofRoles}`

    test(`${over}: messages of every topic and size arrive in order`, async t => {
      const { xsub, xpub } = await startBroker(t, ofBroker)
      const { tap, seen, atLeast, until } = await listen(t, ofRoles, xpub, 'telem', 'big')
      const client = await publisher(t, ofRoles, xsub)
      await client.heard('telem', patience())
      await client.heard('big', patience())
      const expected = Array.from({ length: 2_000 }, (_, i) => `telem ${i}`)
      for (let i = 0; i < 2_000; i++) client.publish(Buffer.from(`${i}`))
      for (const size of [255, 256, 65_536, 99_000, 200_000]) client.publish(Buffer.alloc(size), 'big')
      client.publish(Buffer.from('elsewhere'), 'telemetry')
      client.publish(Buffer.from('end'))
      await client.drain(patience())
      await atLeast(2_005)
      assert.deepEqual(seen.slice(0, 2_000), expected)
      assert.deepEqual(seen.slice(2_000), ['big 257', 'big 259', 'big 65541', 'big 99005', 'telem end'])
      // Each message has its published size, and the one over the limit is counted.
      await until(() => tap.ledger.received.messages === 2_006)
      assert.equal(tap.ledger.lost('oversize'), 1)
      assert.equal(client.ledger.unheard + client.ledger.sent.messages, 2_007)
    })

    test(`${over}: roles find a restarted broker again, and messages published meanwhile arrive`, async t => {
      const urls = {
        xsub: `tcp://127.0.0.1:${await unusedPort()}`,
        xpub: `tcp://127.0.0.1:${await unusedPort()}`,
      }
      const { broker } = await startBroker(t, ofBroker, urls)
      const { seen, links, atLeast, until } = await listen(t, ofRoles, urls.xpub, 'telem')
      const client = await publisher(t, ofRoles, urls.xsub)
      await client.heard('telem', patience())
      client.publish(Buffer.from('before'))
      await atLeast(1)
      const lost = new Promise(resolve => client.once('link', resolve))
      await broker.close()
      await lost
      await until(() => links.includes('lost'))
      for (let i = 0; i < 100; i++) client.publish(Buffer.from(`${i}`))
      await startBroker(t, ofBroker, urls)
      await atLeast(101)
      assert.deepEqual(seen, ['telem before', ...Array.from({ length: 100 }, (_, i) => `telem ${i}`)])
      assert.deepEqual(links, ['connected', 'lost', 'connected'])
      assert.equal(client.ledger.totalLost, 0)
    })
  }

  test(`a broker over ${ofBroker} tells publishers when a topic gets its first subscriber and loses its last one`, async t => {
    const { xsub, xpub } = await startBroker(t, ofBroker)
    const client = await publisher(t, ofBroker, xsub)
    const first = await listen(t, ofBroker, xpub, 'telem')
    await client.heard('telem', patience())
    const second = await listen(t, ofBroker, xpub, 'telem', 'second')
    // Its subscriptions arrive in this order: once the second is there, the one to the topic is too.
    await client.heard('second', patience())
    await first.tap.close()
    client.publish(Buffer.from('one'))
    await second.atLeast(1)
    await second.tap.close()
    await turnUntil(() => !client.hears('telem'), 'the end of the last subscription')
    // A late publisher is told the same.
    const late = await publisher(t, ofBroker, xsub)
    await listen(t, ofBroker, xpub, 'other')
    await late.heard('other', patience())
    assert.equal(late.hears('telem'), false)
  })

  test(`over ${ofBroker} a bus works on Unix sockets too, by path and by name`, async t => {
    const folder = temporaryFolder(t)
    const urls = {
      xsub: `ipc://${folder.path('xsub')}`,
      xpub: `ipc://@groundwire-test-${process.pid}-${ofBroker}`,
    }
    const { xsub, xpub } = await startBroker(t, ofBroker, urls)
    for (const carrier of CARRIERS) {
      const { seen, atLeast } = await listen(t, carrier, xpub, carrier)
      const client = await publisher(t, carrier, xsub)
      await client.heard(carrier, patience())
      client.publish(Buffer.from('hello'), carrier)
      await atLeast(1)
      assert.deepEqual(seen, [`${carrier} hello`])
    }
  })
}

for (const carrier of CARRIERS) {
  test(`over ${carrier} each of many topics is accounted for by the time its publisher has drained`, async t => {
    const { xsub, xpub } = await startBroker(t, carrier)
    const names = Array.from({ length: 20 }, (_, i) => `topic ${i}`)
    const { tap, until } = await listen(t, carrier, xpub, ...names)
    const client = await publisher(t, carrier, xsub)
    for (const name of names) await client.heard(name, patience())
    for (const name of names) client.publish(Buffer.from('x'), name)
    await client.drain(patience())
    const states = () => {
      const ledger = JSON.parse(JSON.stringify(tap.ledger)) as {
        accounting: Record<string, { announced: number }>
      }
      return Object.values(ledger.accounting)
    }
    // No event tells of an announcement, so the test looks at the account.
    const timer = setInterval(
      () => tap.emit('loss', { cause: 'bus', reason: 'to look again', messages: 0 }),
      20,
    )
    t.after(() => clearInterval(timer))
    await until(() => states().length >= 20 && states().every(({ announced }) => announced === 1))
  })
}

test('a broker that is closed while it starts leaves nothing behind', async () => {
  const port = await unusedPort()
  const broker = new Broker({ ...FREE, xpub: `tcp://127.0.0.1:${port}` })
  const starting = broker.start()
  await broker.close()
  await assert.rejects(starting, { code: 'CLOSED' })
  const another = new Broker({ ...FREE, xpub: `tcp://127.0.0.1:${port}` })
  await another.start()
  await another.close()
})

test('a prefix as long as a topic may be reaches a publisher, and a longer one does not', async t => {
  const { broker, xsub, xpub } = await startBroker(t, 'zmtp')
  const client = await publisher(t, 'zmtp', xsub)
  await client.connected(patience())
  const subscribed: string[] = []
  broker.on('peer', ({ type, detail }) => {
    if (type === 'subscribed') subscribed.push(detail)
  })
  const links: string[] = []
  client.on('link', ({ type }) => links.push(type))
  const longest = 'x'.repeat(1_024)
  // Its subscriptions arrive in this order.
  const subscriber = rawSubscriber(t, xpub)
  for (const prefix of ['y'.repeat(65_000), 'y'.repeat(1_025), longest])
    await subscriber.send(Buffer.concat([Buffer.of(1), Buffer.from(prefix)]))
  await client.heard(longest, patience())
  assert.deepEqual(subscribed, [longest])
  assert.deepEqual(links, [])
})

for (const carrier of CARRIERS) {
  test(`over ${carrier} a broker takes over no Unix socket in use and no other file, and removes its own socket at its end`, async t => {
    const folder = temporaryFolder(t)
    const path = folder.path('xpub')
    const urls = { xsub: 'tcp://127.0.0.1:*', xpub: `ipc://${path}` }
    const { broker } = await startBroker(t, carrier, urls)
    await assert.rejects(startBroker(t, carrier, urls), { code: 'ADDRESS_IN_USE' })
    const file = folder.write('notes', 'not to be deleted')
    await assert.rejects(startBroker(t, carrier, { ...urls, xpub: `ipc://${file}` }), {
      code: 'ADDRESS_IN_USE',
    })
    assert.equal(folder.read('notes').toString(), 'not to be deleted')
    await broker.close()
    assert(!existsSync(path))
  })
}

for (const carrier of CARRIERS) {
  test(`over ${carrier} a broker takes over the Unix socket's file that a killed proxy has left behind`, async t => {
    const folder = temporaryFolder(t)
    const left = createServer().listen(folder.path('first'))
    await once(left, 'listening')
    linkSync(folder.path('first'), folder.path('left'))
    left.close()
    await startBroker(t, carrier, { xsub: 'tcp://127.0.0.1:*', xpub: `ipc://${folder.path('left')}` })
  })

  test(`over ${carrier} binding to every interface covers IPv4 and IPv6`, async t => {
    const { xsub, xpub } = await startBroker(t, carrier, { xsub: 'tcp://*:*', xpub: 'tcp://*:*' })
    const addresses = Object.values(networkInterfaces()).flatMap(each => each ?? [])
    const v6 = addresses.some(({ address }) => address === '::1')
    for (const url of [xsub, xpub]) {
      const port = Number(/:(\d+)$/.exec(url)?.[1])
      assert.equal(url, v6 ? `tcp://[::]:${port}` : `tcp://0.0.0.0:${port}`)
      for (const host of v6 ? ['127.0.0.1', '::1'] : ['127.0.0.1']) {
        const socket = connect(port, host)
        await once(socket, 'connect')
        socket.destroy()
      }
    }
    const port = /:(\d+)$/.exec(xpub)?.[1]
    // A port in use on every interface is in use on each.
    for (const host of ['*', '127.0.0.1']) {
      const taken = startBroker(t, carrier, { xsub: 'tcp://127.0.0.1:*', xpub: `tcp://${host}:${port}` })
      await assert.rejects(taken, { code: 'ADDRESS_IN_USE' })
    }
  })

  test(`over ${carrier} a role connects again to a port where something else answered`, async t => {
    const { xpub } = await startBroker(t, 'zmtp')
    const broker = Number(/:(\d+)$/.exec(xpub)?.[1])
    let attempts = 0
    // Another program has the port at first.
    const server = createServer(socket => {
      socket.on('error', () => {})
      attempts += 1
      if (attempts < 3) {
        socket.end('SSH-2.0-OpenSSH_9.2\r\n')
        return
      }
      const on = connect(broker, '127.0.0.1')
      on.on('error', () => {})
      socket.pipe(on).pipe(socket)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const { links, until } = await listen(t, carrier, `tcp://127.0.0.1:${port}`, 'telem')
    t.after(() => server.close())
    await until(() => links.at(-1) === 'connected')
    assert.deepEqual(links, ['refused', 'connected'])
  })
}

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { test, type TestContext } from 'node:test'
import type { LinkEvent } from '../../../../src/core/bus/link.ts'
import { Connector, type ConnectorOptions } from '../../../../src/core/bus/zmtp/connector.ts'
import { Condition } from '../../../../src/core/condition.ts'
import { command, handshake } from '../../../attacks/hostile-peer.ts'
import { PATIENCE_MS } from '../../../helpers/groundwire.ts'
import { turns, turnUntil } from '../../../helpers/turns.ts'

const nothing = () => {}

const READY = handshake('XPUB')
const PING = command('PING', Buffer.from('\0\0context', 'latin1'))

/** A server that does with each connection what the test says, and a subscriber's end that connects to it. */
async function serve(t: TestContext, behave: (socket: Socket, attempt: number) => void) {
  const condition = new Condition()
  const links: LinkEvent[] = []
  let attempts = 0
  const sockets = new Set<Socket>()
  const server = createServer(socket => {
    sockets.add(socket)
    socket.on('error', () => {})
    behave(socket, ++attempts)
    condition.notify()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const options: ConnectorOptions = {
    url: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    type: 'SUB',
    peers: ['XPUB'],
    expected: 'a proxy',
    maxFrame: 1_000,
    onLink: event => {
      links.push(event)
      condition.notify()
    },
    handlers: {
      onOpen: nothing,
      onLost: nothing,
      onSubscription: nothing,
      onMessage: nothing,
      onNoMessage: nothing,
      onWritten: nothing,
    },
  }
  const connector = new Connector(options)
  t.after(() => {
    connector.close(0)
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const until = (holds: () => boolean) => condition.until(holds, { signal: AbortSignal.timeout(PATIENCE_MS) })
  return { connector, links, until, attempts: () => attempts, types: () => links.map(({ type }) => type) }
}

test('who closes each connection without a word is waited for, and one that answers then is connected to', async t => {
  const { links, until } = await serve(t, (socket, attempt) => {
    if (attempt < 4) socket.destroy()
    else socket.write(READY)
  })
  await until(() => links.at(-1)?.type === 'connected')
  assert.deepEqual(
    links.map(({ type }) => type),
    ['waiting', 'connected'],
  )
})

test('who speaks something else, or is of the wrong type, refuses us once, and is tried again', async t => {
  const { links, until, attempts } = await serve(t, (socket, attempt) => {
    if (attempt === 1) socket.write('SSH-2.0-OpenSSH_9.2\r\n')
    else if (attempt < 4) socket.write(handshake('SUB'))
    else socket.write(READY)
  })
  await until(() => attempts() >= 4 && links.at(-1)?.type === 'connected')
  assert.deepEqual(
    links.map(({ type, reason }) => [type, reason]),
    [
      ['refused', 'it does not speak ZeroMQ (ZMTP 3)'],
      ['connected', undefined],
    ],
  )
})

test('a connection that breaks is lost, and had again', async t => {
  const { types, until } = await serve(t, (socket, attempt) => {
    socket.write(READY)
    if (attempt === 1) socket.once('data', () => socket.destroy())
  })
  await until(() => types().length >= 3)
  assert.deepEqual(types(), ['connected', 'lost', 'connected'])
})

test('a PING is answered with its context', async t => {
  let answered = Buffer.alloc(0)
  const { until } = await serve(t, socket => {
    socket.write(Buffer.concat([READY, PING]))
    socket.on('data', chunk => {
      answered = Buffer.concat([answered, chunk])
    })
  })
  await until(() => true)
  await turnUntil(() => answered.includes('\x04PONGcontext'), 'the PONG')
})

test('who has fallen silent is asked, and cut off after 15 s; who answers, or is not let speak, is not', async t => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const asked: string[] = []
  const { types, until } = await serve(t, (socket, attempt) => {
    socket.write(READY)
    socket.on('data', chunk => {
      if (!chunk.includes('\x04PING')) return
      asked.push(`${attempt}`)
      if (attempt > 1) socket.write(command('PONG'))
    })
  })
  await until(() => types().includes('connected'))
  for (let i = 0; i < 5; i++) {
    t.mock.timers.tick(5_000)
    await turns()
  }
  await until(() => types().length >= 3)
  assert.deepEqual(types(), ['connected', 'lost', 'connected'])
  assert(asked.length >= 2)
  for (let i = 0; i < 5; i++) {
    t.mock.timers.tick(5_000)
    const before = asked.length
    await turnUntil(() => asked.length > before, 'a PING')
    await turns()
  }
  assert.equal(types().length, 3)
})

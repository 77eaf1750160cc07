import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { test, type TestContext } from 'node:test'
import type { LinkEvent } from '../../../../src/core/bus/link.ts'
import { Broker } from '../../../../src/core/bus/broker.ts'
import { Connection } from '../../../../src/core/bus/zmtp/connection.ts'
import type { Ending } from '../../../../src/core/bus/zmtp/connection-options.ts'
import { Connector, type ConnectorOptions } from '../../../../src/core/bus/zmtp/connector.ts'
import { COMMAND, writeHeader } from '../../../../src/core/bus/zmtp/frame.ts'
import { encodeReady, GREETING } from '../../../../src/core/bus/zmtp/handshake.ts'
import { Condition } from '../../../../src/core/condition.ts'
import { PATIENCE_MS } from '../../../helpers/groundwire.ts'
import { connected } from '../../../helpers/tcp.ts'

const patience = () => ({ signal: AbortSignal.timeout(PATIENCE_MS) })

function command(body: Buffer): Buffer {
  const bytes = Buffer.alloc(2 + body.length)
  body.copy(bytes, writeHeader(bytes, 0, COMMAND, body.length))
  return bytes
}

const nothing = () => {}

const READY = Buffer.concat([GREETING, command(encodeReady('XPUB'))])
const PING = command(Buffer.from('\x04PING\0\0context', 'latin1'))

/** Lets the loop turn for what is on its way. */
async function turns(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise(resolve => setImmediate(resolve))
}

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
  const until = (holds: () => boolean) => condition.until(holds, patience())
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
    else if (attempt < 4) socket.write(Buffer.concat([GREETING, command(encodeReady('SUB'))]))
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
  while (!answered.includes('\x04PONGcontext')) await new Promise(resolve => setImmediate(resolve))
})

test('who has fallen silent is asked, and cut off after 15 s; who answers, or is not let speak, is not', async t => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const asked: string[] = []
  const { types, until } = await serve(t, (socket, attempt) => {
    socket.write(READY)
    socket.on('data', chunk => {
      if (!chunk.includes('\x04PING')) return
      asked.push(`${attempt}`)
      if (attempt > 1) socket.write(command(Buffer.from('\x04PONG', 'latin1')))
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
    while (asked.length === before) await new Promise(resolve => setImmediate(resolve))
    await turns()
  }
  assert.equal(types().length, 3)
})

test('messages before READY, and a greeting that never ends, are cut off', async t => {
  const broker = new Broker({ xsub: 'tcp://127.0.0.1:*', xpub: 'tcp://127.0.0.1:*' })
  t.after(() => broker.close())
  const { xsub } = await broker.start()
  const { port } = new URL(xsub[0] ?? '')
  const socket = connect(Number(port), '127.0.0.1')
  socket.on('error', () => {})
  socket.write(Buffer.concat([GREETING, Buffer.from([1, 1, 65, 0, 1, 65])]))
  socket.resume()
  await once(socket, 'close')
  assert.equal(broker.ledger.received.messages, 0)
})

test('who reads what waits for it, however slowly, is there; who reads nothing of it for a minute is not', async t => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const { near, far } = await connected(t)
  const opened = new Condition()
  let open = false
  let ending: Ending | undefined
  const options = { type: 'XPUB', peers: ['SUB'], expected: 'a subscriber', maxFrame: 1_000 } as const
  const connection = new Connection(near, options, {
    onOpen: () => {
      open = true
      opened.notify()
    },
    onEnd: how => {
      ending = how
      opened.notify()
    },
    onSubscription: nothing,
    onMessage: nothing,
    onNoMessage: nothing,
    onWritten: nothing,
  })
  far.write(Buffer.concat([GREETING, command(encodeReady('SUB'))]))
  await opened.until(() => open, patience())
  // Far more than the system takes, of whose PING nothing arrives for long.
  for (let i = 0; i < 40_000; i++) connection.writer.message(Buffer.from('telem'), Buffer.alloc(1_000))
  const { writer } = connection
  for (let beats = 0; beats < 6; beats++) {
    const before = writer.bytes
    while (writer.bytes === before) {
      far.read()
      await new Promise(resolve => setImmediate(resolve))
    }
    t.mock.timers.tick(5_000)
  }
  assert.equal(ending, undefined)
  for (let beats = 0; beats < 15; beats++) {
    await turns()
    t.mock.timers.tick(5_000)
  }
  await opened.until(() => ending !== undefined, patience())
  assert.deepEqual(ending, { after: 'open', silent: true })
})

/** A connection to a proxy's XPUB side whose far end is the test's, and what it tells. */
async function subscriberEnd(t: TestContext, onMessage: (frame: Buffer) => void | Promise<void>) {
  const { near, far } = await connected(t)
  const condition = new Condition()
  const told: string[] = []
  const tell = (what: string) => {
    told.push(what)
    condition.notify()
  }
  const options = { type: 'SUB', peers: ['XPUB'], expected: 'a proxy', maxFrame: 1_000 } as const
  const connection = new Connection(near, options, {
    onOpen: () => tell('open'),
    onEnd: () => tell('end'),
    onSubscription: nothing,
    onMessage: (_topic, frame) => {
      tell(frame.toString())
      return onMessage(frame)
    },
    onNoMessage: nothing,
    onWritten: nothing,
  })
  far.resume()
  far.write(READY)
  const until = (what: string) => condition.until(() => told.includes(what), patience())
  await until('open')
  return { connection, far, told, until }
}

function messages(...texts: readonly string[]): Buffer {
  return Buffer.concat(
    texts.map(text => Buffer.from(`\x01\x05telem\0${String.fromCharCode(text.length)}${text}`, 'latin1')),
  )
}

test('what has come is handled, one after the other, before the end of the connection is told', async t => {
  const released: (() => void)[] = []
  const { far, told, until } = await subscriberEnd(
    t,
    () => new Promise<void>(resolve => released.push(resolve)),
  )
  far.write(messages('one', 'two', 'three'))
  await until('one')
  far.resetAndDestroy()
  for (const next of ['two', 'three']) {
    await turns()
    released.shift()?.()
    await until(next)
  }
  await turns()
  assert(!told.includes('end'))
  released.shift()?.()
  await until('end')
  assert.deepEqual(told, ['open', 'one', 'two', 'three', 'end'])
})

test('messages held behind a handler are handed on where the connection is ended for a fault meanwhile', async t => {
  const released: (() => void)[] = []
  const { connection, far, told, until } = await subscriberEnd(
    t,
    () => new Promise<void>(resolve => released.push(resolve)),
  )
  far.write(messages('one', 'two', 'three'))
  await until('one')
  connection.fail('it is a nuisance')
  for (const next of ['two', 'three', 'end']) {
    await turns()
    assert(!told.includes(next))
    released.shift()?.()
    await until(next)
  }
  assert.deepEqual(told, ['open', 'one', 'two', 'three', 'end'])
})

test('a connection that is closed by a handler hands on the messages behind it, and answers nothing', async t => {
  const { connection, far, told, until } = await subscriberEnd(t, frame => {
    if (frame.toString() === 'two') connection.close(0)
  })
  far.write(Buffer.concat([messages('one', 'two', 'three'), PING, messages('four')]))
  await until('end')
  assert.deepEqual(told, ['open', 'one', 'two', 'three', 'four', 'end'])
})

test('a peer of ZMTP 3.0 is told of subscriptions by messages, and asked for no sign of life', async t => {
  const { near, far } = await connected(t)
  const greeting = Buffer.from(GREETING)
  greeting[11] = 0
  let got = Buffer.alloc(0)
  const condition = new Condition()
  far.on('data', chunk => {
    got = Buffer.concat([got, chunk])
    condition.notify()
  })
  far.resume()
  const options = { type: 'SUB', peers: ['XPUB'], expected: 'a proxy', maxFrame: 1_000 } as const
  t.mock.timers.enable({ apis: ['setInterval'] })
  const connection = new Connection(near, options, {
    onOpen: opened => opened.subscribe({ prefix: Buffer.from('telem'), subscribe: true }),
    onEnd: nothing,
    onSubscription: nothing,
    onMessage: nothing,
    onNoMessage: nothing,
    onWritten: nothing,
  })
  far.write(Buffer.concat([greeting, command(encodeReady('XPUB'))]))
  const subscription = '\0\x06\x01telem'
  await condition.until(() => got.includes(subscription), patience())
  for (let beats = 0; beats < 6; beats++) {
    t.mock.timers.tick(5_000)
    await turns()
  }
  assert(got.toString('latin1').endsWith(subscription))
  connection.close(0)
})

test('what lingers goes out whole, across a beat', async t => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const { connection, far } = await subscriberEnd(t, nothing)
  far.pause()
  for (let i = 0; i < 20_000; i++) connection.writer.message(Buffer.from('telem'), Buffer.alloc(1_000))
  await turns()
  connection.close(PATIENCE_MS)
  t.mock.timers.tick(5_000)
  await turns()
  let bytes = 0
  far.on('data', chunk => {
    bytes += chunk.length
  })
  far.resume()
  await once(far, 'end')
  assert(bytes > 20_000 * 1_000, `${bytes}`)
})

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { test, type TestContext } from 'node:test'
import { Broker } from '../../../../src/core/bus/broker.ts'
import { Connection } from '../../../../src/core/bus/zmtp/connection.ts'
import type { Ending } from '../../../../src/core/bus/zmtp/connection-options.ts'
import { COMMAND } from '../../../../src/core/bus/zmtp/frame.ts'
import { encodeReady, GREETING } from '../../../../src/core/bus/zmtp/handshake.ts'
import { Condition } from '../../../../src/core/condition.ts'
import { command, frame, handshake } from '../../../attacks/hostile-peer.ts'
import { PATIENCE_MS } from '../../../helpers/groundwire.ts'
import { connected } from '../../../helpers/tcp.ts'
import { turns, turnUntil } from '../../../helpers/turns.ts'

const patience = () => ({ signal: AbortSignal.timeout(PATIENCE_MS) })

const nothing = () => {}

/** Handlers of a connection that a test does not look at. */
const IGNORED = {
  onOpen: nothing,
  onEnd: nothing,
  onSubscription: nothing,
  onMessage: nothing,
  onNoMessage: nothing,
  onWritten: nothing,
}

test('messages before READY are cut off', async t => {
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

test('a greeting that never ends is cut off after 30 s', async t => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { near, far } = await connected(t)
  let ending: Ending | undefined
  const options = { type: 'XPUB', peers: ['SUB'], expected: 'a subscriber', maxFrame: 1_000 } as const
  const connection = new Connection(near, options, {
    ...IGNORED,
    onOpen: () => assert.fail('half a greeting opens nothing'),
    onEnd: how => {
      ending = how
    },
  })
  t.after(() => connection.close(0))
  far.resume()
  // Each byte is a sign of life, which moves the limit by nothing.
  for (let second = 0; second < 30; second++) {
    far.write(GREETING.subarray(second, second + 1))
    await turns()
    assert.equal(ending, undefined, `after ${second} s`)
    t.mock.timers.tick(1_000)
  }
  await turnUntil(() => ending !== undefined, 'the end of the connection')
  assert.equal(ending?.after, 'greeting')
})

test('who reads what waits for it, however slowly, is there; who reads nothing of it for a minute is not', async t => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const { near, far } = await connected(t)
  const opened = new Condition()
  let open = false
  let ending: Ending | undefined
  const options = { type: 'XPUB', peers: ['SUB'], expected: 'a subscriber', maxFrame: 1_000 } as const
  const connection = new Connection(near, options, {
    ...IGNORED,
    onOpen: () => {
      open = true
      opened.notify()
    },
    onEnd: how => {
      ending = how
      opened.notify()
    },
  })
  far.write(handshake('SUB'))
  await opened.until(() => open, patience())
  // Far more than the system buffers, so that the PING does not arrive for long.
  for (let i = 0; i < 40_000; i++) connection.writer.message(Buffer.from('telem'), Buffer.alloc(1_000))
  const { writer } = connection
  for (let beats = 0; beats < 6; beats++) {
    const before = writer.bytes
    const drains = () => {
      far.read()
      return writer.bytes !== before
    }
    await turnUntil(drains, 'room in the queue')
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

/** A connection to a proxy's XPUB side, with the test at its far end, and its events. */
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
    ...IGNORED,
    onOpen: () => tell('open'),
    onEnd: () => tell('end'),
    onMessage: ({ frame }) => {
      tell(frame.toString())
      return onMessage(frame)
    },
  })
  far.resume()
  far.write(handshake('XPUB'))
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
  const ping = command('PING', Buffer.from('\0\0context', 'latin1'))
  far.write(Buffer.concat([messages('one', 'two', 'three'), ping, messages('four')]))
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
    ...IGNORED,
    onOpen: opened => opened.subscribe({ prefix: Buffer.from('telem'), subscribe: true }),
  })
  far.write(Buffer.concat([greeting, frame(COMMAND, encodeReady('XPUB'))]))
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

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { clientIdentity, CurveClient } from '../../../src/core/security/curve-client.ts'
import { CurveServer, ServerIdentity } from '../../../src/core/security/curve-server.ts'
import type { Step } from '../../../src/core/security/curve-role.ts'
import { Sodium } from '../../../src/core/security/sodium.ts'
import { Opener } from '../../../src/core/bus/zmtp/opener.ts'
import { Sealer } from '../../../src/core/bus/zmtp/sealer.ts'
import { makeKeys } from '../../helpers/curve-keys.ts'
import { findPython, runPython } from '../../helpers/python.ts'

const METADATA = Buffer.from('\x0bSocket-Type\0\0\0\x03SUB', 'latin1')
const FROM_CLIENT = Buffer.from('CurveZMQMESSAGEC')
const FROM_SERVER = Buffer.from('CurveZMQMESSAGES')

type Values = Readonly<Record<string, Buffer | number>>

/** Calls PyNaCl's CurveZMQ, or skips the test. */
function oracleOf(t: TestContext): ((action: string, values: Values) => Record<string, Buffer>) | undefined {
  const python = findPython(t, 'nacl')
  if (python === undefined) return undefined
  return (action, values) => {
    const input = Object.fromEntries(
      Object.entries(values).map(([name, value]) => [
        name,
        typeof value === 'number' ? value : value.toString('hex'),
      ]),
    )
    const answer = runPython(python, 'curve-oracle.py', [action], input) as Record<string, string | number>
    return Object.fromEntries(
      Object.entries(answer).map(([name, value]) => [
        name,
        typeof value === 'number' ? Buffer.of(value) : Buffer.from(value, 'hex'),
      ]),
    )
  }
}

function replyOf({ reply, fault }: Step): Buffer {
  assert.equal(fault, undefined)
  assert.ok(reply)
  return reply
}

/** A frame of ZMTP that holds a MESSAGE, out of its sealed frame. */
function messageIn(frame: Buffer): Buffer {
  assert.equal(frame[0], 0, 'a MESSAGE is no command to ZMTP, as libzmq would take its content for one')
  return frame.subarray(2)
}

function frameOf(command: Buffer): Buffer {
  return Buffer.concat([Buffer.of(0, command.length), command])
}

test('PyNaCl opens each command of our client, and our client each of its', async t => {
  const oracle = oracleOf(t)
  if (oracle === undefined) return
  const sodium = await Sodium.load()
  const [ours, theirs] = [await makeKeys(), await makeKeys()]
  const identity = clientIdentity(sodium, { ...ours, serverKey: theirs.publicKey })
  const client = new CurveClient(sodium, identity, METADATA)

  const hello = client.begin()
  assert.ok(hello)
  const greeted = oracle('open-hello', { command: hello, server_secret: theirs.secretKey })
  assert.deepEqual(greeted['signature'], Buffer.alloc(64))
  assert.deepEqual(greeted['count'], Buffer.of(1))
  const clientKey = greeted['key'] as Buffer

  const cookieKey = Buffer.alloc(32, 7)
  const welcome = oracle('welcome', {
    client_key: clientKey,
    server_secret: theirs.secretKey,
    cookie_key: cookieKey,
  })
  const initiate = replyOf(client.receive(welcome['command'] as Buffer))
  const vouched = oracle('open-initiate', {
    command: initiate,
    connection_secret: welcome['secret'] as Buffer,
    client_key: clientKey,
  })
  assert.deepEqual(vouched['cookie'], welcome['cookie'])
  assert.deepEqual(vouched['key'], ours.publicKey)
  assert.deepEqual(vouched['vouchedClient'], clientKey)
  assert.deepEqual(vouched['vouchedServer'], theirs.publicKey)
  assert.deepEqual(vouched['metadata'], METADATA)
  assert.deepEqual(vouched['count'], Buffer.of(2))

  const connection = { connection_secret: welcome['secret'] as Buffer, client_key: clientKey }
  const ready = oracle('ready', { ...connection, metadata: METADATA, count: 1 })
  const { opened } = client.receive(ready['command'] as Buffer)
  assert.ok(opened)
  assert.deepEqual(opened.metadata, METADATA)

  const sealed = new Sealer(opened.keys).seal(Buffer.from('\x01\x04telm\x00\x02hi\x04\x05\x04PING', 'latin1'))
  const boxes = { secret: welcome['secret'] as Buffer, key: clientKey, prefix: FROM_CLIENT }
  const first = sealed.subarray(0, 2 + 33 + 4)
  const second = sealed.subarray(first.length, first.length + 2 + 33 + 2)
  const third = sealed.subarray(first.length + second.length)
  assert.deepEqual(oracle('open-message', { ...boxes, command: messageIn(first) }), {
    flags: Buffer.of(1),
    data: Buffer.from('telm'),
    count: Buffer.of(3),
  })
  assert.deepEqual(oracle('open-message', { ...boxes, command: messageIn(second) })['flags'], Buffer.of(0))
  const command = oracle('open-message', { ...boxes, command: messageIn(third) })
  assert.deepEqual(command['flags'], Buffer.of(2), "a command has libzmq's bit, not that of a ZMTP frame")
  assert.deepEqual(command['count'], Buffer.of(5))

  const theirMessage = oracle('message', {
    prefix: FROM_SERVER,
    secret: welcome['secret'] as Buffer,
    key: clientKey,
    flags: 1,
    data: Buffer.from('topic'),
    count: 2,
  })
  const opener = new Opener(opened.keys)
  assert.deepEqual(
    opener.open(frameOf(theirMessage['command'] as Buffer)),
    Buffer.from('\x01\x05topic', 'latin1'),
  )
  identity.secretKey.wipe()
  opened.keys.wipe()
})

test('PyNaCl opens each command of our server, and our server each of its', async t => {
  const oracle = oracleOf(t)
  if (oracle === undefined) return
  const sodium = await Sodium.load()
  const [ours, theirs, connection] = [await makeKeys(), await makeKeys(), await makeKeys()]
  const asked: unknown[] = []
  const identity = new ServerIdentity(sodium, {
    ...ours,
    admit: (publicKey, address) => {
      asked.push(Buffer.from(publicKey), address)
      return { name: 'peer' }
    },
  })
  const server = new CurveServer(identity, '192.0.2.1:4711', METADATA)

  const hello = oracle('hello', {
    client_secret: connection.secretKey,
    server_key: ours.publicKey,
    count: 1,
  })
  const welcome = replyOf(server.receive(hello['command'] as Buffer))
  const greeted = oracle('open-welcome', {
    command: welcome,
    client_secret: connection.secretKey,
    server_key: ours.publicKey,
  })
  const initiate = oracle('initiate', {
    permanent_secret: theirs.secretKey,
    client_secret: connection.secretKey,
    connection_key: greeted['key'] as Buffer,
    server_key: ours.publicKey,
    cookie: greeted['cookie'] as Buffer,
    metadata: METADATA,
    count: 2,
  })
  const { reply, opened } = server.receive(initiate['command'] as Buffer)
  assert.ok(reply)
  assert.ok(opened)
  assert.deepEqual(opened.metadata, METADATA)
  assert.equal(opened.peerKey?.name, 'peer')
  assert.deepEqual(asked, [theirs.publicKey, '192.0.2.1:4711'])
  const ready = oracle('open-ready', {
    command: reply,
    client_secret: connection.secretKey,
    connection_key: greeted['key'] as Buffer,
  })
  assert.deepEqual(ready['metadata'], METADATA)
  assert.deepEqual(ready['count'], Buffer.of(1))

  const boxes = { secret: connection.secretKey, key: greeted['key'] as Buffer }
  const sealed = new Sealer(opened.keys).seal(Buffer.from('\x00\x05hello', 'latin1'))
  assert.deepEqual(oracle('open-message', { ...boxes, prefix: FROM_SERVER, command: messageIn(sealed) }), {
    flags: Buffer.of(0),
    data: Buffer.from('hello'),
    count: Buffer.of(2),
  })
  const theirMessage = oracle('message', {
    ...boxes,
    prefix: FROM_CLIENT,
    flags: 2,
    data: Buffer.from('\x04PING\0\0', 'latin1'),
    count: 3,
  })
  assert.deepEqual(
    new Opener(opened.keys).open(frameOf(theirMessage['command'] as Buffer)),
    Buffer.from('\x04\x07\x04PING\0\0', 'latin1'),
  )
  identity.close()
  opened.keys.wipe()
})

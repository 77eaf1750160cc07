import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { Decoder } from '../../../../src/core/bus/zmtp/decoder.ts'
import { COMMAND, headerLength, LONG, MORE, writeHeader } from '../../../../src/core/bus/zmtp/frame.ts'
import { cut, places } from '../../../helpers/chunks.ts'

const MAX_FRAME = 1_000

type Seen = readonly [what: string, ...details: (string | number | boolean)[]]

/** A decoder, and what it has told, with bytes as hexadecimal. */
function decoder(onMessage?: (topic: Buffer, frame: Buffer) => Promise<void> | undefined) {
  const seen: Seen[] = []
  const told = new Decoder(
    {
      onMessage(topic, frame) {
        seen.push(['message', topic.toString('hex'), frame.toString('hex')])
        return onMessage?.(topic, frame)
      },
      onNoMessage: ({ first, frames, bytes, oversize }) =>
        seen.push(['no message', first.toString('hex'), frames, bytes, oversize]),
      onCommand: (name, body) => seen.push(['command', name, body.toString('hex')]),
      onFault: reason => seen.push(['fault', reason]),
      onPause: () => seen.push(['pause']),
      onResume: () => seen.push(['resume']),
    },
    { maxFrame: MAX_FRAME, maxFirst: MAX_FRAME },
  )
  return { told, seen }
}

function frame(flags: number, body: Buffer): Buffer {
  const bytes = Buffer.alloc(headerLength(body.length) + body.length)
  body.copy(bytes, writeHeader(bytes, 0, flags, body.length))
  return bytes
}

function message(...frames: readonly Buffer[]): Buffer {
  return Buffer.concat(frames.map((body, i) => frame(i < frames.length - 1 ? MORE : 0, body)))
}

function command(name: string, body: Buffer): Buffer {
  return frame(COMMAND, Buffer.concat([Buffer.of(name.length), Buffer.from(name), body]))
}

const bytes = (maxLength: number) =>
  fc.uint8Array({ minLength: 0, maxLength, size: 'max' }).map(array => Buffer.from(array))

/** What a peer may send, and what is to be told of it. */
const unit = fc.oneof(
  fc.tuple(bytes(300), bytes(MAX_FRAME)).map(([topic, body]) => ({
    wire: message(topic, body),
    told: ['message', topic.toString('hex'), body.toString('hex')] as Seen,
  })),
  bytes(300).map(body => ({
    wire: message(body),
    told: ['no message', body.toString('hex'), 1, body.length, false] as Seen,
  })),
  fc.array(bytes(300), { minLength: 3, maxLength: 5 }).map(frames => ({
    wire: message(...frames),
    told: ['no message', frames[0]?.toString('hex') ?? '', frames.length, sizeOf(frames), false] as Seen,
  })),
  fc.tuple(bytes(20), fc.integer({ min: MAX_FRAME + 1, max: 3 * MAX_FRAME })).map(([topic, size]) => ({
    wire: message(topic, Buffer.alloc(size)),
    told: ['no message', topic.toString('hex'), 2, topic.length + size, true] as Seen,
  })),
  fc.integer({ min: MAX_FRAME + 1, max: 3 * MAX_FRAME }).map(size => ({
    wire: message(Buffer.alloc(size), Buffer.alloc(3)),
    told: ['no message', '', 2, size + 3, true] as Seen,
  })),
  fc.tuple(fc.constantFrom('PING', 'SUBSCRIBE', 'X'), bytes(300)).map(([name, body]) => ({
    wire: command(name, body),
    told: ['command', name, body.toString('hex')] as Seen,
  })),
)

function sizeOf(frames: readonly Buffer[]): number {
  return frames.reduce((sum, { length }) => sum + length, 0)
}

test('however the stream is cut, each message, command and non-message is told once and in order', () => {
  fc.assert(
    fc.property(fc.array(unit, { maxLength: 12 }), places, (units, at) => {
      const { told, seen } = decoder()
      for (const chunk of cut(Buffer.concat(units.map(({ wire }) => wire)), at)) told.push(Buffer.from(chunk))
      assert.deepEqual(
        seen,
        units.map(unit => unit.told),
      )
    }),
  )
})

test('while a handler is not done, what comes is held, and goes on in order after it', async () => {
  const released: (() => void)[] = []
  const { told, seen } = decoder(() => new Promise<void>(resolve => released.push(resolve)))
  const wire = Buffer.concat(['a', 'b', 'c'].map(text => message(Buffer.from('t'), Buffer.from(text))))
  told.push(wire.subarray(0, 12))
  told.push(wire.subarray(12))
  assert.deepEqual(seen, [['message', '74', '61'], ['pause']])
  for (const count of [2, 3]) {
    released.shift()?.()
    await new Promise(resolve => setImmediate(resolve))
    assert.equal(seen.filter(([what]) => what === 'message').length, count)
  }
  assert(!seen.some(([what]) => what === 'resume'))
  released.shift()?.()
  await new Promise(resolve => setImmediate(resolve))
  assert.deepEqual(seen.at(-1), ['resume'])
})

test('a size that is only claimed costs no memory, and what follows is passed over', () => {
  const { told, seen } = decoder()
  const claim = Buffer.alloc(9, 0xff)
  claim[0] = LONG
  told.push(claim)
  for (let i = 0; i < 100; i++) told.push(Buffer.alloc(1_000))
  assert.deepEqual(seen, [])
})

test('reserved flags, and commands without a name or over the limit, end the stream', () => {
  const long = Buffer.alloc(9)
  long[0] = COMMAND | LONG
  long.writeUInt32BE(1 << 20, 5)
  for (const wire of [
    Buffer.from([8, 1, 0]),
    Buffer.from([0x80, 1]),
    frame(COMMAND, Buffer.from([9, 65])),
    long,
  ]) {
    const { told, seen } = decoder()
    told.push(wire)
    told.push(message(Buffer.from('t'), Buffer.from('a')))
    assert.deepEqual(
      seen.map(([what]) => what),
      ['fault'],
      wire.toString('hex'),
    )
  }
})

test('commands may stand between the frames of a message, as those that libzmq answers a PING with', () => {
  const pong = command('PONG', Buffer.alloc(2))
  const pongs: Seen = ['command', 'PONG', '0000']
  const between = (...frames: readonly Buffer[]) =>
    Buffer.concat(frames.flatMap((body, i) => [frame(i < frames.length - 1 ? MORE : 0, body), pong]))
  const [a, b, c] = [Buffer.from('a'), Buffer.alloc(300, 'b'), Buffer.from('c')]
  const wire = Buffer.concat([
    between(a, b),
    between(a, b, c),
    between(a, Buffer.alloc(MAX_FRAME + 1)),
    message(a, b),
  ])
  const expected: Seen[] = [
    pongs,
    ['message', a.toString('hex'), b.toString('hex')],
    pongs,
    pongs,
    pongs,
    ['no message', a.toString('hex'), 3, 302, false],
    pongs,
    pongs,
    ['no message', a.toString('hex'), 2, MAX_FRAME + 2, true],
    pongs,
    ['message', a.toString('hex'), b.toString('hex')],
  ]
  fc.assert(
    fc.property(places, at => {
      const { told, seen } = decoder()
      for (const chunk of cut(wire, at)) told.push(Buffer.from(chunk))
      assert.deepEqual(seen, expected)
    }),
  )
})

test('arbitrary bytes are told as something, or end the stream, and never throw', () => {
  fc.assert(
    fc.property(bytes(3_000), places, (wire, at) => {
      const { told, seen } = decoder()
      for (const chunk of cut(wire, at)) told.push(Buffer.from(chunk))
      assert(seen.filter(([what]) => what === 'fault').length <= 1)
    }),
  )
})

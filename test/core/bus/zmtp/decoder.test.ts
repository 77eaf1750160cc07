import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { Decoder } from '../../../../src/core/bus/zmtp/decoder.ts'
import type { DecoderLimits } from '../../../../src/core/bus/zmtp/decoder-options.ts'
import { Limit } from '../../../../src/core/bus/limits.ts'
import { Reassembly } from '../../../../src/core/bus/zmtp/reassembly.ts'
import { COMMAND, headerLength, LONG, MORE, writeHeader } from '../../../../src/core/bus/zmtp/frame.ts'
import { WireMessage } from '../../../../src/core/bus/zmtp/wire-message.ts'
import { cut, places } from '../../../helpers/chunks.ts'

const MAX_FRAME = 1_000

type Seen = readonly [what: string, ...details: (string | number | boolean)[]]

/** A decoder, and what it has told, with bytes as hexadecimal. */
function decoder(limits: Partial<DecoderLimits> = {}) {
  const seen: Seen[] = []
  const decoding = new Decoder(
    {
      onMessage: view => {
        const { topic, frame } = view
        assert(view instanceof WireMessage)
        const { start, topicBytes, frameEnd } = view
        if (start >= 0) assert.deepEqual(topicBytes.subarray(start, frameEnd), message(topic, frame))
        seen.push(['message', topic.toString('hex'), frame.toString('hex')])
      },
      onNoMessage: ({ first, frames, bytes, oversize }) =>
        seen.push(['no message', first.toString('hex'), frames, bytes, oversize]),
      onCommand: (name, body) => seen.push(['command', name, body.toString('hex')]),
      onFault: reason => seen.push(['fault', reason]),
      onPending: () => assert.fail('no handler is pending'),
    },
    { maxFrame: MAX_FRAME, maxFirst: MAX_FRAME, ...limits },
  )
  const told = {
    push: (chunk: Buffer) => assert.equal(decoding.decode(chunk, 0), chunk.length),
    stop: () => decoding.stop(),
  }
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

/** A peer's bytes, and the calls that the decoder is to make for them. */
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

test('a first frame that is too long is known by its header, passed over, and never held', () => {
  const reassembly = new Limit('reassembly', 1 << 30, 'connections')
  const { told, seen } = decoder({
    maxFrame: 1 << 28,
    maxFirst: 100,
    reassembly: new Reassembly(reassembly),
  })
  told.push(message(Buffer.alloc(101), Buffer.alloc(5)))
  const large = Buffer.alloc(9)
  large[0] = LONG | MORE
  large.writeUInt32BE(1 << 27, 5)
  told.push(large)
  for (let i = 0; i < 128; i++) told.push(Buffer.alloc(1 << 20))
  told.push(frame(0, Buffer.alloc(7)))
  told.push(message(Buffer.alloc(100), Buffer.alloc(5)))
  assert.deepEqual(seen, [
    ['no message', '', 2, 106, false],
    ['no message', '', 2, (1 << 27) + 7, false],
    ['message', '00'.repeat(100), '00'.repeat(5)],
  ])
  assert.equal(reassembly.peak, 0)
})

test('commands between the frames of a message cost no more than their own bytes', t => {
  const size = 1 << 22
  const { told, seen } = decoder({ maxFrame: 1 << 23, maxFirst: 1 << 23 })
  const first = frame(MORE, Buffer.alloc(size))
  const commands = Buffer.concat(Array<Buffer>(1_000).fill(command('x', Buffer.alloc(0))))
  const wire = Buffer.concat([first, commands, frame(0, Buffer.alloc(5))])
  let copied = 0
  const from = Buffer.from.bind(Buffer)
  t.mock.method(Buffer, 'from', (...args: Parameters<typeof from>) => {
    const bytes: unknown = args[0]
    if (bytes instanceof Uint8Array) copied += bytes.length
    return from(...args)
  })
  const copy = Reflect.get(Buffer.prototype, 'copy') as (...args: unknown[]) => number
  t.mock.method(Buffer.prototype, 'copy', function (this: Buffer, ...args: unknown[]) {
    const bytes = copy.apply(this, args)
    copied += bytes
    return bytes
  })
  for (let at = 0; at < wire.length; at += 4_001) told.push(wire.subarray(at, at + 4_001))
  assert.deepEqual([seen.length, seen.at(-1)?.[0]], [1_001, 'message'])
  assert(copied < 4 * wire.length, `${copied} bytes were copied, of ${wire.length}`)
})

test('where too much is held of messages that are not whole, who holds the most is cut off', () => {
  const limit = new Limit('reassembly', 5_000, 'connections')
  const limits = { maxFrame: 1 << 20, reassembly: new Reassembly(limit) }
  const [small, large, later] = [decoder(limits), decoder(limits), decoder(limits)]
  const begin = (bytes: number) => message(Buffer.from('t'), Buffer.alloc(10_000)).subarray(0, bytes)
  small.told.push(begin(1_000))
  large.told.push(begin(3_500))
  assert.equal(limit.now, 4_500)
  later.told.push(begin(600))
  assert.deepEqual(
    large.seen.map(([what]) => what),
    ['fault'],
  )
  assert.deepEqual([small.seen, later.seen], [[], []])
  assert.equal(limit.now, 1_600)
  small.told.push(message(Buffer.from('t'), Buffer.alloc(10_000)).subarray(1_000))
  later.told.stop()
  assert.deepEqual(
    small.seen.map(([what]) => what),
    ['message'],
  )
  assert.deepEqual([limit.now, limit.toJSON().exceeded], [0, 1])
})

import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { Limit } from '../../../../src/core/bus/limits.ts'
import { Batcher } from '../../../../src/core/bus/zmtp/batcher.ts'
import { Decoder } from '../../../../src/core/bus/zmtp/decoder.ts'
import type { WireMessage } from '../../../../src/core/bus/zmtp/wire-message.ts'
import { Writer } from '../../../../src/core/bus/zmtp/writer.ts'
import { runs } from '../../../helpers/property.ts'

const TOPIC = Buffer.from('telem')
const never = () => assert.fail()

/** Messages of some sizes on the wire, each with its number. */
function encoded(first: number, sizes: readonly number[]): Buffer {
  const batcher = new Batcher(undefined)
  for (const [i, size] of sizes.entries()) batcher.message(TOPIC, numbered(first + i, size))
  return Buffer.concat(batcher.takeAll().map(({ bytes }) => Buffer.from(bytes)))
}

function numbered(number: number, size: number): Buffer {
  const frame = Buffer.alloc(size, number)
  frame.writeUInt32BE(number, 0)
  return frame
}

/** Reads a chunk of messages, and tells each. */
function read(chunk: Buffer, onMessage: (message: WireMessage) => void): void {
  const decoder = new Decoder(
    {
      onMessage: message => {
        onMessage(message as WireMessage)
      },
      onNoMessage: never,
      onCommand: never,
      onFault: never,
      onPending: never,
    },
    { maxFrame: 1 << 20, maxFirst: 100 },
  )
  assert.equal(decoder.decode(chunk, 0), chunk.length)
}

/** A socket whose writes are done when the test says so. */
class FakeSocket {
  readonly out: Buffer[] = []
  #callbacks: (() => void)[] = []

  write(bytes: Buffer, done?: () => void): void {
    this.out.push(Buffer.from(bytes))
    if (done !== undefined) this.#callbacks.push(done)
  }

  cork(): void {}
  uncork(): void {}

  /** The system takes all that it was handed. */
  take(): void {
    for (const done of this.#callbacks.splice(0)) done()
  }
}

/** One of several connections, with the frames that it was given. */
class Connection {
  readonly socket = new FakeSocket()
  readonly writer: Writer
  readonly given: Buffer[] = []

  constructor(total: Limit) {
    this.writer = new Writer(this.socket as unknown as Socket, () => {}, total)
  }

  finish(): void {
    while (this.writer.bytes > 0) {
      this.writer.flush()
      this.socket.take()
    }
    const frames: Buffer[] = []
    read(Buffer.concat(this.socket.out), ({ frame }) => frames.push(Buffer.from(frame)))
    assert.deepEqual(frames, this.given)
    assert.deepEqual([this.writer.messages, this.writer.blocked, this.writer.backedUp], [0, false, false])
  }
}

const sizes = fc.array(fc.oneof(fc.integer({ min: 4, max: 600 }), fc.integer({ min: 4, max: 90_000 })), {
  minLength: 1,
  maxLength: 40,
})
const to = fc.array(fc.nat(2), { minLength: 1, maxLength: 3 })
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ read: sizes, to: fc.array(to, { minLength: 1, maxLength: 5 }) }) },
  { weight: 2, arbitrary: fc.record({ write: fc.integer({ min: 4, max: 70_000 }), to }) },
  { weight: 2, arbitrary: fc.record({ flush: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.record({ take: fc.nat(2) }) },
)

test('each connection gets its messages whole and in order, passed on or written, and none holds memory afterwards', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), steps => {
      const total = new Limit('queues', 1 << 30, 'messages')
      const connections = Array.from({ length: 3 }, () => new Connection(total))
      let number = 0
      for (const one of steps) {
        if ('read' in one) {
          let index = 0
          read(encoded(number, one.read), message => {
            for (const target of new Set(one.to[index++ % one.to.length])) {
              connections[target]?.given.push(Buffer.from(message.frame))
              connections[target]?.writer.pass(message)
            }
          })
          number += one.read.length
        } else if ('write' in one) {
          const frame = numbered(number++, one.write)
          for (const target of new Set(one.to)) {
            connections[target]?.given.push(frame)
            connections[target]?.writer.message(TOPIC, frame)
          }
        } else if ('flush' in one) connections[one.flush]?.writer.flush()
        else connections[one.take]?.socket.take()
      }
      for (const connection of connections) connection.finish()
      assert.equal(total.now, 0)
    }),
    runs(200),
  )
})

test('messages for the same subscribers that were read together are written as one slice of what was read', () => {
  const total = new Limit('queues', 1 << 30, 'messages')
  const batchers = [new Batcher(total), new Batcher(total)]
  const chunk = encoded(0, [300, 300, 300])
  read(chunk, message => {
    for (const batcher of batchers) batcher.pass(message)
  })
  const [first, second] = batchers.map(batcher => batcher.takeAll())
  assert(first && second)
  assert.deepEqual([first.length, first[0]?.messages], [1, 3])
  assert.equal(first[0]?.bytes.buffer, chunk.buffer)
  assert.equal(first[0]?.bytes, second[0]?.bytes)
  assert.equal(total.now, chunk.length)
  for (const [i, batcher] of batchers.entries())
    for (const batch of (i === 0 ? first : second) ?? []) batcher.release(batch)
  assert.equal(total.now, 0)
})

test('a few messages out of many do not keep all that was read', () => {
  const total = new Limit('queues', 1 << 30, 'messages')
  const batcher = new Batcher(total)
  const chunk = encoded(0, Array<number>(200).fill(300))
  let count = 0
  read(chunk, message => {
    if (count++ % 20 === 0) batcher.pass(message)
  })
  const [batch, ...more] = batcher.takeAll()
  assert(batch)
  assert.deepEqual([more.length, batch.messages, batch.source], [0, 10, undefined])
  assert.equal(total.now, batch.bytes.length)
  batcher.release(batch)
})

import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { test } from 'node:test'
import { Decoder } from '../../../../src/core/bus/zmtp/decoder.ts'
import { Limit } from '../../../../src/core/bus/limits.ts'
import { WireMessage } from '../../../../src/core/bus/zmtp/wire-message.ts'
import { Writer } from '../../../../src/core/bus/zmtp/writer.ts'
import { Condition } from '../../../../src/core/condition.ts'
import { PATIENCE_MS } from '../../../helpers/groundwire.ts'
import { connected } from '../../../helpers/tcp.ts'

/** Reads all input, and keeps the sizes of the payloads. */
function read(far: Socket) {
  const condition = new Condition()
  const sizes: number[] = []
  const decoder = new Decoder(
    {
      onMessage({ topic, frame }) {
        assert.equal(topic.toString(), 'telem')
        assert.equal(frame.readUInt32BE(0), sizes.length)
        sizes.push(frame.length)
        condition.notify()
      },
      onNoMessage: () => assert.fail('no message'),
      onFault: reason => assert.fail(reason),
      onCommand: nothing,
      onPending: () => assert.fail('no handler is pending'),
    },
    { maxFrame: 1 << 24, maxFirst: 1_024 },
  )
  far.on('data', chunk => decoder.decode(chunk, 0))
  far.resume()
  const signal = AbortSignal.timeout(PATIENCE_MS)
  return { sizes, until: (count: number) => condition.until(() => sizes.length >= count, { signal }) }
}

const topic = Buffer.from('telem')
const nothing = () => {}

function numbered(number: number, size: number): Buffer {
  const frame = Buffer.alloc(size, number)
  frame.writeUInt32BE(number, 0)
  return frame
}

test('messages of any size arrive in order, and what is passed to it may be overwritten at once', async t => {
  const { near, far } = await connected(t)
  const writer = new Writer(near, () => {})
  const { sizes, until } = read(far)
  const expected: number[] = []
  const frame = Buffer.alloc(3_000_000)
  for (const size of [4, 255, 256, 70_000, 65_500, 3_000_000, 4, 40_000, 40_000, 5]) {
    frame.writeUInt32BE(expected.length, 0)
    writer.message(topic, frame.subarray(0, size))
    expected.push(size)
  }
  frame.fill(0xff)
  await until(expected.length)
  assert.deepEqual(sizes, expected)
})

test('what a reader does not take waits, is counted to the byte, and goes when it reads again', async t => {
  const { near, far } = await connected(t)
  const condition = new Condition()
  const writer = new Writer(near, () => condition.notify())
  let written = 0
  // Until the system takes no more: some data is then still here after a turn.
  for (let before = -1; writer.bytes !== before || writer.bytes === 0; ) {
    for (let i = 0; i < 1_000; i++) writer.message(topic, numbered(written++, 1_000))
    before = writer.bytes
    await new Promise(resolve => setImmediate(resolve))
    await new Promise(resolve => setImmediate(resolve))
  }
  const { messages, bytes } = writer
  writer.message(topic, numbered(written++, 1_000))
  assert.equal(writer.messages, messages + 1)
  assert.equal(writer.bytes, bytes + 2 + 5 + 9 + 1_000)
  const { until, sizes } = read(far)
  await until(written)
  assert.equal(sizes.length, written)
  await condition.until(() => writer.bytes === 0, { signal: AbortSignal.timeout(PATIENCE_MS) })
  assert.equal(writer.messages, 0)
})

test('its end goes out after all that was written, however much that is', async t => {
  const { near, far } = await connected(t)
  const writer = new Writer(near, () => {})
  for (let i = 0; i < 20_000; i++) writer.message(topic, numbered(i, 1_000))
  writer.end()
  const { sizes } = read(far)
  await once(far, 'end')
  assert.equal(sizes.length, 20_000)
})

test('what waits is counted for all, messages apart from statements, and can be dropped', async t => {
  const [one, two] = [await connected(t), await connected(t)]
  const total = new Limit('queues', 1 << 30, 'messages')
  const writers = [one.near, two.near].map(socket => new Writer(socket, nothing, total))
  // Far more than the system takes from each.
  const bytes = Buffer.alloc(1 << 24)
  const shared = new WireMessage().set(bytes, 0, 2, 7, 16, bytes.length)
  for (const writer of writers) writer.pass(shared)
  assert.equal(total.now, bytes.length)
  for (const writer of writers) {
    writer.flush()
    for (let i = 0; i < 10; i++) writer.message(topic, numbered(i, 100_000))
    writer.statement(topic, Buffer.alloc(10))
  }
  const [first, second] = writers as [Writer, Writer]
  assert.deepEqual([first.messages, first.statements], [12, 1])
  assert.equal(first.drop(), 10)
  assert.deepEqual([first.messages, first.statements, first.bytes], [1, 0, bytes.length])
  first.forget()
  assert(total.now > bytes.length)
  second.forget()
  assert.equal(total.now, 0)
  // The number of unsent messages is still known.
  assert.deepEqual([second.messages, second.statements], [12, 1])
})

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import * as fc from 'fast-check'
import type { GroundwireError } from '../../../src/core/errors.ts'
import type { Formatter } from '../../../src/core/format/formatter.ts'
import type { Sink } from '../../../src/core/sink/sink.ts'
import { WriteError } from '../../../src/core/sink/sink.ts'
import { TappedMessage } from '../../../src/core/tap/message.ts'
import { Writer } from '../../../src/core/tap/writer.ts'
import { SlowSink } from '../../helpers/slow-sink.ts'
import { eventually } from '../../helpers/spawned.ts'

const MIB = 1 << 20
/** The queue of a writer whose messages are of 1 MiB at the most, in bytes. */
const QUEUE = 8 * MIB

const FORMATTER: Formatter = {
  begin: out => out.text('<'),
  write({ message }, out) {
    out.bytes(message.frame)
    return message.topic !== 'no form'
  },
  end: out => out.text('>'),
}

/** A writer, and what it says of its messages. */
class Trial {
  readonly sink: Sink
  readonly writer: Writer
  written = { messages: 0, bytes: 0 }
  readonly dropped: string[] = []
  readonly unwritable: string[] = []
  readonly failures: [GroundwireError | null, unwritten: number][] = []
  #number = 0

  constructor(sink: Sink) {
    this.sink = sink
    const options = { sink, formatter: FORMATTER, maxMessage: MIB, decoding: 'raw' } as const
    this.writer = new Writer(options, {
      written: (messages, bytes) => {
        this.written = { messages: this.written.messages + messages, bytes: this.written.bytes + bytes }
      },
      dropped: topic => this.dropped.push(topic),
      unwritable: (topic, reason) => this.unwritable.push(`${topic}: ${reason}`),
      failed: (error, unwritten) => this.failures.push([error, unwritten]),
    })
  }

  push(frame: string | Buffer, topic = 'x'): void {
    this.#number += 1
    const message = new TappedMessage(0n, topic, Buffer.from(frame), 'raw')
    this.writer.write({ message, number: this.#number })
  }

  /** Messages that were given to it, less those that it has accounted for. */
  get inHand(): number {
    const unwritten = this.failures.reduce((sum, [, messages]) => sum + messages, 0)
    return this.#number - this.written.messages - this.dropped.length - this.unwritable.length - unwritten
  }
}

/** A writer whose beginning is written, so that nothing waits. */
async function started(): Promise<{ trial: Trial; sink: SlowSink }> {
  const sink = new SlowSink()
  const trial = new Trial(sink)
  const start = trial.writer.start()
  sink.take()
  await start
  return { trial, sink }
}

const untilBusy = (sink: SlowSink) => eventually(() => sink.isBusy, 'a write')

/** A writer on a clock that stands still, and the sizes of its writes. */
function writerOf(t: TestContext): { trial: Trial; writes: number[] } {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  t.mock.method(performance, 'now', () => 1000)
  const writes: number[] = []
  const sink: Sink = {
    name: 'sink',
    room: Number.POSITIVE_INFINITY,
    write: async chunk => void writes.push(chunk.length),
    next: async () => {},
    takeBack: async () => {},
    close: async () => {},
  }
  return { trial: new Trial(sink), writes }
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await nextTurn()
}

test('a message after a pause is written at once, and those that follow share a write', async t => {
  const { trial, writes } = writerOf(t)
  trial.push(Buffer.alloc(10))
  await turns()
  assert.deepEqual(writes, [10])
  trial.push(Buffer.alloc(20))
  await turns()
  trial.push(Buffer.alloc(30))
  await turns()
  assert.deepEqual(writes, [10])
  t.mock.timers.tick(5)
  await trial.writer.drain()
  assert.deepEqual(writes, [10, 50])
})

test('a chunk does not wait for more', async t => {
  const { trial, writes } = writerOf(t)
  trial.push(Buffer.alloc(10))
  await turns()
  trial.push(Buffer.alloc(20))
  trial.push(Buffer.alloc(MIB))
  await trial.writer.drain()
  assert.deepEqual(writes, [10, 20 + MIB])
})

test('what a reader has not taken waits: two chunks in their form, then a queue, from which the oldest go', async () => {
  const { trial, sink } = await started()
  // One MiB a chunk: the first is being written, the second is full.
  trial.push(Buffer.alloc(MIB, 'a'), 'first')
  await untilBusy(sink)
  trial.push(Buffer.alloc(MIB, 'b'), 'second')
  const fits = QUEUE / MIB
  for (let i = 0; i < fits + 3; i++) trial.push(Buffer.alloc(MIB, String.fromCharCode(0x63 + i)), `${i}`)
  assert.deepEqual(trial.dropped, ['0', '1', '2'])
  sink.open()
  await trial.writer.drain()
  assert.deepEqual(trial.written, { messages: fits + 2, bytes: (fits + 2) * MIB })
  await trial.writer.close()
  assert.equal(sink.text.replaceAll(/(.)\1+/g, '$1'), '<abfghijklm>')
  assert.equal(trial.inHand, 0)
})

test('messages that take no bytes in their form, or one each, fill no memory while a write is under way', async () => {
  const { trial, sink } = await started()
  trial.push('a')
  await untilBusy(sink)
  // A chunk takes 16,384 messages, the queue 65,536.
  for (let i = 0; i < 100_000; i++) trial.push('b')
  assert.equal(trial.dropped.length, 100_000 - 16_384 - 65_536)
  sink.open()
  await trial.writer.drain()
  assert.equal(trial.inHand, 0)
  assert.equal(sink.text.length, 2 + 16_384 + 65_536)
})

test('a writer has no room from half of its queue on, and again once a quarter is left or the sink fails', async () => {
  const { trial, sink } = await started()
  trial.push(Buffer.alloc(MIB))
  await untilBusy(sink)
  trial.push(Buffer.alloc(MIB))
  for (let i = 0; i < QUEUE / MIB / 2; i++) {
    assert.equal(trial.writer.room(), undefined)
    trial.push(Buffer.alloc(MIB))
  }
  let hasRoom = false
  void trial.writer.room()?.then(() => {
    hasRoom = true
  })
  // Two chunks are ahead of the queue.
  for (let taken = 0; taken < 3; taken++) {
    assert.equal(hasRoom, false)
    sink.take()
    await eventually(() => sink.isBusy, 'the next write')
  }
  sink.take()
  await eventually(() => hasRoom, 'room')
  assert.deepEqual(trial.dropped, [])

  for (let i = 0; i < QUEUE / MIB; i++) trial.push(Buffer.alloc(MIB))
  const room = trial.writer.room()
  assert(room !== undefined)
  sink.fail(new WriteError(new Error('no space'), 0), 0)
  await room
  assert.equal(trial.writer.room(), undefined)
})

test('a message without a form leaves no trace, and is told with the reason', async () => {
  const { trial, sink } = await started()
  sink.open()
  for (const [text, topic] of [['a'], ['bb', 'no form'], ['c']] as const) trial.push(text, topic)
  await trial.writer.drain()
  assert.deepEqual([sink.text, trial.written], ['<ac', { messages: 2, bytes: 2 }])
  assert.deepEqual(trial.unwritable, ['no form: it is neither bytes nor text'])
})

test('a write that fails midway: whole messages count as written, half of one is taken back, the rest is told', async () => {
  const { trial, sink } = await started()
  for (const text of ['aa', 'bb', 'cc']) trial.push(text)
  await untilBusy(sink)
  trial.push('dd')
  const failure = Object.assign(new Error('no space'), { code: 'ENOSPC' })
  sink.fail(new WriteError(failure, 5), 5)
  await trial.writer.drain()
  await turns()
  assert.deepEqual([sink.text, trial.written], ['<aabb', { messages: 2, bytes: 4 }])
  const [[error, unwritten] = []] = trial.failures
  assert.deepEqual([error?.code, error?.message, unwritten], ['IO', "sink can't be written: no space", 2])
  trial.push('ee')
  assert.deepEqual(trial.failures.at(-1), [null, 1])
  assert.equal(trial.inHand, 0)
})

test('closed while a reader takes nothing: all that waits counts as dropped, in whatever place', async () => {
  const { trial, sink } = await started()
  trial.push('written')
  await untilBusy(sink)
  trial.push(Buffer.alloc(MIB), 'in its form')
  trial.push('z', 'queued')
  await trial.writer.close()
  assert.deepEqual(trial.dropped, ['in its form', 'queued'])
  assert.deepEqual([sink.isClosed, sink.text, trial.inHand], [true, '<written', 0])
})

test('a file ends with its form, and the next begins with it, each message whole in one of them', async () => {
  const { trial, sink } = await started()
  sink.room = 3
  trial.push('aa')
  trial.push('bb')
  await untilBusy(sink)
  sink.room = 0
  // It comes while the last write to a file that is full is under way.
  trial.push('cc')
  sink.open()
  await eventually(() => sink.files.length === 2, 'the next file')
  sink.room = 10
  await trial.writer.drain()
  await trial.writer.close()
  const files = sink.files.map(chunks => Buffer.concat(chunks).toString())
  assert.deepEqual(files, ['<aabb>', '<cc>'])
})

test('whenever a reader takes something, and whatever the sizes: the order holds, and each message is accounted for', async () => {
  const step = fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom(1, 1000, 400_000, MIB) },
    { weight: 2, arbitrary: fc.constant('take' as const) },
    { weight: 2, arbitrary: fc.constant('turn' as const) },
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async steps => {
      const { trial, sink } = await started()
      let pushed = 0
      for (const what of steps) {
        if (what === 'take') sink.take()
        else if (what === 'turn') await nextTurn()
        else {
          const frame = Buffer.alloc(what, '.')
          // Its number, beyond ASCII.
          frame[0] = 0x80 + pushed
          pushed += 1
          trial.push(frame, `${pushed}`)
        }
      }
      sink.open()
      await trial.writer.drain()
      await trial.writer.close()
      assert.equal(trial.inHand, 0)
      assert.equal(trial.written.messages, pushed - trial.dropped.length)
      const order = [...sink.bytes].filter(byte => byte > 0x7f).map(byte => byte - 0x7f)
      const lost = new Set(trial.dropped.map(Number))
      assert.deepEqual(
        order,
        Array.from({ length: pushed }, (_, i) => i + 1).filter(number => !lost.has(number)),
      )
    }),
    { numRuns: 20 },
  )
})

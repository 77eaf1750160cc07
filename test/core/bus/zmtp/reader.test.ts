import assert from 'node:assert/strict'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { test, type TestContext } from 'node:test'
import { Reader } from '../../../../src/core/bus/zmtp/reader.ts'
import { Turns } from '../../../../src/core/bus/zmtp/turns.ts'
import { connected } from '../../../helpers/tcp.ts'

/** A reader that is fed by the test, and what it tells. Each handler is pending until it is released. */
async function reading(
  t: TestContext,
  onMessage?: (text: string, reader: Reader) => void | Promise<void>,
  turns?: Turns,
) {
  const { near } = await connected(t)
  const told: string[] = []
  const pending: (() => void)[] = []
  const wait = () => new Promise<void>(resolve => pending.push(resolve))
  const reader = new Reader(
    near,
    {
      onMessage: ({ frame }) => {
        told.push(frame.toString())
        return onMessage === undefined ? wait() : onMessage(frame.toString(), reader)
      },
      onNoMessage: () => told.push('no message'),
      onCommand: name => told.push(name),
      onFault: () => {
        told.push('fault')
        reader.stop()
      },
      onPause: () => told.push('pause'),
      onResume: () => told.push('resume'),
    },
    { maxFrame: 100, maxFirst: 100, turns },
  )
  const release = async () => {
    pending.shift()?.()
    await nextTurn()
  }
  return { reader, told, release, wait }
}

function messages(...texts: readonly string[]): Buffer {
  return Buffer.concat(
    texts.map(text => Buffer.from(`\x01\x01t\0${String.fromCharCode(text.length)}${text}`)),
  )
}

test('while a handler is pending, chunks are held, and handed on in order after it', async t => {
  const { reader, told, release } = await reading(t)
  const wire = messages('a', 'b', 'c')
  reader.push(wire.subarray(0, 8))
  reader.push(wire.subarray(8))
  assert.deepEqual(told, ['a', 'pause'])
  await release()
  await release()
  assert.deepEqual(told, ['a', 'pause', 'b', 'pause', 'c', 'pause'])
  await release()
  assert.equal(told.at(-1), 'resume')
})

test('closed while a handler is pending, it hands on all that is held, and waits for nothing', async t => {
  const { reader, told, release } = await reading(t)
  reader.push(messages('a', 'b'))
  reader.push(messages('c'))
  reader.close()
  assert.deepEqual(told, ['a', 'pause', 'b', 'c', 'resume'])
  reader.push(messages('d'))
  await release()
  assert.deepEqual(told, ['a', 'pause', 'b', 'c', 'resume'])
})

test('closed by a handler, it hands on the rest of the chunk, and of those behind it', async t => {
  const { reader, told, release, wait } = await reading(t, (text, itself) => {
    if (text === 'a') return wait()
    if (text === 'b') itself.close()
    return undefined
  })
  reader.push(messages('a', 'b', 'c'))
  reader.push(messages('d'))
  await release()
  assert.deepEqual(told, ['a', 'pause', 'b', 'c', 'd', 'resume'])
  reader.push(messages('e'))
  assert.deepEqual(told, ['a', 'pause', 'b', 'c', 'd', 'resume'])
})

test('stopped, it drops the rest of the chunk, but not messages held behind a pending handler', async t => {
  const { reader, told, release } = await reading(t)
  reader.push(messages('a', 'b'))
  reader.stop()
  await release()
  assert.deepEqual(told, ['a', 'pause', 'b', 'pause'])
  reader.push(Buffer.concat([Buffer.of(0xff), messages('c')]))
  await release()
  assert.deepEqual(told.slice(4), ['fault', 'resume'])
  reader.push(messages('d'))
  assert.equal(told.length, 6)
})

test('closed while it waits for its turn, it hands on all that is held, and asks for no further turn', async t => {
  let clock = 0
  let asked = 0
  class CountedTurns extends Turns {
    override next(): Promise<void> | undefined {
      asked += 1
      return super.next()
    }
  }
  const turns = new CountedTurns(() => clock)
  const onMessage = () => {
    clock += 1
  }
  const { reader, told } = await reading(t, onMessage, turns)
  const texts = Array.from({ length: 2_000 }, (_, i) => String(i))
  reader.push(messages(...texts.slice(0, 1_000)))
  reader.push(messages(...texts.slice(1_000)))
  assert.equal(told.at(-1), 'pause')
  assert(told.length < 100, `${told.length}`)
  const before = asked
  reader.close()
  assert.deepEqual(
    told.filter(text => text !== 'pause' && text !== 'resume'),
    texts,
  )
  assert.equal(asked, before)
})

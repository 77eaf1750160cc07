import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { Turns } from '../../../../src/core/bus/zmtp/turns.ts'

/** A connection that has messages to be read, each of which takes a time, by a clock that only they move. */
class Reader {
  read = 0
  readonly #turns: Turns
  readonly #clock: { ms: number }

  constructor(turns: Turns, clock: { ms: number }) {
    this.#turns = turns
    this.#clock = clock
  }

  async run(messages: number, each: number): Promise<void> {
    while (this.read < messages) {
      this.read += 1
      this.#clock.ms += each
      const next = this.#turns.next()
      if (next !== undefined) await next
    }
  }
}

function start(count: number) {
  const clock = { ms: 0 }
  const turns = new Turns(() => clock.ms)
  return { clock, readers: Array.from({ length: count }, () => new Reader(turns, clock)) }
}

test('no turn of the event loop is longer than two times its limit, and all is read in the end', async () => {
  const { clock, readers } = start(50)
  const done = Promise.all(readers.map(reader => reader.run(2_000, 0.01)))
  let longest = 0
  let before = 0
  const isDone = () => readers.every(({ read }) => read === 2_000)
  for (let turns = 0; !isDone() && turns < 1_000; turns++) {
    longest = Math.max(longest, clock.ms - before)
    before = clock.ms
    await turn()
  }
  await done
  assert(longest > 9 && longest < 25, `${longest} ms`)
})

test('each has its share: none is far ahead of the others', async () => {
  const { readers } = start(20)
  const done = Promise.all(readers.map(reader => reader.run(5_000, 0.01)))
  const widest = { difference: 0 }
  // The first one has read on until the time was up before any other had come.
  for (let turns = 0; readers.some(({ read }) => read < 5_000) && turns < 1_000; turns++) {
    await turn()
    const read = readers.slice(1).map(reader => reader.read)
    widest.difference = Math.max(widest.difference, Math.max(...read) - Math.min(...read))
  }
  await done
  assert(widest.difference > 0 && widest.difference < 300, `${widest.difference} messages`)
})

test('where there is time enough nobody waits', async () => {
  const { readers } = start(3)
  for (let i = 0; i < 100; i++) {
    const before = readers.map(({ read }) => read)
    const done = readers.map(reader => reader.run(reader.read + 20, 0.01))
    assert.deepEqual(
      readers.map(({ read }) => read),
      before.map(read => read + 20),
    )
    await Promise.all(done)
    await turn()
  }
})

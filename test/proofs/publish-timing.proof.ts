// Times that only a machine with nothing else to do can keep: `npm run proofs`.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { collect } from '../helpers/collector.ts'
import { groundwire, startProxy } from '../helpers/groundwire.ts'

const RATE = 1_000
const SECONDS = 10

test(`--rate ${RATE} keeps within 2 % over ${SECONDS} s, without drift`, async t => {
  const proxy = await startProxy(t)
  const collector = await collect(t, proxy, { topics: ['beat'] })
  const words = `publish beat %{time} --expand --rate ${RATE} --repeat ${RATE * SECONDS + 1}`
  const { code, stderr } = await groundwire(t, words, { env: proxy.env }).exit
  assert.equal(code, 0, stderr)
  await collector.atLeast(RATE * SECONDS + 1)
  // The times at which they were sent: how busy the listener's machine is does not count.
  const times = collector.messages.map(({ frame }) => Date.parse(frame.subarray(2).toString()))
  for (const [name, from, to] of [
    ['first half', 0, 0.5],
    ['second half', 0.5, 1],
    ['all', 0, 1],
  ] as const) {
    const [begin = 0, end = 0] = [from, to].map(share => times[share * RATE * SECONDS])
    const expected = (to - from) * SECONDS * 1000
    // The delay of one message must not be taken for a rate: half a second's worth would be 5 %.
    assert(Math.abs(end - begin - expected) <= SECONDS * 1000 * 0.02, `${name}: ${end - begin} ms`)
  }
})

const WAIT_MS = 700

test('publish ends within half a second of --wait', async t => {
  const proxy = await startProxy(t)
  const timed = async (words: readonly string[], code: number) => {
    const started = performance.now()
    assert.equal((await groundwire(t, words, { env: proxy.env }).exit).code, code)
    return performance.now() - started
  }
  // A busy machine makes any one run slow, and starting a process too; a defect makes all of them slow.
  let fastest = Number.POSITIVE_INFINITY
  for (let i = 0; i < 10 && fastest > 500; i++) {
    const startUp = await timed(['--version'], 0)
    const took = await timed(['publish', 'telem', 'hello', '--wait', `${WAIT_MS}ms`], 3)
    fastest = Math.min(fastest, took - WAIT_MS - startUp)
  }
  assert(fastest <= 500, `${fastest} ms over --wait at best`)
})

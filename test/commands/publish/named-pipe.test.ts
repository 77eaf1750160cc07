import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { test, type TestContext } from 'node:test'
import { makeFifo } from '../../helpers/fifo.ts'
import { groundwire } from '../../helpers/groundwire.ts'
import { hear, localBus } from '../../helpers/local-bus.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'

/** A command that publishes the lines of a named pipe, once somebody listens. */
async function publishing(t: TestContext, path: string) {
  const bus = await localBus(t)
  const heard = await hear(t, bus, 'telem')
  const run = groundwire(t, ['publish', 'telem', '--split', 'lines', '--file', path], { env: bus.env })
  await run.untilStderr(/ready: publishing/)
  return { run, heard }
}

function namedPipe(t: TestContext): string {
  const path = temporaryFolder(t).path('fifo')
  execFileSync('mkfifo', [path])
  return path
}

test('the first signal ends a publish whose named pipe has no writer', async t => {
  const { run } = await publishing(t, namedPipe(t))
  const { code, stderr } = await run.stop()
  assert.equal(code, 0, stderr)
  assert.match(stderr, /received 0 \(0 bytes\), sent 0/)
})

test('the first signal ends a publish whose writer has nothing to say', async t => {
  const { run } = await publishing(t, makeFifo(t).path)
  assert.equal((await run.stop('SIGTERM')).code, 0)
})

test('a named pipe is read from its first writer on, until its last one leaves', async t => {
  const path = namedPipe(t)
  const { run, heard } = await publishing(t, path)
  await writeFile(path, 'one\ntwo\nthree')
  const { code, stderr } = await run.exit
  assert.equal(code, 0, stderr)
  await heard.atLeast(3)
  assert.deepEqual(
    heard.messages.map(({ bytes }) => Buffer.from(bytes ?? []).toString()),
    ['one', 'two', 'three'],
  )
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LineProcess } from '../../bench/line-process.ts'

const ECHO = `
console.log('{"pid":' + process.pid + '}')
require('readline').createInterface(process.stdin).on('line', line => {
  if (line === 'end') process.exit(3)
  if (line !== 'nothing') console.log(JSON.stringify({ line }))
})`

test('a program says that it is ready, and answers line by line', async t => {
  const run = await LineProcess.start<{ pid: number }>(process.execPath, ['-e', ECHO])
  t.after(() => run.close())
  assert.equal(run.ready.pid, run.pid)
  assert.deepEqual(await run.ask('one 1'), { line: 'one 1' })
  assert.deepEqual(await run.ask('two 2'), { line: 'two 2' })
})

test('a program that ends instead of answering is an error', async () => {
  const run = await LineProcess.start(process.execPath, ['-e', ECHO])
  await assert.rejects(run.ask('end'), /ended with 3/)
  await assert.rejects(run.ask('one'), /ended with 3/)
  await assert.rejects(LineProcess.start(process.execPath, ['-e', '']), /ended with 0/)
  await assert.rejects(LineProcess.start('/no/such/program', []), /did not start/)
})

test('a wait for an answer ends with its signal', async t => {
  const run = await LineProcess.start(process.execPath, ['-e', ECHO])
  t.after(() => run.close())
  const stop = new AbortController()
  const answer = run.ask('nothing', { signal: stop.signal })
  stop.abort(new Error('stopped'))
  await assert.rejects(answer, /stopped/)
})

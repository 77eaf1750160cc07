import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { InputBatches, openFile } from '../../../src/core/publish/input.ts'
import { Encoder } from '../../../src/core/publish/outgoing.ts'
import { payloadParser } from '../../../src/core/publish/parsers.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'

const TIMES = 30

test('a file is read as often as asked, without a warning of Node', async t => {
  const warnings: Error[] = []
  const onWarning = (warning: Error) => warnings.push(warning)
  process.on('warning', onWarning)
  t.after(() => process.off('warning', onWarning))
  const input = await openFile(temporaryFolder(t).write('lines', 'one\ntwo\n'))
  const encoder = new Encoder({ maxMessage: 100 })
  let messages = 0
  for await (const batch of new InputBatches(input, () => payloadParser('lines', encoder), TIMES))
    messages += [...batch].length
  await input.close()
  await nextTurn()
  assert.deepEqual([messages, warnings], [2 * TIMES, []])
})

test('a file that is given up halfway can be closed', async t => {
  const file = temporaryFolder(t).write('input', 'x'.repeat(1_000_000))
  const input = await openFile(file)
  const stream = input.read()
  await once(stream, 'readable')
  stream.destroy()
  await once(stream, 'close')
  await input.close()
  await assert.rejects(async () => {
    for await (const chunk of input.read()) assert.fail(`${chunk.length} bytes of a closed file`)
  })
})

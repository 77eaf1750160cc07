import assert from 'node:assert/strict'
import { readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { writeLines } from '../../../bench/commands/publish-trial.ts'
import { groundwireBus, mosquittoBus, mosquittoPrograms } from '../../../bench/file/buses.ts'
import { fileResult } from '../../../bench/file/file.ts'
import { fileTable } from '../../../bench/file/table.ts'
import { type FileBus, fileTrial, type FileTrial } from '../../../bench/file/trial.ts'
import { CLI } from '../../helpers/groundwire.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'

const run = { groundwire: [process.execPath, CLI], env: process.env } as const
const programs = mosquittoPrograms()

const starts: readonly (readonly [string, (() => Promise<FileBus>) | undefined])[] = [
  ['groundwire', () => groundwireBus(run)],
  ['mosquitto', programs && (() => mosquittoBus(programs, 'tuned'))],
]

for (const [name, start] of starts) {
  test(`a few lines over ${name} reach a file and a pipe that is read slowly, and are counted`, async t => {
    if (start === undefined) return t.skip('mosquitto and its clients are not installed')
    const folder = temporaryFolder(t)
    const input = folder.path('input')
    writeLines(input, 200, 64)
    const bus = await start()
    t.after(() => bus.close())
    const outputs = [folder.path('first'), folder.path('second')]
    const options = { input, size: 64, messages: 200, outputs }
    for (const reading of ['files', { bytesPerSecond: 1e6 }] as const) {
      const { written, tookMs } = await fileTrial(bus, { ...options, reading })
      assert.deepEqual(written, [200, 200])
      assert(tookMs > 0)
    }
    assert.deepEqual(readdirSync(path.dirname(input)).toSorted(), ['first', 'input', 'second'])
    assert.equal(statSync(outputs[1] ?? '').size, bus.preamble + 200 * (64 + bus.delimiter))
  })
}

function trial(tookMs: number, ...written: number[]): FileTrial {
  return { tookMs, written, busCpuMs: 10, publisherCpuMs: 20 }
}

test('of several trials the table has the median time, and the losses of the worst', () => {
  const trials = [trial(100, 1000, 1000), trial(300, 900, 990), trial(200, 1000, 995)]
  const result = fileResult('groundwire', 1000, 'files', trials)
  assert.deepEqual(result.lost, [100, 10])
  assert.equal(result.tookMs, 200)
  assert.equal(result.busUs, 10)
  assert.match(
    fileTable([result]),
    /\| groundwire \| +1,000 \| two files +\| +200 ms \| +100 % \| +5,000\/s \| +100 \+ 10 \| +10\.00 µs \| +20\.00 µs \|/,
  )
})

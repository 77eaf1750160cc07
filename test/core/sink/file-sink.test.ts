import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { openSink } from '../../../src/core/sink/file-sink.ts'
import { rotatedName } from '../../../src/core/sink/rotation.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'

test('a file that exists is not overwritten but with force', async t => {
  const file = temporaryFolder(t).write('a', 'old')
  await assert.rejects(openSink(file), { code: 'EXISTS', message: `${file} exists already` })
  assert.equal(readFileSync(file, 'utf8'), 'old')
  const sink = await openSink(file, { force: true })
  await sink.write(Buffer.from('new'))
  assert.equal(readFileSync(file, 'utf8'), 'new', 'nothing waits to be flushed')
  await sink.close()
})

test('a file that can not be opened is an error that names it', async t => {
  const file = join(temporaryFolder(t).path('none'), 'a')
  await assert.rejects(openSink(file), { code: 'IO', message: new RegExp(`^${file} can't be opened`) })
})

test('a rotation names its files by the time, and never the same', async t => {
  const folder = temporaryFolder(t)
  const opened: string[] = []
  const onOpen = (path: string) => opened.push(path)
  const sink = await openSink(folder.path('pass.x.tlm'), { rotation: { bytes: 4 }, onOpen })
  for (let i = 0; i < 5; i++) {
    assert.equal(sink.room, 4)
    await sink.write(Buffer.from(`abc${i}`))
    assert.equal(sink.room, 0)
    if (i < 4) await sink.next()
  }
  await sink.close()
  assert.equal(new Set(opened).size, 5)
  assert.deepEqual(
    opened.map(path => readFileSync(path, 'utf8')),
    ['abc0', 'abc1', 'abc2', 'abc3', 'abc4'],
  )
  for (const path of opened) assert.match(path, /\/pass\.x-\d{8}T\d{6}Z(-\d)?\.tlm$/)
  assert.equal(readdirSync(folder.path('.')).length, 5)
  assert(!existsSync(folder.path('pass.x.tlm')))
})

test('the name of a file of a rotation', () => {
  const time = new Date('2026-11-22T16:34:12.345Z')
  assert.equal(rotatedName('/a.b/pass.pcapng', time, 1), '/a.b/pass-20261122T163412Z.pcapng')
  assert.equal(rotatedName('pass', time, 3), 'pass-20261122T163412Z-3')
})

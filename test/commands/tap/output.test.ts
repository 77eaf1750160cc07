import assert from 'node:assert/strict'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { test } from 'node:test'
import { CaptureReader } from '../../../src/core/capture/capture-reader.ts'
import { localBus } from '../../helpers/local-bus.ts'
import { parseAll } from '../../helpers/chunks.ts'
import { groundwire, ready, Run, shell, startProxy } from '../../helpers/groundwire.ts'
import { closedLedger } from '../../helpers/ledger.ts'
import { tool } from '../../helpers/peers.ts'
import { heardPublisher, keepPublishing } from '../../helpers/publisher.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'

test('--output writes what standard output would have, and there is nothing on that', async t => {
  const bus = await localBus(t)
  const folder = temporaryFolder(t)
  const file = folder.path('out')
  const tap = await ready(t, bus, ['tap', 'x', '-f', 'text', '-c', '2', '-o', file])
  const publisher = await heardPublisher(t, bus, 'x')
  for (const text of ['a', 'b']) publisher.publish(text)
  const { code, stdout } = await tap.exit
  assert.deepEqual([code, stdout.length, readFileSync(file, 'utf8')], [0, 0, 'a\nb\n'])

  const again = await groundwire(t, ['tap', '-o', file], { env: bus.env }).exit
  assert.equal(again.code, 1)
  assert.equal(again.stderr, `tap: error: ${file} exists already (--force overwrites it)\n`)
  assert.equal(readFileSync(file, 'utf8'), 'a\nb\n')
  assert.equal(
    (await groundwire(t, ['tap', '-o', file, '--force', '--duration', '10ms'], { env: bus.env }).exit).code,
    0,
  )
  assert.equal(statSync(file).size, 0)
})

test('a message is in the file within a second, while the tap goes on', async t => {
  const bus = await localBus(t)
  const file = temporaryFolder(t).path('out')
  await ready(t, bus, ['tap', 'x', '-f', 'text', '-o', file])
  const publisher = await heardPublisher(t, bus, 'x')
  publisher.publish('here')
  const started = performance.now()
  while (readFileSync(file, 'utf8') !== 'here\n') {
    assert(performance.now() - started < 10_000, 'it did not come')
    await new Promise(resolve => setTimeout(resolve, 20))
  }
})

test('a rotation loses nothing, and every file can be read by itself', async t => {
  const MESSAGES = 5_000
  const bus = await localBus(t)
  const folder = temporaryFolder(t)
  const file = folder.path('pass.pcapng')
  const tap = await ready(t, bus, [
    'tap',
    'x',
    '-f',
    'pcapng',
    '-c',
    `${MESSAGES}`,
    '-o',
    file,
    '--rotate',
    '64K',
  ])
  const publisher = await heardPublisher(t, bus, 'x')
  for (let i = 0; i < MESSAGES; i++) publisher.publish(numbered(i))
  assert.equal((await tap.exit).code, 0)

  const files = readdirSync(folder.path('.')).map(name => folder.path(name))
  assert(files.length > 10)
  const captures = files.map(path => parseAll(new CaptureReader(), [readFileSync(path)]))
  for (const { error, items } of captures) {
    assert.equal(error, undefined)
    assert(items.length > 0)
  }
  const packets = captures.flatMap(({ items }) => items).sort((a, b) => (a.time < b.time ? -1 : 1))
  assert.equal(packets.length, MESSAGES)
  for (const [i, { data }] of packets.entries()) assert.deepEqual(Buffer.from(data), numbered(i))
  for (const path of files) assert(statSync(path).size < 66_000)
})

test('a rotation by time begins files with the message that comes after it', async t => {
  const bus = await localBus(t)
  const folder = temporaryFolder(t)
  await ready(t, bus, ['tap', 'x', '-f', 'text', '-o', folder.path('x'), '--rotate', '50ms'])
  const publisher = await heardPublisher(t, bus, 'x')
  keepPublishing(t, publisher, 'x', 10)
  const started = performance.now()
  while (readdirSync(folder.path('.')).length < 4) {
    assert(performance.now() - started < 20_000, 'no files came')
    await new Promise(resolve => setTimeout(resolve, 20))
  }
})

test('a full disk is exit 1: what was written is whole messages, and the ledger knows how many', async t => {
  const bus = await localBus(t)
  const folder = temporaryFolder(t)
  const tshark = tool('tshark')
  const [file, books] = [folder.path('pass.pcapng'), folder.path('ledger.json')]
  // A file may have 20 blocks of 1 KiB here, to simulate a full disk.
  const line = `ulimit -f 20; exec groundwire tap x -f pcapng -o ${file} --ledger ${books}`
  const tap = shell(t, line, { env: bus.env })
  await tap.untilStderr(/: ready: /)
  const publisher = await heardPublisher(t, bus, 'x')
  for (let i = 0; i < 1000; i++) publisher.publish(Buffer.alloc(200, i))
  const { code, stderr } = await tap.exit
  assert.equal(code, 1)
  assert.match(stderr, new RegExp(`error: ${file} can't be written: EFBIG`))
  const { items, error } = parseAll(new CaptureReader(), [readFileSync(file)])
  assert.equal(error, undefined, 'no half block at its end')
  const { received, sent, lost } = closedLedger(books)
  assert.equal(items.length, sent.messages)
  assert(sent.messages > 50)
  assert.equal(received.messages, sent.messages + lost.undeliverable)
  if (tshark)
    assert.equal(
      tshark.run('-r', file, '-T', 'fields', '-e', 'frame.number').split('\n').length - 1,
      items.length,
    )
})

test('a full device behind standard output is exit 1, too', async t => {
  const bus = await localBus(t)
  const tap = shell(t, 'groundwire tap x -f raw > /dev/full', { env: bus.env })
  await tap.untilStderr(/: ready: /)
  const publisher = await heardPublisher(t, bus, 'x')
  publisher.publish('x')
  const { code, stderr } = await tap.exit
  assert.equal(code, 1)
  assert.match(stderr, /error: standard output can't be written: ENOSPC/)
  assert.match(stderr, /lost 1 \(undeliverable 1\)\n$/)
})

/** A payload different from all others. */
function numbered(i: number): Buffer {
  return Buffer.alloc(200, `${i} `)
}

test('a named pipe of --output waits for its reader, and SIGTERM ends that wait', async t => {
  const [folder, bus] = [temporaryFolder(t), await startProxy(t)]
  const pipe = folder.path('pipe')
  assert.equal((await new Run(t, 'mkfifo', [pipe]).exit).code, 0)
  const words = `tap x -f text -c 1 -o ${pipe} --ledger ${folder.path('ledger.json')}`
  const tap = groundwire(t, words, { env: bus.env })
  await tap.untilStderr(/: waiting for somebody to read /)
  const reader = new Run(t, 'cat', [pipe])
  await tap.untilStderr(/: ready: /)
  const publisher = await heardPublisher(t, bus, 'x')
  publisher.publish('a')
  assert.equal((await tap.exit).code, 0)
  assert.equal((await reader.exit).stdout.toString(), 'a\n')

  const alone = groundwire(t, words, { env: bus.env })
  await alone.untilStderr(/^tap: waiting for somebody to read \S+\n$/)
  const { code, stderr } = await alone.stop('SIGTERM')
  assert.equal(code, 0, stderr)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { localBus } from '../../helpers/local-bus.ts'
import { groundwire, ready, shell } from '../../helpers/groundwire.ts'
import { closedLedger, lossesOf } from '../../helpers/ledger.ts'
import { heardPublisher, keepPublishing } from '../../helpers/publisher.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'

test('--timeout ends it in all: 0 without --count, 4 before --count, 3 where no proxy was there', async t => {
  const bus = await localBus(t)
  const [plain, unmet, nobody] = [
    groundwire(t, 'tap -W 2s', { env: bus.env }),
    groundwire(t, 'tap -c 1 -W 2s', { env: bus.env }),
    groundwire(t, 'tap -c 1 -W 300ms --xpub ipc:///nonexistent/groundwire'),
  ]
  assert.equal((await plain.exit).code, 0)
  assert.equal((await unmet.exit).code, 4)
  assert.equal((await nobody.exit).code, 3)
})

test('--idle ends it after the last message, --duration after it is ready', async t => {
  const bus = await localBus(t)
  const idle = await ready(t, bus, 'tap x -f text --idle 1500ms')
  const publisher = await heardPublisher(t, bus, 'x')
  for (let i = 0; i < 3; i++) publisher.publish(`message ${i}`)
  const { code, stdout } = await idle.exit
  assert.equal(code, 0)
  assert.equal(stdout.toString(), 'message 0\nmessage 1\nmessage 2\n')
  assert.equal((await groundwire(t, 'tap --duration 10ms', { env: bus.env }).exit).code, 0)
  assert.equal((await groundwire(t, 'tap --idle 10ms', { env: bus.env }).exit).code, 0)
})

test('a reader that goes away ends it quietly, with 0', async t => {
  const bus = await localBus(t)
  const run = shell(t, 'groundwire tap x -f text | head -1; exit ${PIPESTATUS[0]}', { env: bus.env })
  const publisher = await heardPublisher(t, bus, 'x')
  keepPublishing(t, publisher, 'a message', 5)
  const { code, stdout, stderr } = await run.exit
  assert.deepEqual([code, stdout.toString()], [0, 'a message\n'])
  assert.match(stderr, /^tap: ready: [^\n]*\n$/)
})

test('with --count a reader that takes its time gets all of it, and --timeout ends that', async t => {
  const bus = await localBus(t)
  const taps = []
  for (const words of ['tap x -f hex -c 20', 'tap y -f hex -c 20 -W 5s']) {
    const tap = await ready(t, bus, words)
    tap.process.stdout.pause()
    taps.push(tap)
  }
  const [patient, timed] = taps
  assert(patient && timed)
  const publisher = await heardPublisher(t, bus, 'x')
  await publisher.heard('y')
  for (let i = 0; i < 20; i++)
    for (const topic of ['x', 'y']) publisher.publish(Buffer.alloc(100_000, i), topic)
  // It ends although nobody reads, after more than the two seconds that a signal allows.
  await timed.untilStderr(/lost \d+ \(overflow \d+\)\n$/)
  assert.doesNotMatch(patient.stderr, /received/)
  patient.process.stdout.resume()
  const { code, stdout, stderr } = await patient.exit
  assert.deepEqual([code, stdout.toString().split('\n').length - 1], [0, 20])
  assert.match(stderr, /lost 0\n$/)
  timed.process.stdout.resume()
  assert.equal((await timed.exit).code, 0)
})

test('filters: what they leave out is said, and stands in the ledger', async t => {
  const bus = await localBus(t)
  const file = temporaryFolder(t).path('ledger.json')
  const options = ['--min-size', '2', '--grep', 'x', '--every', '2', '--ledger', file]
  const tap = await ready(t, bus, ['tap', 'x', '-f', 'text', '-c', '2', ...options])
  const publisher = await heardPublisher(t, bus, 'x')
  for (const text of ['x', 'ab', 'x1', 'x2', 'x3', 'x4']) publisher.publish(text)
  const { code, stdout, stderr } = await tap.exit
  assert.deepEqual([code, stdout.toString()], [0, 'x1\nx3\n'])
  assert.match(stderr, /left out 1 by --min-size 2, 1 by --grep x, 1 by --every 2\n/)
  assert.match(stderr, /: received 5 \(.*\), sent 2, filtered 3, unheard 0, lost 0\n$/)
  const ledger = closedLedger(file)
  assert.deepEqual([ledger.received.messages, ledger['filtered'], lossesOf(ledger)], [5, 3, {}])
})

test('topics are exact, prefixes are not, and what is excluded is as if it had not been asked for', async t => {
  const bus = await localBus(t)
  const file = temporaryFolder(t).path('ledger.json')
  const selection = ['one', '--prefix', 'sat.', '--prefix', 'gs.', '--exclude', 'sat.b', '--exclude', 'gs.x*']
  const tap = await ready(t, bus, ['tap', ...selection, '-F', '%t', '-c', '4', '--ledger', file])
  const publisher = await heardPublisher(t, bus, 'gs.')
  const topics = ['one', 'one2', 'sat.a', 'sat.b', 'sat.b2', 'gs.x', 'gs.xy', 'gs.y', 'two']
  for (const topic of topics) publisher.publish('.', topic)
  const { code, stdout } = await tap.exit
  assert.deepEqual([code, stdout.toString()], [0, 'one\nsat.a\nsat.b2\ngs.y\n'])
  assert.deepEqual(Object.keys(closedLedger(file).topics), ['one', 'sat.a', 'sat.b2', 'gs.y'])
})

test('a template: a newline is added unless it ends in an escape', async t => {
  const bus = await localBus(t)
  const taps = [
    { words: ['-F', '%n=%s'], expected: '1=a\n2=b\n' },
    { words: ['-F', '%s\\0'], expected: 'a\0b\0' },
    { words: ['-F', '%s', '-0'], expected: 'a\0b\0' },
    { words: ['-F', '%s', '--delimiter', ''], expected: 'ab' },
  ]
  for (const { words, expected } of taps) {
    const tap = await ready(t, bus, ['tap', 'x', '-c', '2', ...words])
    const publisher = await heardPublisher(t, bus, 'x')
    publisher.publish('a')
    publisher.publish('b')
    assert.equal((await tap.exit).stdout.toString(), expected)
    await publisher.close()
  }
})

test('each expectation that is not met says what was seen instead: 4; if all are met, 0', async t => {
  const bus = await localBus(t)
  const expected = ['count>=3', 'size=1', 'rate>=1000000', 'payload~a']
  const tap = await ready(t, bus, ['tap', 'x', '-f', 'none', ...expected.flatMap(text => ['--expect', text])])
  const good = await ready(t, bus, [
    'tap',
    'y',
    '-f',
    'none',
    '-c',
    '2',
    '--expect',
    'count=2',
    '--expect',
    'size 1..2',
  ])
  const publisher = await heardPublisher(t, bus, 'x')
  await publisher.heard('y')
  for (const text of ['a', 'ab', 'cd']) publisher.publish(text)
  for (const text of ['a', 'ab']) publisher.publish(text, 'y')
  assert.equal((await good.exit).code, 0)
  const { code, stdout, stderr } = await tap.stop()
  assert.deepEqual([code, stdout.length], [4, 0])
  const unmet = stderr.split('\n').filter(line => line.includes('expected'))
  assert.equal(unmet.length, 3)
  assert.match(unmet.join('\n'), /expected size=1, saw it in 1 of 3 messages; the first other: 2 bytes\n/)
  assert.match(unmet.join('\n'), /expected rate>=1000000, saw \d+\.\d\d a second, 3 messages\n/)
  assert.match(
    unmet.join('\n'),
    /expected payload~a, saw it in 2 of 3 messages; the first other: 6364 \(cd\)$/,
  )
})

for (const [words, message] of [
  ['-F %t%z', /--template: '%z' at character 3 is not one of/],
  ['-f json -F %t', /give --format or --template, not both/],
  ['-f pcapng -0', /a delimiter has no place in the form pcapng/],
  ['--stats -f json', /--stats shows no messages/],
  ['--stats --every 2', /--stats shows no messages/],
  ['--rotate 10m', /--rotate is for the file of --output/],
  ['-o x --rotate 10', /--rotate: '10' is not a size such as 100M, or a duration such as 10m/],
  ['--expect frob=1', /--expect: 'frob=1' is not an expectation such as/],
  ['--apid 2048', /--apid: '2048' is not a whole number from 0 to 2047/],
  ['--grep 0xz', /--grep: 'z' at character 3 is no hexadecimal digit/],
  ['--delimiter \\q', /--delimiter: '\\q' at character 1 is not one of/],
  ['-f frob', /--format: 'frob' is not one of line, hexdump,/],
] as const) {
  test(`tap ${words} is a wrong command line`, async t => {
    const { code, stdout, stderr } = await groundwire(t, `tap ${words}`).exit
    assert.deepEqual([code, stdout.length], [2, 0])
    assert.match(stderr, message)
    assert.equal(stderr.split('\n').length, 2)
  })
}

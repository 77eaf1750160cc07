import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeBin } from '../../../src/core/wire/msgpack-encode.ts'
import { localBus } from '../../helpers/local-bus.ts'
import { collect } from '../../helpers/collector.ts'
import { groundwire, shell } from '../../helpers/groundwire.ts'
import { closedLedger } from '../../helpers/ledger.ts'
import { runMain } from '../../helpers/run-main.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'

const EVERY_BYTE = Buffer.from(Array.from({ length: 256 }, (_, i) => i))

/** The second frames that `publish telem` would send, in hexadecimal. */
async function framesOf(...options: string[]): Promise<string[]> {
  const { code, stdout, stderr } = await runMain(['publish', 'telem', '--dry-run', ...options])
  assert.equal(code, 0, stderr)
  return stdout
    .split('\n')
    .slice(0, -1)
    .map(line => {
      const [topic, frame = ''] = line.split(' ')
      assert.equal(topic, Buffer.from('telem').toString('hex'))
      return frame
    })
}

for (const { what, options, frame } of [
  { what: 'text is bytes', options: ['hé'], frame: 'c40368c3a9' },
  { what: 'the empty text is no bytes', options: [''], frame: 'c400' },
  { what: 'a text that begins with a dash', options: ['--', '-5'], frame: 'c4022d35' },
  { what: '--text is text', options: ['--text', 'hé'], frame: 'a368c3a9' },
  { what: '--hex is bytes', options: ['--hex', '00 0a:FF'], frame: 'c403000aff' },
  { what: '--base64 is bytes', options: ['--base64', 'AAr/'], frame: 'c403000aff' },
  {
    what: '--json is any value',
    options: ['--json', '{"$tuple":[1,{"$bytes":"AA=="}]}'],
    frame: 'c7050192 01c40100',
  },
  { what: '--uid makes a tuple', options: ['--hex', '00', '--uid', '1'], frame: 'c7050192 01c40100' },
  { what: '--codec raw is the bytes alone', options: ['--hex', '000aff', '--codec', 'raw'], frame: '000aff' },
  { what: 'without --expand fields are text', options: ['%{n}'], frame: 'c404257b6e7d' },
]) {
  test(`${what}: ${options.join(' ')}`, async () => {
    assert.deepEqual(await framesOf(...options), [frame.replace(' ', '')])
  })
}

/** The msgpack frames of texts as bytes. */
function expected(...texts: string[]): string[] {
  return texts.map(text => encodeBin(Buffer.from(text)).toString('hex'))
}

test('--repeat numbers its messages where --expand is given', async () => {
  assert.deepEqual(await framesOf('--text', 'n%{n}', '--expand', '--repeat', '3'), [
    'a26e31',
    'a26e32',
    'a26e33',
  ])
})

test('a file is one message, or many, and may be sent several times', async t => {
  const folder = temporaryFolder(t)
  const file = folder.write('file', 'a\n\nbc\0d')
  assert.deepEqual(await framesOf('--file', file), expected('a\n\nbc\0d'))
  assert.deepEqual(await framesOf('--file', file, '--split', 'lines'), expected('a', '', 'bc\0d'))
  assert.deepEqual(await framesOf('--file', file, '--split', 'nul'), expected('a\n\nbc', 'd'))
  assert.deepEqual(await framesOf('--file', file, '--split', '3'), expected('a\n\n', 'bc\0', 'd'))
  assert.deepEqual(
    await framesOf('--file', file, '--split', '4', '--repeat', '2'),
    expected('a\n\nb', 'c\0d', 'a\n\nb', 'c\0d'),
  )
})

test('--dry-run needs no proxy, and a reader that leaves ends it quietly', async t => {
  const run = shell(t, 'groundwire publish telem x --dry-run --repeat forever | head -n 2')
  const { code, stdout, stderr } = await run.exit
  assert.equal(code, 0)
  assert.equal(stdout.toString(), '74656c656d c40178\n'.repeat(2))
  assert.match(stderr, /^publish: dry run: \d+ messages, nothing was sent\n$/)
})

test('payloads arrive byte for byte, from standard input and from a file', async t => {
  const proxy = await localBus(t)
  for (const [what, payload] of [
    ['every byte there is', EVERY_BYTE],
    ['nothing', Buffer.alloc(0)],
    ['a newline', Buffer.from('\n')],
    ['just under 1 MiB', Buffer.alloc(1024 * 1024 - 1, EVERY_BYTE)],
  ] as const) {
    await t.test(what, async t => {
      const collector = await collect(t, proxy, { topics: ['telem'] })
      const file = temporaryFolder(t).write('payload', payload)
      for (const { words, input } of [
        { words: 'publish telem', input: payload },
        { words: `publish telem --file ${file}`, input: '' },
        { words: 'publish telem --file - --codec raw', input: payload },
      ]) {
        const { code, stderr } = await groundwire(t, words, { env: proxy.env, input }).exit
        assert.equal(code, 0, stderr)
      }
      await collector.atLeast(3)
      const [first, second, raw] = collector.messages.map(({ frame }) => frame)
      const header = payload.length < 256 ? 2 : payload.length < 65_536 ? 3 : 5
      assert(first?.subarray(header).equals(payload))
      assert(second?.subarray(header).equals(payload))
      assert(raw?.equals(payload))
    })
  }
})

test('16 MB passes with --max-message 32M, and without it is over the limit', async t => {
  const proxy = await localBus(t)
  const maxMessage = 32 * 1024 * 1024
  const collector = await collect(t, proxy, { topics: ['image'], maxMessage })
  const image = Buffer.alloc(16_000_000, EVERY_BYTE)
  const file = temporaryFolder(t).write('image', image)
  const words = `publish image --file ${file} --repeat 3`
  const over = await groundwire(t, words, { env: proxy.env }).exit
  assert.equal(over.code, 1)
  assert.match(
    over.stderr,
    /error: the input is one message, and over the limit of 1048576 bytes, at offset 0/,
  )
  const { code, stderr } = await groundwire(t, `${words} --max-message 32M`, { env: proxy.env }).exit
  assert.equal(code, 0, stderr)
  await collector.atLeast(3)
  for (const { frame } of collector.messages) assert(frame.subarray(5).equals(image))
})

test('standard input is left alone where there is a message: a loop of the shell keeps its own', async t => {
  const proxy = await localBus(t)
  const collector = await collect(t, proxy, { topics: ['telem'] })
  const line = `printf 'a\\nb\\nc\\n' | while read x; do groundwire publish telem "$x" -q || exit 9; done`
  assert.equal((await shell(t, line, { env: proxy.env }).exit).code, 0)
  await collector.atLeast(3)
  assert.deepEqual(
    collector.messages.map(({ frame }) => frame.subarray(2).toString()),
    ['a', 'b', 'c'],
  )
})

test('the ledger tells how many were sent, and balances', async t => {
  const folder = temporaryFolder(t)
  const proxy = await localBus(t)
  const collector = await collect(t, proxy)
  const run = groundwire(t, `publish telem --split 10 --ledger ${folder.path('books')}`, {
    env: proxy.env,
    input: '0123456789'.repeat(10).slice(0, 95),
  })
  assert.equal((await run.exit).code, 0)
  const { received, sent } = closedLedger(folder.path('books'))
  assert.deepEqual(received, { messages: 10, bytes: 95 })
  assert.deepEqual(sent, received)
  await collector.atLeast(10)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { widthOf } from '../../../../src/commands/shared/command-line/layout.ts'
import { parseCommandLine } from '../../../../src/commands/shared/command-line/parse.ts'
import { commands } from '../../../../src/commands/index.ts'
import { groundwire } from '../../../helpers/groundwire.ts'
import { onTerminal } from '../../../helpers/on-terminal.ts'
import { runMain } from '../../../helpers/run-main.ts'

async function helpOf(name: string, width?: number): Promise<string> {
  const read = await parseCommandLine(name === '' ? ['--help'] : [name, '--help'], {}, width)
  assert('text' in read)
  return read.text
}

const longest = (text: string) =>
  Math.max(
    ...text
      .trimEnd()
      .split(/\r?\n/)
      .map(line => line.length),
  )
const words = (text: string) => text.split(/\s+/).filter(word => word !== '')

for (const name of ['', ...Object.keys(commands)]) {
  test(`the help of 'groundwire ${name}' is as wide as it may be, and breaks no word`, async () => {
    const wide = await helpOf(name, 120)
    for (const width of [60, 72, 80, 100]) {
      const help = await helpOf(name, width)
      assert(longest(help) <= width, `${longest(help)} columns of ${width}`)
      assert(longest(help) > width - 20, `${longest(help)} columns of ${width}`)
      // By words, as the order of two columns is another at another width.
      assert.deepEqual(words(help).sort(), words(wide).sort())
    }
  })
}

test('the width is that of COLUMNS, else of the terminal, else 80, within limits', () => {
  const terminal = { isTTY: true, columns: 100 }
  assert.equal(widthOf({ isTTY: false }, {}), 80)
  assert.equal(widthOf({}, {}), 80)
  assert.equal(widthOf(terminal, {}), 100)
  assert.equal(widthOf(terminal, { COLUMNS: '90' }), 90)
  assert.equal(widthOf({}, { COLUMNS: '90' }), 90)
  assert.equal(widthOf({ isTTY: true, columns: 0 }, { COLUMNS: '0' }), 80)
  assert.equal(widthOf(terminal, { COLUMNS: 'wide' }), 100)
  assert.equal(widthOf({ isTTY: true, columns: 30 }, {}), 60)
  assert.equal(widthOf({}, { COLUMNS: '1000' }), 120)
})

test('in a pipe a help has 80 columns, or as many as COLUMNS says', async t => {
  const help = (await groundwire(t, 'publish --help').exit).stdout.toString()
  assert(longest(help) <= 80 && longest(help) > 70, help)
  const wide = (await groundwire(t, 'publish --help', { env: { COLUMNS: '110' } }).exit).stdout.toString()
  assert(longest(wide) <= 110 && longest(wide) > 100, wide)
})

test('on a terminal a help has its columns', async t => {
  const shown = await onTerminal(t, 100, 'groundwire tap --help')
  if (shown === undefined) return
  const help = shown.stdout.toString()
  assert(longest(help) <= 100 && longest(help) > 90, help)
  assert.equal(shown.code, 0)
})

test('groundwire alone shows the commands, in groups, and so does groundwire help', async () => {
  const alone = await runMain([])
  assert.equal(alone.code, 0)
  assert.equal(alone.stderr, '')
  let at = -1
  for (const line of [
    'onto the bus',
    '  udp-in ',
    '  publish ',
    'off the bus',
    '  udp-out ',
    '  tap ',
    'the bus',
  ]) {
    const next = alone.stdout.indexOf(`\n${line}`)
    assert(next > at, line)
    at = next
  }
  for (const name of Object.keys(commands)) assert.match(alone.stdout, new RegExp(`^  ${name}\\b`, 'm'))
  assert.deepEqual(await runMain(['help']), alone)
  assert.deepEqual(await runMain(['--help']), alone)
})

test('groundwire help COMMAND is its --help', async () => {
  for (const name of Object.keys(commands)) {
    assert.deepEqual(await runMain(['help', name]), await runMain([name, '--help']))
  }
})

test('the version is printed alone', async () => {
  for (const line of [['--version'], ['-V'], ['tap', '--version']]) {
    const { code, stdout, stderr } = await runMain(line)
    assert.match(stdout, /^\d+\.\d+\.\d+\n$/)
    assert.equal(stderr, '')
    assert.equal(code, 0)
  }
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { STORED, storedText } from '../../src/command-line/stored-text.ts'
import { readWithYargs } from '../../src/command-line/with-yargs.ts'
import { groundwire } from '../helpers/groundwire.ts'

for (const line of Object.values(STORED)) {
  test(`'groundwire ${line.join(' ')}' prints what yargs does`, async t => {
    const live = await readWithYargs(line)
    assert('text' in live && live.text.length > 0)
    const short = line.map(word => ({ '--help': '-h', '--version': '-V' })[word] ?? word)
    for (const words of [line, short]) {
      const { code, stdout, stderr } = await groundwire(t, words).exit
      assert.equal(stdout.toString(), `${live.text}\n`)
      assert.equal(stderr, '')
      assert.equal(code, 0)
    }
  })
}

test('what asks for a help in another way gets it from yargs', async t => {
  for (const line of ['tap telem --help', 'tap --help --quiet', 'tap help', '--quiet tap --help']) {
    assert.equal(storedText(line.split(' '), {}), undefined)
    const { code, stdout } = await groundwire(t, line).exit
    assert.match(stdout.toString(), /^groundwire .*Options:/s)
    assert.equal(code, 0)
  }
})

test('a variable that yargs heeds is heeded', async t => {
  const { stdout } = await groundwire(t, 'tap --help', { env: { YARGS_DISABLE_WRAP: '1' } }).exit
  const { stdout: wrapped } = await groundwire(t, 'tap --help').exit
  assert(stdout.length > 0 && !stdout.equals(wrapped))
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseCommandLine } from '../../src/commands/shared/command-line/parse.ts'
import { commands } from '../../src/commands/index.ts'
import { commandLinesOf } from '../helpers/command-lines.ts'

for (const [name, { load }] of Object.entries(commands)) {
  test(`each example in the help of ${name} is a right command line of it`, async t => {
    const { examples } = (await load()).default
    assert(examples.length > 0)
    for (const [line] of examples) {
      const [words = []] = await commandLinesOf(t, `groundwire ${line}`)
      const read = await parseCommandLine(words, {})
      assert('command' in read, line)
      assert.equal(read.name, name, line)
    }
  })
}

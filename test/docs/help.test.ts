import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { commands } from '../../src/commands/index.ts'
import { parseCommandLine } from '../../src/main.ts'
import { shell } from '../helpers/groundwire.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

/** Files that examples read. */
const FILES = ['packet.bin', 'pass.pcapng', 'pass.tlm']

/** The words of the first `groundwire` command in a line of shell, as bash reads it. */
async function wordsOf(t: TestContext, line: string): Promise<string[]> {
  const folder = temporaryFolder(t)
  for (const name of FILES) folder.write(name, '')
  const recorder = `groundwire() { printf '%s\\0' "$@" > words; }`
  await shell(t, `${recorder}\n${line}`, { cwd: folder.path('.') }).exit
  return folder.read('words').toString().split('\0').slice(0, -1)
}

for (const [name, { load }] of Object.entries(commands)) {
  test(`each example in the help of ${name} is a right command line of it`, async t => {
    const { examples } = (await load()).default
    assert(examples.length > 0)
    for (const [line] of examples) {
      const read = await parseCommandLine(await wordsOf(t, `groundwire ${line}`), {})
      assert('command' in read, line)
      assert.equal(read.name, name, line)
    }
  })
}

import type { TestContext } from 'node:test'
import { shell } from './groundwire.ts'
import { temporaryFolder } from './temporary.ts'

/** Files that examples read. */
const FILES = ['packet.bin', 'pass.pcapng', 'pass.tlm']

/** Returns the words of each `groundwire` command in lines of shell, as bash reads them. No command is run. */
export async function commandLinesOf(t: TestContext, lines: string): Promise<string[][]> {
  const folder = temporaryFolder(t)
  for (const name of [...FILES, 'words']) folder.write(name, '')
  const recorder = `groundwire() { printf '%s\\0' "$#" "$@" >> ${folder.path('words')}; }; PATH=`
  await shell(t, `${recorder}\n${lines}\nwait`, {
    cwd: folder.path('.'),
    env: { HOME: folder.path('.') },
    input: '',
  }).exit
  const words = folder.read('words').toString().split('\0').slice(0, -1)
  const commandLines: string[][] = []
  while (words.length > 0) commandLines.push(words.splice(0, Number(words.shift())))
  return commandLines
}

// Run by the build: writes what the command line only prints, as yargs has it, to where it is read from.
import { mkdirSync, writeFileSync } from 'node:fs'
import { STORED, TEXTS } from './command-line/stored-text.ts'
import { readWithYargs } from './command-line/with-yargs.ts'

mkdirSync(TEXTS, { recursive: true })
for (const [name, line] of Object.entries(STORED)) {
  const read = await readWithYargs(line)
  if ('text' in read) writeFileSync(new URL(`${name}.txt`, TEXTS), read.text)
}

/**
 * The rules of the house that lint can't state: `npm run house`, a part of `npm run check`. It prints each breach, and exits with 1
 * where there is one.
 */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import process from 'node:process'
import { commands } from '../src/commands/index.ts'
import { commonOptions } from '../src/commands/shared/command-line/command.ts'
import { circlesOf, importsOf } from './imports.ts'
import { PROJECT } from './project.ts'

/** Most lines of a file. */
const MAX_LINES = 300
const FOLDERS = ['src', 'test', 'bench', 'scripts']

/** Comments, and what is between quotes: the first group has the text of a string. */
const STRING = /\/\/[^\n]*|\/\*[^]*?\*\/|('(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`)/g
const OPTION = /(?<![\w-])--[a-z][a-z-]*/g

/**
 * Checks source files, whose paths are within the project.
 * @param options the names of the commands' options
 * @returns a line for each breach
 */
export function breachesOf(files: ReadonlyMap<string, string>, options: ReadonlySet<string>): string[] {
  const imports = new Map([...files].map(([file, text]) => [file, importsOf(file, text)]))
  const ofFiles = [...files].map(([file, text]) => {
    if (!file.startsWith('src/core/')) return tooLong(file, text)
    return tooLong(file, text).concat(
      optionNames(file, text, options),
      importsOfCommands(file, imports.get(file) ?? []),
    )
  })
  return [
    ...ofFiles.flat(),
    ...circlesOf(imports).map(circle => `${circle.join(' → ')}: a circle of imports`),
  ]
}

function tooLong(file: string, text: string): string[] {
  const lines = text.split('\n').length - 1
  return lines > MAX_LINES ? [`${file}: ${lines} lines, where ${MAX_LINES} are the most`] : []
}

function optionNames(file: string, text: string, options: ReadonlySet<string>): string[] {
  const strings = [...text.matchAll(STRING)].flatMap(([, string]) => string ?? [])
  const names = new Set(strings.flatMap(string => string.match(OPTION) ?? []))
  return [...names]
    .filter(name => options.has(name.slice(2)))
    .map(name => `${file}: ${name}: the core knows no option of a command`)
}

function importsOfCommands(file: string, imports: readonly string[]): string[] {
  const outside = imports.filter(name => name.startsWith('src/') && !name.startsWith('src/core/'))
  return outside.map(name => `${file}: imports ${name}, and the core knows no command`)
}

/** The source files of the project, by their paths in it. */
export function sourceFiles(): Map<string, string> {
  const names = FOLDERS.flatMap(folder =>
    readdirSync(path.join(PROJECT, folder), { recursive: true, encoding: 'utf8' })
      .filter(name => /\.(ts|py|c)$/.test(name))
      .map(name => `${folder}/${name}`),
  )
  return new Map(names.sort().map(name => [name, readFileSync(path.join(PROJECT, name), 'utf8')]))
}

async function optionsOfCommands(): Promise<Set<string>> {
  const loaded = await Promise.all(Object.values(commands).map(({ load }) => load()))
  const options = [commonOptions, ...loaded.map(({ default: command }) => command.options)]
  return new Set(options.flatMap(each => Object.keys(each)))
}

if (process.argv[1] === import.meta.filename) {
  const breaches = breachesOf(sourceFiles(), await optionsOfCommands())
  for (const breach of breaches) process.stderr.write(`${breach}\n`)
  process.exitCode = breaches.length > 0 ? 1 : 0
}

// yargs' parser alone has to read the same texts as yargs, or none, and then yargs is asked.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { test } from 'node:test'
import * as fc from 'fast-check'
import parser from 'yargs-parser'
import { parserOptions, readWellFormed } from '../../../../src/commands/shared/command-line/well-formed.ts'
import { readWithYargs } from '../../../../src/commands/shared/command-line/with-yargs.ts'
import type { Command } from '../../../../src/commands/shared/command-line/command.ts'
import { PROJECT } from '../../../../scripts/project.ts'
import { commands } from '../../../../src/commands/index.ts'
import { UsageError } from '../../../../src/core/errors.ts'
import { optionsOf, rightCommandLine, wordFor } from '../../../helpers/arbitrary-command-line.ts'
import { commandLinesOf } from '../../../helpers/command-lines.ts'
import { fencedBlocks } from '../../../helpers/examples.ts'
import { runs } from '../../../helpers/property.ts'

const LOADED: readonly (readonly [name: string, command: Command])[] = await Promise.all(
  Object.entries(commands).map(async ([name, { load }]) => [name, (await load()).default] as const),
)

/** Whether it is read without yargs. Fails where yargs reads it otherwise, or refuses it. */
async function isReadAlone(argv: readonly string[]): Promise<boolean> {
  const alone = await readWellFormed(argv)
  if (alone === undefined) return false
  const full = await readWithYargs(argv)
  assert('command' in full, 'yargs has a text for it')
  assert.equal(alone.name, full.name)
  assert.equal(alone.command, full.command)
  const { command } = full
  for (const name of ['_', ...Object.keys(command.arguments), ...Object.keys(optionsOf(command))]) {
    assert.deepEqual(alone.texts[name], full.texts[name], name)
  }
  return true
}

/** A parser's options without some names, in a fixed order. */
function saidBy(options: Partial<parser.Options>, but: readonly string[]): Record<string, string[]> {
  const names = (list: unknown) => {
    const known = [list ?? []].flat().map(String)
    return known.filter((name, at) => !but.includes(name) && known.indexOf(name) === at).sort()
  }
  const entries = (of: object = {}) => {
    const known = Object.entries(of).filter(([name]) => !but.includes(name))
    return known.map(([name, value]) => `${name}: ${[value].flat().join()}`).sort()
  }
  const { alias, coerce, config, configuration, default: defaults, narg } = options
  return {
    array: names(options.array),
    boolean: names(options.boolean),
    count: names(options.count),
    normalize: names(options.normalize),
    number: names(options.number),
    string: names(options.string),
    alias: entries(alias),
    coerce: entries(coerce),
    config: entries(config as object | undefined),
    configuration: entries(configuration),
    defaults: entries(defaults),
    narg: entries(narg),
  }
}

for (const [name, command] of LOADED) {
  test(`what is read of ${name} without yargs is what yargs reads`, async () => {
    const words = fc.array(wordFor(command), { maxLength: 6 })
    const argv = fc.oneof(
      { weight: 5, arbitrary: rightCommandLine(name, command) },
      { weight: 5, arbitrary: words.map(after => [name, ...after]) },
      { weight: 1, arbitrary: fc.tuple(words, words).map(([before, after]) => before.concat(name, after)) },
    )
    let alone = 0
    await fc.assert(
      fc.asyncProperty(argv, async line => {
        if (await isReadAlone(line)) alone += 1
      }),
      runs(100),
    )
    assert(alone >= 10, `only ${alone} of 200 were read without yargs: the test tests little`)
  })

  test(`yargs tells its parser the same of ${name}`, async t => {
    const spy = t.mock.method(parser, 'detailed')
    await readWithYargs([name, '--quiet']).catch((error: unknown) => assert(error instanceof UsageError))
    // The first time it only looks for the command.
    const theirs = spy.mock.calls[1]?.arguments[1] ?? {}
    const args = Object.keys(command.arguments)
    const aliases = Object.values(optionsOf(command)).flatMap(({ alias }) => alias ?? [])
    const ours = parserOptions(optionsOf(command))
    assert.deepEqual(saidBy(theirs, [...args, ...aliases]), saidBy(ours, []))
  })

  test(`the arguments of ${name} are those of its usage`, () => {
    const args = Object.entries(command.arguments).map(([argument, spec]) => {
      assert(!('flag' in spec))
      if (spec.required) return `<${argument}>`
      return spec.repeat ? `[${argument}..]` : `[${argument}]`
    })
    assert.equal(commands[name]?.usage, [name, ...args].join(' '))
  })
}

test('the examples are read without yargs', async t => {
  const helps = LOADED.flatMap(([, { examples }]) => examples.map(([line]) => `groundwire ${line}`))
  const documents = fencedBlocks().filter(({ language }) => language === 'sh')
  const lines = await commandLinesOf(t, [...helps, ...documents.map(({ text }) => text)].join('\n'))
  assert(lines.length > 50, String(lines.length))
  for (const line of lines) {
    const asks = line.includes('--help')
    assert.equal(await isReadAlone(line), !asks, line.join(' '))
  }
})

test('a command line is read in two ways at most, each in one file', () => {
  const source = path.join(PROJECT, 'src')
  const readers = readdirSync(source, { recursive: true, encoding: 'utf8' }).flatMap(file => {
    if (!file.endsWith('.ts')) return []
    const imported = /from '(yargs(?:-parser)?)'/.exec(readFileSync(path.join(source, file), 'utf8'))
    return imported === null ? [] : [`${imported[1]} in ${file}`]
  })
  assert.deepEqual(readers.sort(), [
    'yargs in commands/shared/command-line/with-yargs.ts',
    'yargs-parser in commands/shared/command-line/well-formed.ts',
  ])
})

test("the parser is yargs' own", () => {
  const require = createRequire(import.meta.url)
  const theirs = createRequire(require.resolve('yargs')).resolve('yargs-parser')
  assert.equal(require.resolve('yargs-parser'), theirs)
})

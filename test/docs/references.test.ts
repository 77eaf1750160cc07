import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { PROJECT } from '../../scripts/project.ts'
import { commonOptions } from '../../src/commands/shared/command-line/command.ts'
import { commands } from '../../src/commands/index.ts'
import { DOCUMENTS, readDocument } from '../helpers/examples.ts'

/** A document's code within its lines: no blocks, and of tables for those who know other tools only the last column. */
function inlineCode(document: string): string[] {
  const text = readDocument(document)
    .replaceAll(/^```[^]*?^```$/gm, '')
    .replaceAll(/^\| `.*` \| (?=`)/gm, '')
  return [...text.matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code)
}

for (const document of DOCUMENTS) {
  test(`${document}: what it links to is there`, () => {
    for (const [, target = ''] of readDocument(document).matchAll(/\]\((?!https?:)([^)#]+)/g)) {
      assert(existsSync(path.join(PROJECT, path.dirname(document), target)), target)
    }
  })

  test(`${document}: each file that it names is there`, () => {
    const paths = inlineCode(document)
      .flatMap(code => code.split(' '))
      .filter(word => !word.includes('NAME') && /^(src|test|docs|bench|\.ci)\/[\w./-]+$/.test(word))
    for (const name of paths) assert(existsSync(path.join(PROJECT, name)), name)
  })

  test(`${document}: each option that it names is one of a command`, async () => {
    const loaded = await Promise.all(Object.values(commands).map(({ load }) => load()))
    const known = new Set(
      [commonOptions, ...loaded.map(({ default: { options } }) => options)].flatMap(options =>
        Object.keys(options).map(name => `--${name}`),
      ),
    )
    const named = inlineCode(document)
      .filter(code => !/^(node|npm|npx) /.test(code))
      .flatMap(code => code.match(/(?<=^|[\s(])--[a-z][a-z-]*/g) ?? [])
    assert.deepEqual(
      named.filter(option => !known.has(option) && option !== '--help'),
      [],
    )
  })

  test(`${document}: each npm script that it names is one of the package`, () => {
    const { scripts } = JSON.parse(readFileSync(path.join(PROJECT, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>
    }
    for (const [, name = ''] of readDocument(document).matchAll(/npm run ([\w:-]+)/g)) {
      assert(name in scripts, name)
    }
  })
}

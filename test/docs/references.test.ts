import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
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

/** The targets of a document's links within the repository: a path from its root, and the heading's anchor. */
function linksOf(document: string): { target: string; anchor: string | undefined }[] {
  return [...readDocument(document).matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)/g)].map(
    ([, file = '', anchor]) => ({
      target: file === '' ? document : path.join(path.dirname(document), file),
      anchor,
    }),
  )
}

/** The anchors of a document's headings, as GitHub and npm make them. */
function anchorsOf(document: string): string[] {
  return [...readDocument(document).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\s-]/g, '')
      .replaceAll(' ', '-'),
  )
}

test('what the README links to is in the package, so that it works where npm shows it', () => {
  const { files } = JSON.parse(readFileSync(path.join(PROJECT, 'package.json'), 'utf8')) as {
    files: string[]
  }
  const packed = new Set([...files, 'README.md', 'LICENSE'])
  const links = linksOf('README.md').map(({ target }) => target)
  assert(links.length > 0)
  assert.deepEqual(
    links.filter(target => !packed.has(target.split('/')[0] ?? '')),
    [],
  )
})

test('the list of the documentation has every page', () => {
  const listed = new Set(linksOf('docs/README.md').map(({ target }) => target))
  const pages = DOCUMENTS.filter(name => name.startsWith('docs/') && name !== 'docs/README.md')
  assert.deepEqual(
    pages.filter(page => !listed.has(page)),
    [],
  )
})

test('the map of CONTRIBUTING has every room of src', () => {
  const map = new Set(readDocument('CONTRIBUTING.md').match(/(?<=^ {4})src\/\S*/gm))
  const rooms = readdirSync(path.join(PROJECT, 'src'), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .map(({ parentPath, name }) => `${path.relative(PROJECT, path.join(parentPath, name))}/`)
  assert(rooms.length > 0)
  assert.deepEqual(
    rooms.filter(room => !map.has(room)),
    [],
  )
})

for (const document of [...DOCUMENTS, 'bench/README.md', 'bench/NOTES.md']) {
  test(`${document}: what it links to is there`, () => {
    for (const { target, anchor } of linksOf(document)) {
      assert(existsSync(path.join(PROJECT, target)), target)
      if (anchor !== undefined) assert(anchorsOf(target).includes(anchor), `${target}#${anchor}`)
    }
  })
}

for (const document of DOCUMENTS) {
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

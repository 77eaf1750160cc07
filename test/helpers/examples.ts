import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { PROJECT } from '../../scripts/project.ts'

/** Documents whose examples are run. */
export const DOCUMENTS: readonly string[] = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'SECURITY.md',
  ...readdirSync(path.join(PROJECT, 'docs'))
    .filter(name => name.endsWith('.md'))
    .map(name => `docs/${name}`),
]

/** A block of code in a document. */
export interface Block {
  readonly document: string
  readonly language: string
  readonly text: string
}

/** Runs an example like a person would, and judges the result. */
export type Check = (t: TestContext, example: string) => Promise<void>

export function readDocument(document: string): string {
  return readFileSync(path.join(PROJECT, document), 'utf8')
}

/** All fenced blocks in all documents. */
export function fencedBlocks(): Block[] {
  return DOCUMENTS.flatMap(document =>
    [...readDocument(document).matchAll(/^```(.*)\n([^]*?)^```$/gm)].map(([, language = '', text = '']) => ({
      document,
      language,
      text: text.trimEnd(),
    })),
  )
}

/** The command lines in the last column of the table under a heading of a document. */
export function tableCommands(document: string, heading: RegExp): string[] {
  const section = readDocument(document)
    .split(/^## /m)
    .find(text => heading.test(text))
  assert(section !== undefined, `no section of ${document} is headed ${heading}`)
  const rows = section.match(/^\|.*\|$/gm) ?? []
  return rows.flatMap(row => {
    // A | within a cell is written as \|.
    const cells = row.slice(1, -1).split(/(?<!\\)\|/)
    return [...(cells.at(-1) ?? '').matchAll(/`([^`]+)`/g)].map(([, code = '']) =>
      code.replaceAll('\\|', '|'),
    )
  })
}

/** Defines a test for each example. An example without a check fails, and so does a check without an example. */
export function testExamples(
  where: string,
  examples: readonly string[],
  checks: Readonly<Record<string, Check>>,
): void {
  for (const example of new Set(examples)) {
    test(`${where}: ${example.replaceAll('\n', '; ')}`, async t => {
      const check = checks[example]
      assert(check !== undefined, 'this example has no check')
      await check(t, example)
    })
  }
  test(`${where}: every check has its example`, () => {
    const gone = Object.keys(checks).filter(text => !examples.includes(text))
    assert.deepEqual(gone, [])
  })
}

/**
 * Fills in an example like a reader would, with other ports, hosts and times. The replaced text must be there.
 *
 * A port to listen on becomes 0, so that the system chooses a free one; a port to send to becomes that of the test's
 * receiver; a URL becomes that of the test's bus. The rest is run unchanged.
 */
export function put(example: string, replacements: Readonly<Record<string, string | number>>): string {
  return Object.entries(replacements).reduce((text, [from, to]) => {
    assert(text.includes(from), `'${from}' is not in: ${text}`)
    return text.replaceAll(from, String(to))
  }, example)
}

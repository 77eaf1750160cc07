import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { PROJECT } from '../../scripts/project.ts'

/** The documents whose examples are run. */
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

/** Runs an example as a person would, and judges what comes of it. */
export type Check = (t: TestContext, example: string) => Promise<void>

export function readDocument(document: string): string {
  return readFileSync(path.join(PROJECT, document), 'utf8')
}

/** All blocks between fences, in all documents. */
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
    // A | within a cell is written \|.
    const cells = row.slice(1, -1).split(/(?<!\\)\|/)
    return [...(cells.at(-1) ?? '').matchAll(/`([^`]+)`/g)].map(([, code = '']) =>
      code.replaceAll('\\|', '|'),
    )
  })
}

/** A test for each example. One without a check is a failure, and so is a check without its example. */
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
 * An example with what a reader would put in, too: his own ports, hosts and times. What it replaces has to be there.
 *
 * A port to listen on is replaced by 0, where the system chooses a free one; a port to send to by the one that a test's
 * receiver has; a URL by that of the test's bus. All else is run as it stands.
 */
export function put(example: string, replacements: Readonly<Record<string, string | number>>): string {
  return Object.entries(replacements).reduce((text, [from, to]) => {
    assert(text.includes(from), `'${from}' is not in: ${text}`)
    return text.replaceAll(from, String(to))
  }, example)
}

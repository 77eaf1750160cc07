import assert from 'node:assert/strict'
import { test } from 'node:test'
import { breachesOf } from '../../scripts/house.ts'

const breaches = (files: Record<string, string>) =>
  breachesOf(new Map(Object.entries(files)), new Set(['raw', 'max-message']))

test('a file of more than 300 lines is refused', () => {
  assert.deepEqual(breaches({ 'test/a.ts': 'a\n'.repeat(300) }), [])
  assert.deepEqual(breaches({ 'test/a.ts': 'a\n'.repeat(301) }), [
    'test/a.ts: 301 lines, where 300 are the most',
  ])
})

test('an import from the core to a command is refused, of a type or on demand too', () => {
  for (const line of [
    "import { run } from '../commands/tap.ts'",
    "import type { Run } from '../commands/tap.ts'",
    "export * from '../commands/tap.ts'",
    "import {\n  type Run,\n} from '../commands/tap.ts'",
    "const { run } = await import('../commands/tap.ts')",
    "import '../commands/tap.ts'",
  ]) {
    assert.deepEqual(
      breaches({ 'src/core/a.ts': `${line}\n` }),
      ['src/core/a.ts: imports src/commands/tap.ts, and the core knows no command'],
      line,
    )
    assert.deepEqual(breaches({ 'src/commands/a.ts': `${line}\n` }), [])
  }
})

test("a command's option in a string of the core is refused, and in a comment it is not", () => {
  for (const string of ["'see --max-message'", '"see --max-message"', '`${hint}: --max-message`']) {
    assert.deepEqual(
      breaches({ 'src/core/a.ts': `export const a = ${string}\n` }),
      ['src/core/a.ts: --max-message: the core knows no option of a command'],
      string,
    )
  }
  const allowed =
    "export const ours = '--expose-gc'\n// what --raw asks for\n/* or '--raw' */ export const line = '---x--y'\nlet i = 2; i--\n"
  assert.deepEqual(breaches({ 'src/core/a.ts': allowed }), [])
  assert.deepEqual(breaches({ 'src/commands/a.ts': "export const a = '--raw'\n" }), [])
})

test('a circle of imports is refused, one of types too', () => {
  assert.deepEqual(
    breaches({
      'src/a.ts': "import { b } from './b/b.ts'\n",
      'src/b/b.ts': "import type { C } from '../c.ts'\n",
      'src/c.ts': "export { a } from './a.ts'\n",
      'src/d.ts': "import { a } from './a.ts'\nimport { c } from './c.ts'\n",
    }),
    ['src/a.ts → src/b/b.ts → src/c.ts → src/a.ts: a circle of imports'],
  )
})

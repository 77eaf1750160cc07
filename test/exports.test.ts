// Checks that each type in a public signature can be imported, in the declarations that the package ships.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { PROJECT } from '../scripts/project.ts'

const INDEX = path.join(PROJECT, 'dist/index.d.ts')

/** Reads a declaration file without its comments. */
function read(file: string): string {
  return readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
}

/** Names that a file exports from, or imports from, its neighbours, by file. */
function named(word: 'export' | 'import', file: string): { from: string; names: string[] }[] {
  const form = new RegExp(`^${word} (?:type )?\\{([^}]*)\\} from '(\\.[^']*)';`, 'gm')
  return [...read(file).matchAll(form)].map(([, names = '', from = '']) => ({
    from: path.join(path.dirname(file), from.replace(/\.[jt]s$/, '.d.ts')),
    names: names.split(',').flatMap(name => /(\w+)\s*$/.exec(name)?.slice(1) ?? []),
  }))
}

/** The text of each top-level declaration of a file, by name. */
function declarations(file: string): Map<string, string> {
  const form = /^(?:export )?(?:declare )?(?:abstract )?(?:class|interface|type|const|function) (\w+)/gm
  const text = read(file)
  const starts = [...text.matchAll(form)]
  return new Map(
    starts.map(({ index, 1: name = '' }, i) => [
      name,
      text.slice(index, starts[i + 1]?.index ?? text.length),
    ]),
  )
}

test('every type that a public signature mentions is exported', () => {
  const exported = named('export', INDEX)
  const all = new Set(exported.flatMap(({ names }) => names))
  assert(all.has('ZMQClient') && all.has('LedgerRecord'))
  const missing = new Set<string>()
  for (const { from, names } of exported) {
    const declared = declarations(from)
    const known = new Set([...declared.keys(), ...named('import', from).flatMap(module => module.names)])
    for (const name of names) {
      // A file that only re-exports a name is skipped: the name's own file is checked where it is mentioned.
      if (named('export', from).some(module => module.names.includes(name))) continue
      const text = declared.get(name)
      assert(text !== undefined, `${name} is declared in ${from}`)
      for (const [word] of text.matchAll(/\b[A-Za-z]\w*\b/g))
        if (known.has(word) && !all.has(word)) missing.add(`${name} mentions ${word}`)
    }
  }
  assert.deepEqual([...missing], [])
})

test('no class shows a name that a subclass would use by accident', () => {
  for (const { from, names } of named('export', INDEX)) {
    const declared = declarations(from)
    for (const name of names.filter(each => declared.get(each)?.includes('class ')))
      assert.doesNotMatch(declared.get(name) ?? '', /^\s*protected /m, name)
  }
})

/** Finds the declaration of a name behind a doc comment. */
function documented(name: string): RegExp {
  return new RegExp(
    `\\*/\\n(?:export )?(?:declare )?(?:abstract )?(?:class|interface|type|const|function) ${name}\\b`,
  )
}

test('each public export has a doc comment', () => {
  const exported = named('export', INDEX).flatMap(({ from, names }) => names.map(name => ({ from, name })))
  assert(exported.length > 40, String(exported.length))
  const bare = exported.filter(({ from, name }) => {
    const origin = named('export', from).find(({ names }) => names.includes(name))?.from ?? from
    return !documented(name).test(readFileSync(origin, 'utf8'))
  })
  assert.deepEqual(
    bare.map(({ name }) => name),
    [],
  )
})

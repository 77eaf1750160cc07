import path from 'node:path'

/** Imports and re-exports at the beginning of a line, and imports on demand, of files by their relative paths. */
const STATIC = /^(?:import|export) (?:[^'"`;]*? from )?'(\.[^']+)'/gm
const DYNAMIC = /\bimport\('(\.[^']+)'\)/g

/** Lists the files that a file imports, for their types alone too, by their paths in the project. */
export function importsOf(file: string, text: string): string[] {
  const found = [...text.matchAll(STATIC), ...text.matchAll(DYNAMIC)]
  return [...new Set(found.map(([, to = '']) => path.posix.join(path.posix.dirname(file), to)))]
}

/** Finds the circles of a graph of imports: one of each knot of files that import each other. */
export function circlesOf(imports: ReadonlyMap<string, readonly string[]>): string[][] {
  const done = new Set<string>()
  const way: string[] = []
  const circles: string[][] = []
  const visit = (file: string): void => {
    const at = way.indexOf(file)
    if (at >= 0) circles.push([...way.slice(at), file])
    if (at >= 0 || done.has(file)) return
    way.push(file)
    for (const next of imports.get(file) ?? []) visit(next)
    way.pop()
    done.add(file)
  }
  for (const file of imports.keys()) visit(file)
  return circles
}

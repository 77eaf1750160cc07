import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'

/** A folder that is removed when the test ends, and its files. */
export function temporaryFolder(t: TestContext): {
  path(name: string): string
  read(name: string): Buffer
  write(name: string, content: Uint8Array | string): string
} {
  const folder = mkdtempSync(join(tmpdir(), 'groundwire-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const path = (name: string) => join(folder, name)
  return {
    path,
    read: name => readFileSync(path(name)),
    write(name, content) {
      writeFileSync(path(name), content)
      return path(name)
    },
  }
}

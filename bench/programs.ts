// Programs that the bench needs besides groundwire: its own in C and Python, and those that are installed.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { PROJECT } from '../scripts/project.ts'

/** A Python with Debian's python3-zmq. */
export const PYTHON = process.env['PYTHON'] ?? '/usr/bin/python3'

/** The C compiler. */
const CC = process.env['CC'] ?? 'cc'

/** How a peer is set up: 'tuned' has a receive buffer of 4 MiB, high-water marks of 100,000, and in C recvmmsg. */
export type Setting = 'as written' | 'tuned'

/** The language of a load generator and its receiver. */
export type LoadLanguage = 'C' | 'TypeScript'

/** Why something in C on libzmq can't be run. */
export const NO_LIBZMQ = "no C compiler with libzmq's headers"

const sources = path.join(PROJECT, 'bench', 'peers')
const compiled = new Map<string, string | undefined>()
let folder: string | undefined

/**
 * Compiles a program of bench/peers at its first use, into a folder that is removed with this process.
 * @param libraries that it is linked with
 * @returns its path, or undefined without a compiler or a library's headers
 */
export function cProgram(name: string, ...libraries: readonly string[]): string | undefined {
  if (!compiled.has(name)) compiled.set(name, compile(name, libraries))
  return compiled.get(name)
}

/** Starts a program whose output nobody reads. */
export function child(program: string, ...args: readonly string[]): ChildProcess {
  return spawn(program, args, { stdio: 'ignore' })
}

/** Starts a Python script of bench/peers. */
export function pythonScript(name: string, ...args: readonly string[]): ChildProcess {
  return child(PYTHON, path.join(sources, name), ...args)
}

/** Returns why Python can't run what needs these modules, if so. */
export function missingModules(...modules: readonly string[]): { readonly missing?: string } {
  const { status } = spawnSync(PYTHON, ['-c', `import ${modules.join(', ')}`], { stdio: 'ignore' })
  return status === 0 ? {} : { missing: `no Python with ${modules.join(', ')}` }
}

/** Returns the path of an installed program. Daemons are in a folder that not everybody looks into. */
export function installed(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(path.delimiter), '/usr/sbin']
  return folders.map(each => path.join(each, name)).find(file => spawnSync('test', ['-x', file]).status === 0)
}

function compile(name: string, libraries: readonly string[]): string | undefined {
  const program = path.join(temporaryFolder(), name)
  const links = libraries.map(library => `-l${library}`)
  const source = path.join(sources, `${name}.c`)
  const { status } = spawnSync(CC, ['-O2', '-o', program, source, ...links], { stdio: 'ignore' })
  return status === 0 ? program : undefined
}

function temporaryFolder(): string {
  if (folder === undefined) {
    const made = mkdtempSync(path.join(tmpdir(), 'groundwire-bench-'))
    folder = made
    process.once('exit', () => rmSync(made, { recursive: true, force: true }))
  }
  return folder
}

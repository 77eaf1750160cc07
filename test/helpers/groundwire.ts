import assert from 'node:assert/strict'
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { TestContext } from 'node:test'
import { PROJECT } from '../../scripts/project.ts'
import { Condition } from '../../src/core/condition.ts'

/** The built executable. */
export const CLI = path.join(PROJECT, 'dist/cli.js')

/** Time that anything that a test waits for may take, in ms: far over what it does take, for loaded machines. */
export const PATIENCE_MS = 30_000

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>
  /** Written to standard input, which is then closed. Default: standard input stays open and empty. */
  readonly input?: string | Uint8Array
  readonly cwd?: string
  /** Send signals to the program and all its children, like Ctrl-C in a terminal. */
  readonly group?: boolean
}

export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: Buffer
  readonly stderr: string
}

/** Owns resources and releases them at its own end: a test, or a trial of `npm run faults`. */
export interface Owner {
  after(clean: () => void | Promise<void>): void
}

/** A spawned program. Tests judge its standard output, standard error and exit separately. It ends with its test. */
export class Run {
  readonly process: ChildProcessWithoutNullStreams
  readonly exit: Promise<Exit>
  readonly #name: string
  readonly #group: boolean
  readonly #stdout: Buffer[] = []
  #stderr = ''
  #over = false
  readonly #condition = new Condition()

  constructor(t: Owner, command: string, args: readonly string[], options: RunOptions = {}) {
    this.#name = [command, ...args].join(' ')
    this.#group = options.group ?? false
    this.process = spawn(command, args, {
      cwd: options.cwd,
      detached: this.#group,
      // A user's own settings must not affect a test.
      env: { ...withoutOwn(process.env), ...options.env },
    })
    this.process.stdin.on('error', () => {})
    if (options.input !== undefined) this.process.stdin.end(options.input)
    this.process.stdout.on('data', (chunk: Buffer) => {
      this.#stdout.push(chunk)
      this.#condition.notify()
    })
    this.process.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      this.#stderr += chunk
      this.#condition.notify()
    })
    this.exit = new Promise((resolve, reject) => {
      this.process.on('error', reject)
      this.process.on('close', (code, signal) => {
        this.#over = true
        this.#condition.notify()
        resolve({ code, signal, stdout: this.stdout, stderr: this.#stderr })
      })
    })
    t.after(async () => {
      this.kill('SIGCONT')
      this.kill('SIGKILL')
      await this.exit.catch(() => {})
    })
  }

  get stdout(): Buffer {
    return Buffer.concat(this.#stdout)
  }

  get stderr(): string {
    return this.#stderr
  }

  get pid(): number {
    assert(this.process.pid !== undefined, `${this.#name} did not start`)
    return this.process.pid
  }

  /** Resolves with the match as soon as standard error matches. Fails if the program ends first, or the time is up. */
  async untilStderr(pattern: RegExp): Promise<RegExpExecArray> {
    await this.until(() => pattern.test(this.#stderr), String(pattern))
    const match = pattern.exec(this.#stderr)
    assert(match)
    return match
  }

  /** Resolves as soon as a condition holds for the program, checked after each of its writes. */
  async until(holds: (run: this) => boolean, what: string): Promise<void> {
    const signal = AbortSignal.timeout(PATIENCE_MS)
    await this.#condition.until(() => holds(this) || this.#over, { signal }).catch(() => {})
    assert(holds(this), `${this.#name}: ${what} did not come; stderr:\n${this.#stderr}`)
  }

  kill(signal: NodeJS.Signals): void {
    if (!this.#group) {
      this.process.kill(signal)
      return
    }
    try {
      process.kill(-this.pid, signal)
    } catch (error) {
      // The group has already ended.
      assert.equal((error as NodeJS.ErrnoException).code, 'ESRCH')
    }
  }

  /** Ends the program as a user does. Returns its exit. */
  async stop(signal: NodeJS.Signals = 'SIGINT'): Promise<Exit> {
    this.kill(signal)
    return this.exit
  }
}

/** Words of a command line; a text is split at its spaces. */
type Words = string | readonly string[]

/** Runs a `groundwire` command line. */
export function groundwire(t: TestContext, words: Words, options?: RunOptions): Run {
  const args = typeof words === 'string' ? words.split(' ') : words
  return new Run(t, process.execPath, [CLI, ...args], options)
}

/** Runs a line of shell in which `groundwire` is the built one. A signal goes to the whole line, as from a terminal. */
export function shell(t: TestContext, line: string, options: Omit<RunOptions, 'group'> = {}): Run {
  const bin = mkdtempSync(path.join(tmpdir(), 'groundwire-'))
  t.after(() => rmSync(bin, { recursive: true, force: true }))
  writeFileSync(path.join(bin, 'groundwire'), `#!/bin/sh\nexec '${process.execPath}' '${CLI}' "$@"\n`, {
    mode: 0o755,
  })
  const env = { ...options.env, PATH: `${bin}:${process.env['PATH']}` }
  return new Run(t, 'bash', ['-c', line], { ...options, env, group: true })
}

/** A broker on free ports, and the environment that points commands to it. */
export interface Bus {
  readonly run: Run
  readonly xsub: string
  readonly xpub: string
  readonly env: { readonly GROUNDWIRE_XSUB: string; readonly GROUNDWIRE_XPUB: string }
}

/** Starts `groundwire proxy`. */
export async function startProxy(t: TestContext, options = ''): Promise<Bus> {
  const run = groundwire(t, `proxy --xsub tcp://127.0.0.1:* --xpub tcp://127.0.0.1:* ${options}`.trim())
  const [, xsub = '', xpub = ''] = await run.untilStderr(
    /publishers at (\S+) \(xsub\), subscribers at (\S+) \(xpub\)/,
  )
  return { run, xsub, xpub, env: { GROUNDWIRE_XSUB: xsub, GROUNDWIRE_XPUB: xpub } }
}

/** Starts a command on a bus. Resolves when it reports that it is ready. */
export async function ready(
  t: TestContext,
  { env }: Pick<Bus, 'env'>,
  words: Words,
  options: RunOptions = {},
): Promise<Run> {
  const run = groundwire(t, words, { ...options, env: { ...env, ...options.env } })
  await run.untilStderr(/: ready: /)
  return run
}

/** The UDP port that a `udp-in` reports. */
export async function listeningPort(run: Run): Promise<number> {
  const [, port] = await run.untilStderr(/listening on UDP \S+:(\d+)/)
  return Number(port)
}

function withoutOwn(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  // Nor must CI, in which ora draws no spinner on any terminal.
  return Object.fromEntries(
    Object.entries(env).filter(
      ([name]) => !name.startsWith('GROUNDWIRE_') && !['NODE_OPTIONS', 'CI'].includes(name),
    ),
  )
}

import assert from 'node:assert/strict'
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Condition } from '../../src/core/condition.ts'

/** The built executable. */
export const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))

/** How long anything that a test waits for may take, in ms: far over what it does take, for loaded machines. */
export const PATIENCE_MS = 30_000

export interface RunOptions {
  readonly env?: Record<string, string>
  /** Written to standard input, which is then closed; without it, standard input is open and empty. */
  readonly input?: string | Uint8Array
  readonly cwd?: string
}

export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: Buffer
  readonly stderr: string
}

/** A spawned program, whose standard output, standard error and exit are judged apart. It is gone when its test is. */
export class Run {
  readonly process: ChildProcessWithoutNullStreams
  readonly exit: Promise<Exit>
  readonly #name: string
  readonly #stdout: Buffer[] = []
  #stderr = ''
  #over = false
  readonly #condition = new Condition()

  constructor(t: TestContext, command: string, args: readonly string[], options: RunOptions = {}) {
    this.#name = [command, ...args].join(' ')
    this.process = spawn(command, args, {
      cwd: options.cwd,
      // A user's own settings must not decide a test.
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
      this.process.kill('SIGKILL')
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

  /** Resolves with the match as soon as standard error has it. Fails when the program ends without, or time is up. */
  async untilStderr(pattern: RegExp): Promise<RegExpExecArray> {
    await this.until(() => pattern.test(this.#stderr), String(pattern))
    const match = pattern.exec(this.#stderr)
    assert(match)
    return match
  }

  /** Resolves as soon as something holds of the program, looked at whenever it has written. */
  async until(holds: (run: this) => boolean, what: string): Promise<void> {
    const signal = AbortSignal.timeout(PATIENCE_MS)
    await this.#condition.until(() => holds(this) || this.#over, { signal }).catch(() => {})
    assert(holds(this), `${this.#name}: ${what} did not come; stderr:\n${this.#stderr}`)
  }

  kill(signal: NodeJS.Signals): void {
    this.process.kill(signal)
  }

  /** Ends it as a user does, and returns how it ended. */
  async stop(signal: NodeJS.Signals = 'SIGINT'): Promise<Exit> {
    this.process.kill(signal)
    return this.exit
  }
}

/** Runs a `groundwire` command line. */
export function groundwire(t: TestContext, args: readonly string[], options?: RunOptions): Run {
  return new Run(t, process.execPath, [CLI, ...args], options)
}

/** A running `groundwire proxy` on free ports, and the environment that leads other commands to it. */
export interface ProxyRun {
  readonly run: Run
  readonly xsub: string
  readonly xpub: string
  readonly env: { GROUNDWIRE_XSUB: string; GROUNDWIRE_XPUB: string }
}

export async function startProxy(t: TestContext, args: readonly string[] = []): Promise<ProxyRun> {
  const run = groundwire(t, ['proxy', '--xsub', 'tcp://127.0.0.1:*', '--xpub', 'tcp://127.0.0.1:*', ...args])
  const [, xsub = '', xpub = ''] = await run.untilStderr(
    /publishers at (\S+) \(xsub\), subscribers at (\S+) \(xpub\)/,
  )
  return { run, xsub, xpub, env: { GROUNDWIRE_XSUB: xsub, GROUNDWIRE_XPUB: xpub } }
}

/** Starts a command on a bus, and resolves when it says that it is ready. */
export async function ready(
  t: TestContext,
  { env }: Pick<ProxyRun, 'env'>,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Run> {
  const run = groundwire(t, args, { ...options, env: { ...env, ...options.env } })
  await run.untilStderr(/: ready: /)
  return run
}

/** The UDP port that a `udp-in` says it listens on. */
export async function listeningPort(run: Run): Promise<number> {
  const [, port] = await run.untilStderr(/listening on UDP \S+:(\d+)/)
  return Number(port)
}

function withoutOwn(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(
      ([name]) => !name.startsWith('GROUNDWIRE_') && !name.startsWith('NODE_OPTIONS'),
    ),
  )
}

import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { LedgerRecord } from '../../src/core/ledger.ts'
import { CLI, type Owner, Run } from '../helpers/groundwire.ts'
import type { Host, Network } from './network.ts'
import type { RoleFigures } from './figures.ts'

/** The time a role has to end after SIGTERM, in ms: the product says 3 s, and the machine may be busy. */
const END_MS = 8_000

/** Where a role runs, and as what. */
export interface RoleOptions {
  readonly name: string
  readonly network: Network
  readonly host: Host
  /** The words of its command line. */
  readonly words: readonly string[]
  /** A folder for its ledgers. */
  readonly folder: string
  readonly owner: Owner
  /** Called at each start, for a function that takes its standard output. */
  readonly output?: () => (chunk: Buffer) => void
}

/** A groundwire command on a host. It may be killed and started again, with a ledger for each of its lives. */
export class Role {
  readonly name: string
  readonly #options: RoleOptions
  readonly #lives: Run[] = []
  readonly #killed = new Set<Run>()
  #code: number | null = null

  constructor(options: RoleOptions) {
    this.name = options.name
    this.#options = options
  }

  start(): void {
    const { network, host, words, owner, output } = this.#options
    const own = ['--ledger', this.#ledgerFile(this.#lives.length)]
    const [command, ...args] = network.on(host, process.execPath, CLI, ...words, ...own)
    const run = new Run(owner, command, args, { env: { NO_COLOR: '1' } })
    this.#lives.push(run)
    if (output !== undefined) run.process.stdout.on('data', output())
  }

  /** Waits until it says that it is ready, or that it waits for its proxy. */
  async settled(): Promise<void> {
    await this.#run.untilStderr(/: ready: |: waiting for the proxy/)
  }

  async ready(): Promise<void> {
    await this.#run.untilStderr(/: ready: /)
  }

  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#run.kill(signal)
  }

  /** Kills it with SIGKILL, so that it can tell nobody anything. */
  async kill(): Promise<void> {
    this.#killed.add(this.#run)
    await this.#run.stop('SIGKILL')
  }

  /** Ends it as a service manager does, with SIGTERM; with SIGKILL where it does not end, and its code is then null. */
  async stop(): Promise<void> {
    const timer = setTimeout(() => this.#run.kill('SIGKILL'), END_MS)
    const { code } = await this.#run.stop('SIGTERM')
    clearTimeout(timer)
    this.#code = code
  }

  /** All that it has said on standard error, in all its lives. */
  get said(): string {
    return this.#lives.map(({ stderr }) => stderr).join('')
  }

  /** Whether something was said on standard error before its closing line. */
  told(pattern: RegExp): boolean {
    return this.said
      .split('\n')
      .filter(line => !/\breceived \d+ \(/.test(line))
      .some(line => pattern.test(line))
  }

  figures(): RoleFigures {
    return {
      name: this.name,
      code: this.#code,
      kills: this.#killed.size,
      ledgers: this.#lives.map((_, life) => this.#ledger(life)),
    }
  }

  get #run(): Run {
    const run = this.#lives.at(-1)
    if (run === undefined) throw new Error(`${this.name} has not been started`)
    return run
  }

  #ledgerFile(life: number): string {
    return path.join(this.#options.folder, `${this.name}-${life}.json`)
  }

  #ledger(life: number): LedgerRecord | null {
    try {
      return JSON.parse(readFileSync(this.#ledgerFile(life), 'utf8')) as LedgerRecord
    } catch {
      // It was killed before it had written one.
      return null
    }
  }
}

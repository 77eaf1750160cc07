import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { LedgerRecord } from '../../src/core/ledger.ts'
import { CLI, type Owner, Run } from '../helpers/groundwire.ts'
import type { Host, Network } from './network.ts'
import type { RoleFigures } from './figures.ts'

/** Time for a role to end after SIGTERM, in ms. The product promises 3 s; the machine may be busy. */
const END_MS = 8_000

/** Host and command of a role. */
export interface RoleOptions {
  readonly name: string
  readonly network: Network
  readonly host: Host
  /** Words of the command line. */
  readonly words: readonly string[]
  /** Folder for the ledgers. */
  readonly folder: string
  readonly owner: Owner
  /** Called at each start. Returns a function that receives the standard output. */
  readonly output?: () => (chunk: Buffer) => void
}

/** A groundwire command on a host. It may be killed and started again, with one ledger per life. */
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

  /** Waits until it reports that it is ready, or that it is waiting for its proxy. */
  async settled(): Promise<void> {
    await this.#run.untilStderr(/: ready: |: waiting for the proxy/)
  }

  async ready(): Promise<void> {
    await this.#run.untilStderr(/: ready: /)
  }

  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#run.kill(signal)
  }

  /** Kills it with SIGKILL, without a chance to report anything. */
  async kill(): Promise<void> {
    this.#killed.add(this.#run)
    await this.#run.stop('SIGKILL')
  }

  /** Stops it like a service manager, with SIGTERM. If it does not end, kills it; its code is then null. */
  async stop(): Promise<void> {
    const timer = setTimeout(() => this.#run.kill('SIGKILL'), END_MS)
    const { code } = await this.#run.stop('SIGTERM')
    clearTimeout(timer)
    this.#code = code
  }

  /** Standard error of all its lives. */
  get said(): string {
    return this.#lives.map(({ stderr }) => stderr).join('')
  }

  /** Whether standard error matches before its closing line. */
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
      // It was killed before it had written a ledger.
      return null
    }
  }
}

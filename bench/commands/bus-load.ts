import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { program } from '../../scripts/project.ts'
import type { PublishReport, PublishRequest } from './bus-generator.ts'

/** The process that publishes loads onto a bus. */
export class BusLoad {
  readonly #worker: ChildProcess
  readonly #gone = new AbortController()

  private constructor(worker: ChildProcess) {
    this.#worker = worker
    worker.once('exit', () => this.#gone.abort())
  }

  static async start(): Promise<BusLoad> {
    const { file, execArgv } = program(import.meta.dirname, 'bus-worker')
    const load = new BusLoad(fork(file, { execArgv }))
    await load.#answer()
    return load
  }

  get pid(): number {
    return this.#worker.pid ?? 0
  }

  /** Publishes one load. @throws if nobody subscribes, or the bus takes nothing */
  async publish(request: PublishRequest): Promise<PublishReport> {
    const answer = this.#answer()
    this.#worker.send(request)
    const { report, error } = await answer
    if (report === undefined) throw new Error(`the load could not be published: ${error}`)
    return report
  }

  close(): void {
    this.#worker.kill('SIGKILL')
  }

  async #answer(): Promise<{ report?: PublishReport; error?: string }> {
    const [answer] = await once(this.#worker, 'message', { signal: this.#gone.signal })
    return answer as { report?: PublishReport; error?: string }
  }
}

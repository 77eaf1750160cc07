import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { WaitOptions } from '../../core/condition.ts'
import type { LoadWorker, WorkerRequest } from './worker-messages.ts'

/** A worker that is a module, with requests over the channel of child_process.fork. */
export class ForkedWorker implements LoadWorker {
  /** Port of 127.0.0.1 on which it receives; 0 for a generator. */
  readonly port: number
  readonly #process: ChildProcess

  private constructor(process: ChildProcess, port: number) {
    this.#process = process
    this.port = port
  }

  static async start(module: string, part: 'generate' | 'receive'): Promise<ForkedWorker> {
    const process = fork(module, [part], { execArgv: [] })
    const [{ port }] = (await once(process, 'message')) as [{ port: number }]
    return new ForkedWorker(process, port)
  }

  async ask<T>(request: WorkerRequest, { signal }: WaitOptions = {}): Promise<T> {
    const answer = once(this.#process, 'message', signal === undefined ? {} : { signal })
    this.#process.send(request)
    const [report] = (await answer) as [T]
    return report
  }

  close(): void {
    this.#process.kill('SIGKILL')
  }
}

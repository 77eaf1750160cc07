import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface, type Interface } from 'node:readline'
import type { WaitOptions } from '../src/core/condition.ts'

/** A program that answers each line of its standard input with a line of JSON. Its first line says that it is ready. */
export class LineProcess<Ready = object> {
  readonly ready: Ready
  readonly #process: ChildProcess
  readonly #lines: Interface
  readonly #gone: AbortController

  private constructor(process: ChildProcess, lines: Interface, gone: AbortController, ready: Ready) {
    this.#process = process
    this.#lines = lines
    this.#gone = gone
    this.ready = ready
  }

  /** @throws {Error} if it ends instead */
  static async start<Ready = object>(program: string, args: readonly string[]): Promise<LineProcess<Ready>> {
    const process = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] })
    const gone = new AbortController()
    const end = (why: string) => gone.abort(new Error(`${program} ${args.join(' ')} ${why}`))
    process.once('error', error => end(`did not start: ${error.message}`))
    process.once('exit', (code, signal) => end(`ended with ${code ?? signal}`))
    process.stdin.on('error', () => {})
    const lines = createInterface(process.stdout)
    try {
      return new LineProcess(process, lines, gone, await nextLine<Ready>(lines, gone.signal))
    } catch (error) {
      process.kill('SIGKILL')
      throw error
    }
  }

  get pid(): number {
    return this.#process.pid ?? 0
  }

  /** Sends a request, and returns its answer. One request at a time. @throws {Error} if the program has ended */
  async ask<T>(request: string, { signal }: WaitOptions = {}): Promise<T> {
    const ended = signal === undefined ? this.#gone.signal : AbortSignal.any([signal, this.#gone.signal])
    const answer = nextLine<T>(this.#lines, ended)
    this.#process.stdin?.write(`${request}\n`)
    return await answer
  }

  /** Kills the process. */
  close(): void {
    this.#process.kill('SIGKILL')
  }
}

async function nextLine<T>(lines: Interface, signal: AbortSignal): Promise<T> {
  try {
    const [line] = (await once(lines, 'line', { signal })) as [string]
    return JSON.parse(line) as T
  } catch (error) {
    throw signal.aborted ? signal.reason : error
  }
}

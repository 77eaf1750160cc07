import path from 'node:path'
import { Load } from '../src/commands/bench/load.ts'
import type { LoadWorker, WorkerRequest } from '../src/commands/bench/worker-messages.ts'
import { PROJECT } from '../scripts/project.ts'
import type { WaitOptions } from '../src/core/condition.ts'
import { LineProcess } from './line-process.ts'
import { cProgram, type LoadLanguage } from './programs.ts'

/** The generator or the receiver in C. */
class CWorker implements LoadWorker {
  readonly #process: LineProcess

  constructor(process: LineProcess) {
    this.#process = process
  }

  ask<T>(request: WorkerRequest, options: WaitOptions = {}): Promise<T> {
    return this.#process.ask<T>(lineOf(request), options)
  }

  close(): void {
    this.#process.close()
  }
}

/** Starts the generator and the receiver of datagrams: in C where there is a compiler, else in TypeScript. */
export async function startUdpLoad(): Promise<{ readonly load: Load; readonly language: LoadLanguage }> {
  const program = cProgram('udp-load')
  if (program === undefined) {
    const load = await Load.start(path.join(PROJECT, 'dist/commands/bench/worker.js'))
    return { load, language: 'TypeScript' }
  }
  const [generator, receiver] = await Promise.all([
    LineProcess.start(program, ['generate']),
    LineProcess.start<{ port: number }>(program, ['receive']),
  ])
  const load = new Load(new CWorker(generator), new CWorker(receiver), receiver.ready.port)
  return { load, language: 'C' }
}

/** A request as a line for udp-load.c, whose rate of 0 is back to back. */
export function lineOf(request: WorkerRequest): string {
  if (request.type === 'report') return 'report'
  if (request.type === 'expect') return `expect ${request.trial}`
  const { trial, port, size, phases } = request
  return ['send', trial, port, size, ...phases.flatMap(({ rate, messages }) => [rate ?? 0, messages])].join(
    ' ',
  )
}

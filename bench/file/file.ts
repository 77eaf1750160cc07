// A file at full speed: its lines to two receivers that write them, over groundwire and over MQTT, in turn.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { RoleOptions } from '../../src/commands/bench/chain.ts'
import { writeLines } from '../commands/publish-trial.ts'
import { median, spread } from '../statistics.ts'
import { groundwireBus, mosquittoBus, mosquittoPrograms } from './buses.ts'
import { type FileBus, fileTrial, type FileTrial, type Reading } from './trial.ts'

/** The figures of a file over one bus. Each is the median of the trials. */
export interface FileResult {
  readonly bus: string
  readonly messages: number
  /** Bytes a second at which one receiver's output is read; null where both write files. */
  readonly bytesPerSecond: number | null
  /** From the start of the publisher until nothing more was written, in ms. */
  readonly tookMs: number
  /** Range of these times, as a share of their median; null after one trial. */
  readonly spread: number | null
  /** Messages that one receiver or the other lost, in the trial that lost most. */
  readonly lost: readonly number[]
  /** CPU time for each message published, in microseconds. */
  readonly busUs: number
  readonly publisherUs: number
}

export interface FileOptions {
  readonly run: RoleOptions
  /** Numbers of messages of the files, each from the shortest on. */
  readonly messages: readonly number[]
  /** Messages of the file whose receiver reads slowly. */
  readonly slowMessages: number
  readonly rounds: number
  readonly say: (text: string) => void
}

const SIZE = 256
/** Bytes a second that a slow reader takes. */
const SLOW = 10_000_000

/** @returns the results, and the reason why a bus is missing */
export async function measureFile(
  options: FileOptions,
): Promise<{ readonly results: FileResult[]; readonly skipped: Readonly<Record<string, string>> }> {
  const { run, messages, slowMessages, rounds } = options
  const programs = mosquittoPrograms()
  const starts: (() => Promise<FileBus>)[] = [() => groundwireBus(run)]
  if (programs !== undefined)
    starts.push(
      () => mosquittoBus(programs, 'tuned'),
      () => mosquittoBus(programs, 'as written'),
    )
  const folder = mkdtempSync(path.join(tmpdir(), 'groundwire-bench-'))
  const results: FileResult[] = []
  try {
    for (const count of messages)
      results.push(...(await measureOne(options, starts, folder, { count, rounds, reading: 'files' })))
    const slow = { count: slowMessages, rounds: 1, reading: { bytesPerSecond: SLOW } }
    results.push(...(await measureOne(options, starts, folder, slow)))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  return {
    results,
    skipped: programs === undefined ? { mosquitto: 'mosquitto or its clients are not installed' } : {},
  }
}

async function measureOne(
  { say }: FileOptions,
  starts: readonly (() => Promise<FileBus>)[],
  folder: string,
  { count, rounds, reading }: { readonly count: number; readonly rounds: number; readonly reading: Reading },
): Promise<FileResult[]> {
  const input = path.join(folder, 'input')
  writeLines(input, count, SIZE)
  const outputs = ['first', 'second'].map(name => path.join(folder, name))
  const trials = new Map<string, FileTrial[]>()
  for (let round = 0; round < rounds; round++) {
    for (const start of starts) {
      const bus = await start()
      try {
        const trial = await fileTrial(bus, { input, size: SIZE, messages: count, outputs, reading })
        trials.set(bus.name, [...(trials.get(bus.name) ?? []), trial])
        const lost = trial.written.map(written => count - written).join(' and ')
        say(`${count} lines, ${bus.name}: ${Math.round(trial.tookMs)} ms, ${lost} lost`)
      } finally {
        await bus.close()
      }
    }
  }
  return [...trials].map(([bus, all]) => fileResult(bus, count, reading, all))
}

/** The figures that several trials show together. */
export function fileResult(
  bus: string,
  messages: number,
  reading: Reading,
  trials: readonly FileTrial[],
): FileResult {
  const times = trials.map(({ tookMs }) => tookMs)
  const lost = trials.map(({ written }) => written.map(count => messages - count))
  return {
    bus,
    messages,
    bytesPerSecond: reading === 'files' ? null : reading.bytesPerSecond,
    tookMs: median(times),
    spread: spread(times),
    lost: lost.toSorted((a, b) => sum(b) - sum(a))[0] ?? [],
    busUs: (median(trials.map(({ busCpuMs }) => busCpuMs)) * 1000) / messages,
    publisherUs: (median(trials.map(({ publisherCpuMs }) => publisherCpuMs)) * 1000) / messages,
  }
}

function sum(counts: readonly number[]): number {
  return counts.reduce((all, count) => all + count, 0)
}

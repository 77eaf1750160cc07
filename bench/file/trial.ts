import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, statSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { setTimeout as after } from 'node:timers/promises'
import { closeAll } from '../../src/commands/bench/chain.ts'
import { readFigures } from '../../src/commands/bench/process-figures.ts'
import { untilEnded } from '../commands/publish-trial.ts'

/** A bus that carries a file's lines to two receivers, which write what they get. */
export interface FileBus {
  readonly name: string
  /** The process between publisher and receivers. */
  readonly pid: number
  /** Starts a receiver, and returns once it is there. Its standard output is a file or a pipe. */
  readonly receive: (output: number | 'pipe') => Promise<ChildProcess>
  /** The command that publishes lines from its standard input. */
  readonly publish: readonly [program: string, ...args: string[]]
  /** Bytes that a receiver has written once it is there. */
  readonly preamble: number
  /** Bytes that a receiver writes after the payload of each message. */
  readonly delimiter: number
  readonly close: () => Promise<void>
}

/** How the receivers' output is read: files, or pipes of which one is read at this many bytes a second. */
export type Reading = 'files' | { readonly bytesPerSecond: number }

/** The outcome of one file through a bus. */
export interface FileTrial {
  /** From the start of the publisher until nothing more was written, in ms. */
  readonly tookMs: number
  /** Messages that each receiver wrote. */
  readonly written: readonly number[]
  /** CPU time, in ms. */
  readonly busCpuMs: number
  readonly publisherCpuMs: number
}

const POLL_MS = 20
/** Nothing more is written after this time without, in ms. */
const QUIET_MS = 2_000
const MOST_MS = 120_000
const RECEIVERS = 2

/** Publishes a file of equal lines, and waits until the receivers write no more. */
export async function fileTrial(
  bus: FileBus,
  {
    input,
    size,
    messages,
    outputs,
    reading,
  }: {
    readonly input: string
    /** Bytes of a line, without its end. */
    readonly size: number
    readonly messages: number
    /** Files for the receivers' output. */
    readonly outputs: readonly string[]
    readonly reading: Reading
  },
): Promise<FileTrial> {
  const receivers: ChildProcess[] = []
  const counts: (() => number)[] = []
  try {
    for (let index = 0; index < RECEIVERS; index++) {
      const isPipe = reading !== 'files' && index === 0
      const file = outputs[index] ?? ''
      const descriptor = isPipe ? undefined : openSync(file, 'w')
      const receiver = await bus.receive(descriptor ?? 'pipe')
      if (descriptor !== undefined) closeSync(descriptor)
      receivers.push(receiver)
      counts.push(
        isPipe && receiver.stdout !== null
          ? readSlowly(receiver.stdout, reading.bytesPerSecond)
          : () => statSync(file).size,
      )
    }
    const before = await readFigures(bus.pid)
    const startMs = performance.now()
    const publisher = await startPublisher(bus.publish, input)
    const publisherFigures = untilEnded({ child: publisher, pid: publisher.pid ?? 0 })
    const perMessage = size + bus.delimiter
    const bytes = bus.preamble + messages * perMessage
    const endMs = await untilWritten(counts, bytes, publisher)
    const now = await readFigures(bus.pid)
    return {
      tookMs: endMs - startMs,
      written: counts.map(count => Math.floor((count() - bus.preamble) / perMessage)),
      busCpuMs: (now?.cpuMs ?? Number.NaN) - (before?.cpuMs ?? Number.NaN),
      publisherCpuMs: (await publisherFigures)?.cpuMs ?? Number.NaN,
    }
  } finally {
    await closeAll(receivers)
  }
}

async function startPublisher([program, ...args]: FileBus['publish'], input: string): Promise<ChildProcess> {
  const descriptor = openSync(input, 'r')
  const publisher = spawn(program, args, { stdio: [descriptor, 'ignore', 'ignore'] })
  closeSync(descriptor)
  await once(publisher, 'spawn')
  return publisher
}

/** @returns the time of the last look at which more had been written, by `performance.now()` */
async function untilWritten(
  counts: readonly (() => number)[],
  bytes: number,
  publisher: ChildProcess,
): Promise<number> {
  const startMs = performance.now()
  let [seen, lastMs] = [0, startMs]
  for (let nowMs = startMs; nowMs - startMs < MOST_MS; nowMs = performance.now()) {
    const written = counts.map(count => count())
    const sum = written.reduce((all, count) => all + count, 0)
    if (sum > seen) lastMs = nowMs
    seen = sum
    const hasEnded = publisher.exitCode !== null || publisher.signalCode !== null
    if (hasEnded && (written.every(count => count >= bytes) || nowMs - lastMs > QUIET_MS)) break
    await after(POLL_MS)
  }
  return lastMs
}

/** Reads a pipe, and rests after each piece for as long as it takes at this rate. @returns the bytes read so far */
function readSlowly(pipe: Readable, bytesPerSecond: number): () => number {
  let bytes = 0
  pipe.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    pipe.pause()
    setTimeout(() => pipe.resume(), (chunk.length / bytesPerSecond) * 1000)
  })
  return () => bytes
}

import { constants, fstatSync, ftruncate, open as openFile } from 'node:fs'
import { stat } from 'node:fs/promises'
import { setTimeout as after } from 'node:timers/promises'
import { promisify } from 'node:util'
import { GroundwireError } from '../errors.ts'
import { closeDescriptor, writeAll } from './descriptor.ts'
import { sinkOf } from './descriptor-sink.ts'
import { type Rotation, rotatedName } from './rotation.ts'
import { type Sink, WriteError } from './sink.ts'

export interface FileSinkOptions {
  /** The point at which a new file begins. The files then have the time in their names. Default: never. */
  readonly rotation?: Rotation | undefined
  /** Overwrite a file that exists. Default false: that is an error. A file of a rotation gets another name instead. */
  readonly force?: boolean
  /** Ends the wait for the reader of a named pipe. */
  readonly signal?: AbortSignal | undefined
  /** Told when that wait begins. */
  readonly onWait?: (path: string) => void
  /** Told the path of each file that was opened. */
  readonly onOpen?: (path: string) => void
}

const open = promisify(openFile)
const truncate = promisify(ftruncate)

/** Interval between attempts to open a named pipe that nobody reads yet, in ms. */
const RETRY_MS = 50

/**
 * Opens a file to write to, or the first one of a rotation. A named pipe or a device is written to as it is. A pipe is opened once
 * somebody reads it.
 * @throws {GroundwireError} EXISTS; IO, when it can't be opened, or when the wait for a reader was ended
 */
export async function openSink(path: string, options: FileSinkOptions = {}): Promise<Sink> {
  if (options.rotation === undefined) {
    const descriptor = await openOnce(path, options)
    options.onOpen?.(path)
    if (fstatSync(descriptor).isFile()) return new FileSink(path, descriptor, options)
    return sinkOf(descriptor, path)
  }
  const { name, descriptor } = await openRotated(path)
  options.onOpen?.(name)
  return new FileSink(path, descriptor, options)
}

/** A file, or one after another. Each write goes to the system at once: nothing waits here to be flushed. */
class FileSink implements Sink {
  readonly name: string
  readonly #options: FileSinkOptions
  #descriptor: number
  #size = 0
  #opened = performance.now()

  constructor(path: string, descriptor: number, options: FileSinkOptions) {
    this.name = path
    this.#descriptor = descriptor
    this.#options = options
  }

  get room(): number {
    const { rotation } = this.#options
    if (rotation === undefined) return Number.POSITIVE_INFINITY
    if ('bytes' in rotation) return Math.max(0, rotation.bytes - this.#size)
    return performance.now() - this.#opened < rotation.ms ? Number.POSITIVE_INFINITY : 0
  }

  async write(chunk: Uint8Array): Promise<void> {
    try {
      await writeAll(this.#descriptor, chunk)
      this.#size += chunk.length
    } catch (error) {
      if (error instanceof WriteError) this.#size += error.written
      throw error
    }
  }

  async next(): Promise<void> {
    const { name, descriptor } = await openRotated(this.name)
    await closeDescriptor(this.#descriptor)
    this.#descriptor = descriptor
    this.#size = 0
    this.#opened = performance.now()
    this.#options.onOpen?.(name)
  }

  async takeBack(bytes: number): Promise<void> {
    if (bytes > 0) await truncate(this.#descriptor, this.#size - bytes)
  }

  async close(): Promise<void> {
    await closeDescriptor(this.#descriptor)
  }
}

async function openOnce(path: string, options: FileSinkOptions): Promise<number> {
  try {
    return await open(path, 'wx')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw cannotOpen(path, error)
  }
  const found = await stat(path).catch(() => undefined)
  if (found?.isFIFO()) return openPipe(path, options)
  // It exists. Open it without harm, to see its kind.
  const { force = false } = options
  const descriptor = await open(path, force ? 'w' : 'a').catch((error: unknown) => {
    throw cannotOpen(path, error)
  })
  if (force || !fstatSync(descriptor).isFile()) return descriptor
  await closeDescriptor(descriptor)
  throw new GroundwireError('EXISTS', `${path} exists already`)
}

/** Opens a named pipe without blocking: a blocked open would keep its thread, and with it the process, until somebody reads. */
async function openPipe(path: string, { signal, onWait }: FileSinkOptions): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await open(path, constants.O_WRONLY | constants.O_NONBLOCK)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENXIO') throw cannotOpen(path, error)
      if (signal?.aborted) throw new GroundwireError('IO', `nobody reads ${path}`, { cause: error })
    }
    if (attempt === 1) onWait?.(path)
    await after(RETRY_MS, undefined, signal && { signal }).catch(() => {})
  }
}

/** Finds a name that no file has yet, by trying: nothing is ever overwritten. */
async function openRotated(path: string): Promise<{ name: string; descriptor: number }> {
  for (let attempt = 1; ; attempt++) {
    const name = rotatedName(path, new Date(), attempt)
    try {
      return { name, descriptor: await open(name, 'wx') }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw cannotOpen(name, error)
    }
  }
}

function cannotOpen(path: string, cause: unknown): GroundwireError {
  return new GroundwireError('IO', `${path} can't be opened for writing: ${(cause as Error).message}`, {
    cause,
  })
}

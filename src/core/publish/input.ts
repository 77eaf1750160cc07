import { closeSync, constants, openSync } from 'node:fs'
import { type FileHandle, open, stat } from 'node:fs/promises'
import { Socket } from 'node:net'
import { Readable } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { WaitOptions } from '../condition.ts'
import { GroundwireError } from '../errors.ts'
import { WholeStream } from '../framing/whole-stream.ts'
import type { MessageParser, Outgoing } from './outgoing.ts'

/** Messages in the order in which they go out, some at a time: what a chunk of an input holds. */
export type Batches = AsyncIterable<Iterable<Outgoing>>

/** How much of an input is read at a time, in bytes. */
const CHUNK = 64 * 1024
/** How many copies of one message are a batch. */
const COPIES = 256

/** Something that bytes are read from. */
export interface ByteInput {
  /** Its name in errors. */
  readonly name: string
  /** Its length in bytes, where that is known: a regular file's. */
  readonly size: number | undefined
  /** Starts to read it, from its beginning where it has one. */
  read(): Readable
  /** Lets go of what it holds. */
  close(): Promise<void>
}

/** A file, opened at once so that one that is not there is known before anything is sent. @throws {GroundwireError} IO */
export async function openFile(path: string): Promise<ByteInput> {
  try {
    const status = await stat(path)
    if (status.isFIFO()) return openFifo(path)
    if (status.isDirectory()) throw new Error('it is a directory')
    return await openSeekable(path)
  } catch (cause) {
    throw unreadable(path, cause as Error)
  }
}

async function openSeekable(path: string): Promise<ByteInput> {
  const handle = await open(path)
  const status = await handle.stat()
  const regular = status.isFile()
  return {
    name: path,
    size: regular ? status.size : undefined,
    read: () => Readable.from(readFrom(handle, regular ? 0 : undefined), { highWaterMark: 2 }),
    close: () => handle.close(),
  }
}

/**
 * Reads a file that stays open. A stream of Node's would close it when it is destroyed, or listen to its handle for as long as that
 * is open.
 * @param start where to begin; undefined in a file that has no places, such as a device
 */
async function* readFrom(
  handle: FileHandle,
  start: number | undefined,
): AsyncGenerator<Buffer, void, undefined> {
  for (let at = start ?? null; ; ) {
    const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafeSlow(CHUNK), 0, CHUNK, at)
    if (bytesRead === 0) return
    if (at !== null) at += bytesRead
    yield buffer.subarray(0, bytesRead)
  }
}

/**
 * A named pipe. It ends when its last writer closes it. To open one, and to read it, waits for a writer: a thread that did would hold
 * up the end of the process. So it is opened without waiting, and read when the system says that something has come.
 */
function openFifo(path: string): ByteInput {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  let stream: Socket | undefined
  return {
    name: path,
    size: undefined,
    read: () => (stream ??= new Socket({ fd, readable: true, writable: false })),
    close: async () => {
      if (stream === undefined) closeSync(fd)
      else stream.destroy()
    },
  }
}

/** A stream that is there already, such as standard input. It can be read once. */
export function streamInput(name: string, stream: Readable, size?: number): ByteInput {
  return { name, size, read: () => stream, close: () => Promise.resolve() }
}

/** Reads an input through a parser, and counts what it has read. */
export class InputBatches implements Batches {
  /** Bytes read so far, of all the times that the input is read. */
  bytesRead = 0
  readonly #input: ByteInput
  readonly #makeParser: () => MessageParser
  readonly #times: number
  readonly #options: WaitOptions

  /**
   * @param times how often the input is read from its beginning
   * @param options.signal ends it early, as if there were no more
   */
  constructor(input: ByteInput, makeParser: () => MessageParser, times: number, options: WaitOptions = {}) {
    this.#input = input
    this.#makeParser = makeParser
    this.#times = times
    this.#options = options
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Iterable<Outgoing>, void, undefined> {
    for (let time = 0; time < this.#times; time++) {
      const parser = this.#makeParser()
      for await (const chunk of chunksOf(this.#input, this.#options)) {
        this.bytesRead += chunk.length
        yield parser.push(chunk)
      }
      if (this.#options.signal?.aborted) return
      yield parser.end()
      // An input without a byte, read again and again, must leave all else its turn too.
      await nextTurn()
    }
  }
}

/** An input in chunks. When the signal aborts it ends, without an error. @throws {GroundwireError} IO */
async function* chunksOf(input: ByteInput, { signal }: WaitOptions): AsyncGenerator<Buffer, void, undefined> {
  if (signal?.aborted) return
  const stream = input.read()
  const stop = () => stream.destroy()
  signal?.addEventListener('abort', stop, { once: true })
  try {
    for await (const chunk of stream) {
      if (signal?.aborted) return
      yield chunk as Buffer
    }
  } catch (cause) {
    if (!signal?.aborted) throw unreadable(input.name, cause as Error)
  } finally {
    signal?.removeEventListener('abort', stop)
  }
}

/** An input that is one message, so many times. `make` is given its bytes, and a number from 1. */
export async function* wholeInput(
  input: ByteInput,
  limit: number,
  make: (bytes: Uint8Array, number: number) => Outgoing,
  times: number,
  options: WaitOptions = {},
): Batches {
  const whole = new WholeStream(limit)
  for await (const chunk of chunksOf(input, options)) whole.push(chunk)
  if (options.signal?.aborted) return
  for (const bytes of whole.end()) yield* copies(number => make(bytes, number), times)
}

/** One message, so many times. `make` is given its number, from 1. */
export async function* copies(make: (number: number) => Outgoing, times: number): Batches {
  for (let sent = 0; sent < times; sent += COPIES) {
    yield someCopies(make, sent, Math.min(COPIES, times - sent))
    await nextTurn()
  }
}

function* someCopies(make: (number: number) => Outgoing, sent: number, count: number): Iterable<Outgoing> {
  for (let number = sent + 1; number <= sent + count; number++) yield make(number)
}

function unreadable(name: string, cause: Error): GroundwireError {
  return new GroundwireError('IO', `${name} can't be read: ${cause.message}`, { cause })
}

import { close, write } from 'node:fs'
import { promisify } from 'node:util'
import { WriteError } from './sink.ts'

const writeAt = promisify(write)

/** Interval between attempts to write to a descriptor that takes nothing now, in ms: a terminal that another program set so. */
const RETRY_MS = 5

/**
 * Writes all of a chunk to a file descriptor, on a thread of its own: a slow disk holds nothing up.
 * @param stop gives up on a descriptor that takes nothing now
 * @throws {WriteError} with the bytes that were written
 */
export async function writeAll(descriptor: number, chunk: Uint8Array, stop?: AbortSignal): Promise<void> {
  let written = 0
  while (written < chunk.length) {
    try {
      const { bytesWritten } = await writeAt(descriptor, chunk, written, chunk.length - written, null)
      written += bytesWritten
    } catch (error) {
      const cause = error as NodeJS.ErrnoException
      if (cause.code !== 'EAGAIN' || stop?.aborted) throw new WriteError(cause, written)
      await new Promise(resolve => setTimeout(resolve, RETRY_MS))
    }
  }
}

export const closeDescriptor = promisify(close)

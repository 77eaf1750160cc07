import { execFileSync } from 'node:child_process'
import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs'
import type { TestContext } from 'node:test'
import { temporaryFolder } from './temporary.ts'

const FLAGS = constants.O_RDWR | constants.O_NONBLOCK

/** A real pipe that only the test reads. Node's own pipes to its children are sockets, which Node reads ahead. */
export interface Fifo {
  readonly path: string
  /** Both ends, to be passed to a child. */
  readonly fd: number
  /** Fills the pipe, so that writers must wait. */
  fill(): void
  /** Reads the current content. */
  read(): string
}

export function makeFifo(t: TestContext): Fifo {
  const path = temporaryFolder(t).path('fifo')
  execFileSync('mkfifo', [path])
  // A child gets its own blocking description: this one's non-blocking flag is not shared.
  const [own, fd] = [openSync(path, FLAGS), openSync(path, 'r+')]
  t.after(() => [own, fd].forEach(closeSync))
  return {
    path,
    fd,
    fill() {
      const chunk = Buffer.alloc(4096, '.')
      while (untilFull(() => writeSync(own, chunk)) > 0);
    },
    read() {
      const chunk = Buffer.alloc(1 << 20)
      const chunks: Buffer[] = []
      for (;;) {
        const length = untilFull(() => readSync(own, chunk))
        if (length === 0) return Buffer.concat(chunks).toString()
        chunks.push(Buffer.from(chunk.subarray(0, length)))
      }
    },
  }
}

/** @returns 0 if the pipe is full, or empty */
function untilFull(attempt: () => number): number {
  try {
    return attempt()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return 0
    throw error
  }
}

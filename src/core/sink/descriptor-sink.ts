import { fstatSync } from 'node:fs'
import { Socket } from 'node:net'
import { isatty } from 'node:tty'
import { reopenNonBlocking } from '../linux/reopen.ts'
import { writeAll } from './descriptor.ts'
import type { Sink } from './sink.ts'
import { StreamSink } from './stream-sink.ts'

/** A file or a terminal that is open already, as standard output is. Its opener closes it. */
class DescriptorSink implements Sink {
  readonly name: string
  readonly room = Number.POSITIVE_INFINITY
  readonly #descriptor: number
  readonly #closed = new AbortController()

  constructor(descriptor: number, name: string) {
    this.#descriptor = descriptor
    this.name = name
  }

  write(chunk: Uint8Array): Promise<void> {
    return writeAll(this.#descriptor, chunk, this.#closed.signal)
  }

  async next(): Promise<void> {}

  async takeBack(): Promise<void> {}

  async close(): Promise<void> {
    this.#closed.abort()
  }
}

/** Makes a sink of an open descriptor. It writes to a pipe or a socket as a stream, and to all else by the descriptor. */
export function sinkOf(descriptor: number, name: string): Sink {
  const status = fstatSync(descriptor)
  if (!status.isFIFO() && !status.isSocket()) {
    // A write that a stopped terminal holds up would keep its thread, and with it the process.
    const terminal = isatty(descriptor) ? reopenNonBlocking(descriptor) : undefined
    return new DescriptorSink(terminal ?? descriptor, name)
  }
  // A stream of its own: the process's can't be destroyed, and a write that hangs in it would keep the process.
  return new StreamSink(new Socket({ fd: descriptor, readable: false, writable: true }), name)
}

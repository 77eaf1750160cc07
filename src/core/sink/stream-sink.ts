import { type Sink, WriteError } from './sink.ts'

/** A pipe or a socket, whose reader may be slow, or go away. */
export class StreamSink implements Sink {
  readonly name: string
  readonly room = Number.POSITIVE_INFINITY
  readonly #stream: NodeJS.WritableStream & { destroy?: () => unknown }

  constructor(stream: NodeJS.WritableStream, name: string) {
    this.#stream = stream
    this.name = name
    // The writer is told by its callback. Without a listener the process would end.
    stream.on('error', () => {})
  }

  write(chunk: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#stream.write(chunk, error => {
        if (error) reject(new WriteError(error, 0))
        else resolve()
      })
    })
  }

  async next(): Promise<void> {}

  async takeBack(): Promise<void> {}

  async close(): Promise<void> {
    // A reader that takes nothing would keep the process for good.
    this.#stream.destroy?.()
  }
}

import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { COMMAND, headerLength, LONG, MORE, writeHeader } from '../../src/core/bus/zmtp/frame.ts'
import { encodeReady, GREETING, type SocketType } from '../../src/core/bus/zmtp/handshake.ts'

/** A frame as on the wire. */
export function frame(flags: number, body: Uint8Array): Buffer {
  const bytes = Buffer.alloc(headerLength(body.length) + body.length)
  bytes.set(body, writeHeader(bytes, 0, flags, body.length))
  return bytes
}

/** The header of a frame, with a claimed size. */
export function claim(flags: number, size: number): Buffer {
  const header = Buffer.alloc(9)
  header[0] = flags | LONG
  header.writeBigUInt64BE(BigInt(size), 1)
  return header
}

export function command(name: string, body: Uint8Array = Buffer.alloc(0)): Buffer {
  return frame(COMMAND, Buffer.concat([Buffer.of(name.length), Buffer.from(name), body]))
}

export function message(topic: Uint8Array, payload: Uint8Array): Buffer {
  return Buffer.concat([frame(MORE, topic), frame(0, payload)])
}

export function handshake(type: SocketType): Buffer {
  return Buffer.concat([GREETING, frame(COMMAND, encodeReady(type))])
}

/** A connection to the proxy that sends anything. */
export class HostilePeer {
  readonly socket: Socket
  #isOver = false

  private constructor(url: string) {
    const { hostname, port } = new URL(url)
    this.socket = connect(Number(port), hostname)
    // Being cut off is expected.
    this.socket.on('error', () => {})
    this.socket.on('close', () => {
      this.#isOver = true
    })
  }

  /** Connects, whether the proxy accepts it or not. */
  static async connect(url: string, first: Uint8Array = Buffer.alloc(0)): Promise<HostilePeer> {
    const peer = new HostilePeer(url)
    await Promise.race([once(peer.socket, 'connect'), once(peer.socket, 'close')]).catch(() => {})
    if (first.length > 0) peer.socket.write(first)
    return peer
  }

  get isOver(): boolean {
    return this.#isOver
  }

  /** Writes, and waits until the system has taken the bytes or the connection has ended. */
  async write(bytes: Uint8Array): Promise<void> {
    if (this.#isOver) return
    await new Promise<void>(resolve => {
      this.socket.once('close', resolve)
      this.socket.write(bytes, () => {
        this.socket.off('close', resolve)
        resolve()
      })
    })
  }

  /** Reads and discards all input. */
  read(): this {
    this.socket.resume()
    return this
  }

  /** Waits until it is cut off, or for so many ms. */
  async untilOver(ms: number): Promise<void> {
    if (this.#isOver) return
    this.socket.resume()
    await once(this.socket, 'close', { signal: AbortSignal.timeout(ms) }).catch(() => {})
  }

  end(): void {
    this.socket.destroy()
  }
}

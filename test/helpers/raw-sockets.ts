import assert from 'node:assert/strict'
import { connect } from 'node:net'
import type { TestContext } from 'node:test'
import { XPublisher, XSubscriber } from 'zeromq'
import { PATIENCE_MS } from './groundwire.ts'

type Frames = readonly (string | Uint8Array)[]

/** A socket that sends any frames to a bus, however hostile. */
export interface RawSocket {
  readonly url: string
  /** Resolves when a subscription to this prefix, or a shorter one, has arrived. */
  subscribed(prefix: string): Promise<void>
  send(...frames: Frames): Promise<void>
}

/** Connects to a broker as a publisher. */
export function rawPublisher(t: TestContext, url: string): RawSocket {
  const socket = new XPublisher({ linger: 0, noDrop: true, receiveTimeout: PATIENCE_MS })
  socket.connect(url)
  return raw(t, socket, url)
}

/** Stands in for a broker's subscriber side. */
export async function rawXpub(t: TestContext): Promise<RawSocket> {
  const socket = new XPublisher({ linger: 0, noDrop: true, receiveTimeout: PATIENCE_MS })
  await socket.bind('tcp://127.0.0.1:*')
  return raw(t, socket, socket.lastEndpoint ?? '')
}

/** Stands in for a broker's publisher side. */
export async function rawXsub(t: TestContext): Promise<{ socket: XSubscriber; url: string }> {
  const socket = new XSubscriber({ linger: 0, receiveTimeout: PATIENCE_MS })
  await socket.bind('tcp://127.0.0.1:*')
  t.after(() => socket.close())
  return { socket, url: socket.lastEndpoint ?? '' }
}

/** Connects to a broker as a subscriber that can send it anything. */
export function rawSubscriber(t: TestContext, url: string): XSubscriber {
  const socket = new XSubscriber({ linger: 0, receiveTimeout: PATIENCE_MS })
  socket.connect(url)
  t.after(() => socket.close())
  return socket
}

/**
 * Connects to a `tcp://` URL over plain TCP, sends these bytes, and resolves when the connection has ended: the other
 * side cuts it off, unless this side is to hang up.
 */
export async function throwBytes(
  url: string,
  bytes: Uint8Array | string,
  { hangUp = false } = {},
): Promise<void> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  // It may be cut off while sending: that is not an error here.
  socket.on('error', () => {})
  if (hangUp) socket.end(bytes)
  else socket.write(bytes)
  socket.resume()
  await new Promise<void>(resolve => socket.on('close', () => resolve()))
}

function raw(t: TestContext, socket: XPublisher, url: string): RawSocket {
  t.after(() => socket.close())
  return {
    url,
    async subscribed(prefix) {
      const end = performance.now() + PATIENCE_MS
      while (performance.now() < end) {
        const [frame] = await socket.receive()
        assert(frame)
        if (frame[0] === 1 && prefix.startsWith(frame.subarray(1).toString())) return
      }
      assert.fail(`nobody subscribed to ${prefix}`)
    },
    async send(...frames) {
      await socket.send([...frames])
    },
  }
}

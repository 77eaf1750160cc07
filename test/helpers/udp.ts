import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { TestContext } from 'node:test'
import { Condition } from '../../src/core/condition.ts'
import { RatePacer } from '../../src/core/pacing/rate-pacer.ts'
import { PATIENCE_MS } from './groundwire.ts'

/** A UDP socket on a free port that keeps what arrives. */
export interface Receiver {
  readonly port: number
  readonly datagrams: readonly Buffer[]
  /** Resolves with all datagrams as soon as there are so many. */
  atLeast(count: number): Promise<readonly Buffer[]>
  /** Resolves as soon as a condition holds for the datagrams. */
  until(holds: (datagrams: readonly Buffer[]) => boolean): Promise<void>
}

export async function receiveUdp(t: TestContext): Promise<Receiver> {
  // Room for a burst that arrives while this process is not scheduled.
  const socket = createSocket({ type: 'udp4', recvBufferSize: 4 << 20 }).bind(0, '127.0.0.1')
  t.after(() => socket.close())
  const datagrams: Buffer[] = []
  const condition = new Condition()
  socket.on('message', datagram => {
    datagrams.push(datagram)
    condition.notify()
  })
  await once(socket, 'listening')
  const receiver: Receiver = {
    port: socket.address().port,
    datagrams,
    async atLeast(count) {
      await receiver.until(() => datagrams.length >= count)
      return datagrams
    },
    async until(holds) {
      const signal = AbortSignal.timeout(PATIENCE_MS)
      await condition.until(() => holds(datagrams), { signal }).catch(() => {})
      assert(holds(datagrams), `${datagrams.length} datagrams have arrived, and not what was waited for`)
    },
  }
  return receiver
}

/** Sends datagrams to a port of this host, so many per second. */
export async function sendUdp(
  port: number,
  datagrams: readonly Uint8Array[],
  rate = Number.POSITIVE_INFINITY,
): Promise<void> {
  const socket = createSocket('udp4')
  try {
    const pacer = new RatePacer(rate)
    for (const datagram of datagrams) {
      await pacer.next()
      await new Promise<void>((resolve, reject) => {
        socket.send(datagram, port, '127.0.0.1', error => (error ? reject(error) : resolve()))
      })
    }
  } finally {
    socket.close()
  }
}

/** Ports that no system gives away by itself: connections going out, and listeners at port 0, have higher ones. */
const FIRST_PORT = 12_000
const LAST_PORT = 30_000

/**
 * A port of this host at which nobody listens, for TCP or UDP. Nobody is given it by chance while the test does not listen at it:
 * only another test may draw the same one.
 */
export async function unusedPort(): Promise<number> {
  for (;;) {
    const port = randomInt(FIRST_PORT, LAST_PORT)
    const server = createServer().listen(port, '127.0.0.1')
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false,
    )
    await new Promise(resolve => server.close(resolve))
    if (isFree) return port
  }
}

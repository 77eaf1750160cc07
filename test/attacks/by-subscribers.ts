// Attacks from the side of the subscribers.
import { setTimeout as after } from 'node:timers/promises'
import type { Attack } from './attack.ts'
import { command, handshake, HostilePeer, message } from './hostile-peer.ts'

const MiB = 1024 ** 2

const neverRead: Attack = {
  name: 'subscribers that never read',
  async run({ xsub, xpub, short }) {
    const count = short ? 60 : 150
    const first = Buffer.concat([handshake('SUB'), command('SUBSCRIBE', Buffer.from('flood'))])
    const peers: HostilePeer[] = []
    for (let i = 0; i < count; i++) peers.push(await HostilePeer.connect(xpub, first))
    const publisher = (await HostilePeer.connect(xsub, handshake('PUB'))).read()
    // More than the system buffers for each, and than each queue may hold.
    const flood = short ? 8 : 40
    const part = message(Buffer.from('flood'), Buffer.alloc(8_000))
    for (let sent = 0; sent < flood * MiB; sent += 50 * part.length)
      await publisher.write(Buffer.concat(Array<Buffer>(50).fill(part)))
    // A message so large that one copy per subscriber would exceed the memory.
    await publisher.write(message(Buffer.from('flood'), Buffer.alloc(30 * MiB)))
    await after(1_000)
    publisher.end()
    for (const peer of peers) peer.end()
    return `${count} subscribers, ${flood} MiB for each in messages of 8,000 bytes, and one of 30 MiB`
  },
}

const longPrefixes: Attack = {
  name: 'long prefixes',
  async run({ xpub, short }) {
    const total = (short ? 10 : 38) * MiB
    const peer = (await HostilePeer.connect(xpub, handshake('SUB'))).read()
    let count = 0
    for (const length of [65_000, 1_024]) {
      const prefix = Buffer.alloc(length, 'p')
      for (let sent = 0; sent < total; sent += length, count++) {
        prefix.write(String(count).padStart(8, '0'))
        await peer.write(command('SUBSCRIBE', prefix))
      }
    }
    peer.end()
    return `${(2 * total) / MiB} MiB in ${count} prefixes, of 65,000 and of 1,024 bytes`
  },
}

const churn: Attack = {
  name: 'churn of subscriptions, beside a new publisher',
  async run({ xpub, short, join }) {
    const peer = (await HostilePeer.connect(xpub, handshake('SUB'))).read()
    for (let i = 0; i < 400; i++) {
      const prefix = Buffer.alloc(65_000, 'p')
      prefix.write(String(i).padStart(8, '0'))
      await peer.write(command('SUBSCRIBE', prefix))
    }
    const prefixes = Array.from({ length: 1_000 }, (_, i) => {
      const prefix = Buffer.alloc(1_000, 'c')
      prefix.write(String(i).padStart(8, '0'))
      return prefix
    })
    const churn = { stopped: false }
    let changes = 0
    const churning = (async () => {
      for (let subscribe = true; !churn.stopped; subscribe = !subscribe) {
        const name = subscribe ? 'SUBSCRIBE' : 'CANCEL'
        for (let at = 0; at < prefixes.length && !churn.stopped; at += 100, changes += 100)
          await peer.write(Buffer.concat(prefixes.slice(at, at + 100).map(prefix => command(name, prefix))))
      }
    })()
    try {
      const messages = short ? 200 : 800
      const pair = await join(messages)
      const { sent, received, connectedMs } = await pair.finish()
      if (sent !== messages || received !== sent) throw new Error(`${received} of ${messages} delivered`)
      return `400 prefixes of 65,000 bytes, ${changes} changes; a new pair was there in ${connectedMs} ms, ${received} of ${messages} delivered`
    } finally {
      churn.stopped = true
      await churning
      peer.end()
    }
  },
}

export const BY_SUBSCRIBERS: readonly Attack[] = [neverRead, longPrefixes, churn]

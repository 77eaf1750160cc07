// Attacks by connections rather than by their data.
import { GREETING } from '../../src/core/bus/zmtp/handshake.ts'
import type { Attack, Target } from './attack.ts'
import { command, handshake, HostilePeer, message } from './hostile-peer.ts'

const refused: Attack = {
  name: 'connections that are refused',
  async run({ xsub, xpub, short }) {
    const count = short ? 500 : 5_000
    for (let i = 0; i < count; i += 20) {
      const urls = Array.from({ length: 20 }, (_, j) => (j % 2 === 0 ? xsub : xpub))
      await Promise.all(
        urls.map(async url => {
          const peer = await HostilePeer.connect(url, Buffer.from('GET / HTTP/1.1\r\n\r\n'))
          await peer.untilOver(5_000)
          peer.end()
        }),
      )
    }
    return `${count} HTTP requests to both sides`
  },
}

const halfOpen: Attack = {
  name: 'handshakes that never end, beside a new pair',
  async run({ xsub, xpub, short, join }) {
    const count = short ? 400 : 3_000
    const peers: HostilePeer[] = []
    for (let i = 0; i < count; i++)
      peers.push(await HostilePeer.connect(i % 2 === 0 ? xsub : xpub, GREETING.subarray(0, 10)))
    const pair = await join(100)
    const { sent, received, connectedMs } = await pair.finish()
    for (const peer of peers) peer.end()
    if (received !== sent) throw new Error(`${received} of ${sent} delivered by the new pair`)
    return `${count} greetings of 10 bytes; a new pair was there in ${connectedMs} ms`
  },
}

const mutated: Attack = {
  name: 'mutated handshakes',
  async run(target) {
    const count = target.short ? 300 : 16_000
    for (let i = 0; i < count; i += 20)
      await Promise.all(Array.from({ length: 20 }, (_, j) => throwMutated(target, i + j)))
    return `${count} handshakes with some of their bytes changed`
  },
}

async function throwMutated({ xsub, xpub, random }: Target, number: number): Promise<void> {
  const isPublisher = number % 2 === 0
  const right = isPublisher
    ? Buffer.concat([handshake('PUB'), message(Buffer.from('m'), Buffer.alloc(20))])
    : Buffer.concat([handshake('SUB'), command('SUBSCRIBE', Buffer.from('m'))])
  for (let changes = 1 + Math.floor(random() * 4); changes > 0; changes--)
    right[Math.floor(random() * right.length)] = Math.floor(random() * 256)
  const peer = await HostilePeer.connect(isPublisher ? xsub : xpub)
  await peer.write(right.subarray(0, Math.ceil(random() * right.length)))
  await peer.untilOver(20)
  peer.end()
}

const descriptors: Attack = {
  name: 'file descriptors used up',
  descriptors: 128,
  async run({ xsub, untilSaid, join }) {
    const peers = await Promise.all(
      Array.from({ length: 300 }, () => HostilePeer.connect(xsub, handshake('PUB'))),
    )
    if (!(await untilSaid(/no more connections are taken in: all but 32 of 128 /, 5_000)))
      throw new Error('the proxy did not say that it takes in no more')
    for (const peer of peers) peer.end()
    if (!(await untilSaid(/there are enough file descriptors again/, 5_000)))
      throw new Error('the proxy did not say that it goes on')
    const pair = await join(100)
    const { sent, received } = await pair.finish()
    if (received !== sent) throw new Error(`${received} of ${sent} delivered by a new pair`)
    return '300 connections to a proxy that may have 128 descriptors; a new pair after them'
  },
}

const tooMany: Attack = {
  name: 'more connections than are allowed',
  async run({ xsub, xpub, short }) {
    const count = short ? 1_300 : 3_000
    const peers: HostilePeer[] = []
    for (let i = 0; i < count; i += 50) {
      const type = i % 100 === 0 ? 'PUB' : 'SUB'
      const url = type === 'PUB' ? xsub : xpub
      const more = Array.from({ length: 50 }, () => HostilePeer.connect(url, handshake(type)))
      peers.push(...(await Promise.all(more)))
    }
    for (const peer of peers) peer.end()
    return `${count} connections that are all right`
  },
}

export const BY_CONNECTIONS: readonly Attack[] = [refused, halfOpen, mutated, tooMany, descriptors]

// Attacks from the side of the publishers.
import { setTimeout as after } from 'node:timers/promises'
import { ANNOUNCEMENT_PREFIX, encodeAnnouncement, newId } from '../../src/core/bus/announcement.ts'
import { MORE } from '../../src/core/bus/zmtp/frame.ts'
import type { Attack } from './attack.ts'
import { claim, command, frame, handshake, HostilePeer, message } from './hostile-peer.ts'

const MiB = 1024 ** 2

const interleaved: Attack = {
  name: 'commands between the frames of a message',
  async run({ xsub, short }) {
    const large = short ? 64 * MiB : 250 * MiB
    const peer = await HostilePeer.connect(xsub, handshake('PUB'))
    peer.read()
    await peer.write(claim(MORE, large))
    for (let sent = 0; sent < large; sent += MiB) await peer.write(Buffer.alloc(MiB))
    for (let i = 0; i < 60; i++) await peer.write(command('x'))
    // A first frame within the limit, and more commands than any client sends.
    const commands = short ? 100_000 : 1_000_000
    await peer.write(frame(MORE, Buffer.alloc(1_024, 't')))
    for (let i = 0; i < commands; i += 1_000)
      await peer.write(Buffer.concat(Array<Buffer>(1_000).fill(command('x'))))
    await peer.write(frame(0, Buffer.alloc(10)))
    peer.end()
    return `a first frame of ${large / MiB} MiB and 60 commands; one of 1,024 bytes and ${commands} commands`
  },
}

const longTopics: Attack = {
  name: 'topics of 1 MiB',
  async run({ xsub, short }) {
    const topics = short ? 100 : 2_000
    const peer = await HostilePeer.connect(xsub, handshake('PUB'))
    peer.read()
    const topic = Buffer.alloc(MiB, 't')
    for (let i = 0; i < topics; i++) {
      topic.writeUInt32BE(i)
      await peer.write(message(topic, Buffer.alloc(10)))
    }
    // The same number, each as long as a topic may be.
    const most = Buffer.alloc(1_024, 't')
    for (let i = 0; i < 20 * topics; i++) {
      most.write(String(i).padStart(8, '0'))
      await peer.write(message(most, Buffer.alloc(10)))
    }
    peer.end()
    return `${topics} topics of 1 MiB, and ${20 * topics} of 1,024 bytes`
  },
}

const unfinished: Attack = {
  name: 'frames that never end',
  async run({ xsub, short }) {
    const count = 200
    const each = short ? 1 : 20
    const first = Buffer.concat([handshake('PUB'), frame(MORE, Buffer.from('t')), claim(0, 60 * MiB)])
    const peers: HostilePeer[] = []
    for (let i = 0; i < count; i++) peers.push((await HostilePeer.connect(xsub, first)).read())
    for (let sent = 0; sent < each; sent++)
      await Promise.all(peers.map(peer => peer.write(Buffer.alloc(MiB))))
    await after(1_000)
    const cut = peers.filter(({ isOver }) => isOver).length
    for (const peer of peers) peer.end()
    if (cut === 0) throw new Error('none of them was cut off')
    return `${count} publishers with ${each} MiB of a frame each; ${cut} were cut off`
  },
}

const announcements: Attack = {
  name: 'announcements of topics without messages',
  slowestMs: 3_000,
  async run({ xsub, xpub, short }) {
    const [publishers, topics] = short ? [50, 2_000] : [150, 8_000]
    const flood = async (topicOf: (publisher: number, topic: number) => string) => {
      const everything = ['', ANNOUNCEMENT_PREFIX].map(prefix => command('SUBSCRIBE', Buffer.from(prefix)))
      const follower = await HostilePeer.connect(xpub, Buffer.concat([handshake('SUB'), ...everything]))
      follower.read()
      const peers = await Promise.all(
        Array.from({ length: publishers }, () => HostilePeer.connect(xsub, handshake('PUB'))),
      )
      const announced = peers.map((_, publisher) => {
        const frame = encodeAnnouncement(newId(), 1_000)
        const messages = Array.from({ length: topics }, (_, topic) =>
          message(Buffer.from(ANNOUNCEMENT_PREFIX + topicOf(publisher, topic)), frame),
        )
        return Buffer.concat(messages)
      })
      await Promise.all(peers.map((peer, i) => peer.read().write(announced[i] as Buffer)))
      // The proxy closes its side of a connection once it has read all that came by it.
      for (const { socket } of peers) socket.end()
      await Promise.all(peers.map(peer => peer.untilOver(60_000)))
      if (peers.some(({ isOver }) => !isOver)) throw new Error('the proxy has not read it all in a minute')
      follower.end()
    }
    await flood((_, topic) => `t${topic}`)
    await flood((publisher, topic) => `p${publisher}.t${topic}`)
    return `${publishers} publishers that announce ${topics} topics each, the same ones and then their own`
  },
}

export const BY_PUBLISHERS: readonly Attack[] = [interleaved, longTopics, unfinished, announcements]

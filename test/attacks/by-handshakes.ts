// Attacks on a proxy with keys: by strangers, by those who have recorded a client, and by a client itself.
import { setTimeout as after } from 'node:timers/promises'
import { greetingOf } from '../../src/core/bus/zmtp/handshake.ts'
import { Tap } from '../../src/core/client/tap.ts'
import type { ClientKeys } from '../../src/core/security/keys.ts'
import type { Tamper } from '../helpers/secure-pair.ts'
import type { Attack, Target } from './attack.ts'
import { HostilePeer, message } from './hostile-peer.ts'
import { KeyedPeer } from './keyed-peer.ts'

/** The most memory that a proxy with keys may take under these, in MiB. */
const PEAK_MIB = 200
const TOPIC = 'attacked'
const PAYLOAD = Buffer.alloc(50, 7)
/** Messages of the session that is recorded. */
const RECORDED = 10
/** The writes of a client: its greeting, HELLO, INITIATE, and messages from there on. */
const STEPS = ['greeting', 'HELLO', 'INITIATE'] as const

function keysOf({ keys }: Target): ClientKeys {
  if (keys === undefined) throw new Error('the proxy has no keys')
  return keys
}

const halfOpen: Attack = {
  name: 'handshakes with keys, held at each step, beside a new pair',
  hasKeys: true,
  peakMiB: PEAK_MIB,
  async run(target) {
    const { xsub, xpub, short, join } = target
    const count = short ? 400 : 2_000
    const peers: HostilePeer[] = []
    for (let i = 0; i < count; i++) {
      const url = i % 2 === 0 ? xsub : xpub
      const step = i % (STEPS.length + 1)
      if (step === 0) peers.push(await HostilePeer.connect(url, greetingOf('CURVE').subarray(0, 20)))
      else {
        // Silent from this step on.
        const silent: Tamper = (write, number) => (number < step ? [write] : [])
        const { peer } = await KeyedPeer.connect(url, keysOf(target), i % 2 === 0 ? 'PUB' : 'SUB', silent)
        peers.push(peer)
      }
    }
    const pair = await join(100)
    const { sent, received, connectedMs } = await pair.finish()
    for (const peer of peers) peer.end()
    if (received !== sent) throw new Error(`${received} of ${sent} delivered by the new pair`)
    return `${count} held after ${STEPS.join(', ')} or before; a new pair was there in ${connectedMs} ms`
  },
}

const mutated: Attack = {
  name: 'handshakes with keys and messages, with changed bits',
  hasKeys: true,
  peakMiB: PEAK_MIB,
  async run(target) {
    const { short, random, xsub } = target
    const count = short ? 300 : 4_000
    const phantoms = await phantomsOf(target, isChanged, async () => {
      for (let i = 0; i < count; i += 20)
        await Promise.all(
          Array.from({ length: 20 }, async () => {
            const at = Math.floor(random() * 4)
            const [place, bit] = [random(), Math.floor(random() * 8)]
            const flip: Tamper = (write, number) => [number === at ? flipped(write, place, bit) : write]
            const keyed = await KeyedPeer.connect(xsub, keysOf(target), 'PUB', flip)
            await Promise.race([keyed.untilOpen(), after(1_000)])
            if (at === 3) keyed.send(message(Buffer.from(TOPIC), PAYLOAD))
            await keyed.peer.untilOver(20)
            keyed.peer.end()
          }),
        )
    })
    if (phantoms > 0) throw new Error(`${phantoms} changed messages were delivered`)
    return `${count} clients with a changed bit in one of their commands`
  },
}

function flipped(bytes: Buffer, place: number, bit: number): Buffer {
  const changed = Buffer.from(bytes)
  const at = Math.floor(place * bytes.length)
  changed[at] = (changed[at] as number) ^ (1 << bit)
  return changed
}

const replayed: Attack = {
  name: 'recorded HELLO, INITIATE and sessions, sent again',
  hasKeys: true,
  peakMiB: PEAK_MIB,
  async run(target) {
    const { xsub, short } = target
    const count = short ? 100 : 1_000
    const phantoms = await phantomsOf(target, isAny, async () => {
      const rightful = await KeyedPeer.connect(xsub, keysOf(target), 'PUB')
      await rightful.untilOpen()
      for (let i = 0; i < RECORDED; i++) rightful.send(message(Buffer.from(TOPIC), PAYLOAD))
      const { recorded } = rightful
      for (let i = 0; i < count; i += 20)
        await Promise.all(Array.from({ length: 20 }, (_, j) => replay(xsub, recorded, (i + j) % 3)))
      rightful.peer.end()
    })
    if (phantoms !== RECORDED)
      throw new Error(`${phantoms} messages were delivered, where ${RECORDED} were sent`)
    return `${count} replays, while the recorded session went on`
  },
}

/** @param how a HELLO with the recorded rest: all at once, as the proxy answers, or without what comes before INITIATE */
async function replay(url: string, recorded: readonly Buffer[], how: number): Promise<void> {
  const peer = await HostilePeer.connect(url)
  const [greeting = Buffer.alloc(0), ...rest] = recorded
  const commands = how === 2 ? rest.slice(1) : rest
  if (how === 0) await peer.write(Buffer.concat(recorded))
  else {
    await peer.write(greeting)
    for (const command of commands) {
      await peer.write(command)
      await peer.untilOver(5)
    }
  }
  await peer.untilOver(2_000)
  if (!peer.isOver) throw new Error('a replay was not cut off')
}

const falling: Attack = {
  name: 'messages sent twice, moved and taken out on the way',
  hasKeys: true,
  peakMiB: PEAK_MIB,
  async run(target) {
    const count = target.short ? 60 : 600
    let held: Buffer | undefined
    const tampers: readonly Tamper[] = [
      (write, number) => (number === 5 ? [write, write] : [write]),
      (write, number) => (number === 5 ? [] : [write]),
      (write, number) => {
        if (number === 5) {
          held = write
          return []
        }
        return number === 6 && held !== undefined ? [write, held] : [write]
      },
    ]
    for (let i = 0; i < count; i++) {
      const keyed = await KeyedPeer.connect(target.xsub, keysOf(target), 'PUB', tampers[i % 3])
      await keyed.untilOpen()
      for (let j = 0; j < 6; j++) keyed.send(message(Buffer.from('other'), Buffer.alloc(20)))
      await keyed.peer.untilOver(5_000)
      if (!keyed.peer.isOver) throw new Error('a connection with a message out of turn was not cut off')
    }
    return `${count} connections, each cut off`
  },
}

function isAny(): boolean {
  return true
}

/** Nobody vouches for the flags of a sealed frame, which may call it a command or not: but what it holds comes as it was. */
function isChanged(frame: Buffer): boolean {
  return !frame.equals(PAYLOAD)
}

/** Counts the messages of the attacked topic that a rightful subscriber gets meanwhile, and that are such. */
async function phantomsOf(
  target: Target,
  isSuch: (frame: Buffer) => boolean,
  attack: () => Promise<void>,
): Promise<number> {
  let phantoms = 0
  const tap = new Tap({
    topics: [TOPIC],
    xpub: target.xpub,
    security: keysOf(target),
    onMessage: ({ frame }) => {
      if (isSuch(frame)) phantoms += 1
    },
  })
  try {
    await tap.start()
    await tap.connected({ signal: AbortSignal.timeout(10_000) })
    await attack()
    await tap.drain({ signal: AbortSignal.timeout(10_000) })
  } finally {
    await tap.close()
  }
  return phantoms
}

export const BY_HANDSHAKES: readonly Attack[] = [halfOpen, mutated, replayed, falling]

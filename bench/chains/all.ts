import type { RoleOptions } from '../../src/commands/bench/chain.ts'
import { startGroundwireChain } from '../../src/commands/bench/chain.ts'
import { ait } from './ait.ts'
import { libzmqInC, mosquitto, nothing, type Peer, pyzmq, socat, TOPIC } from './peers.ts'

/** Groundwire's own chain, with its default settings: it has a receive buffer of 4 MiB, and its queues are larger than 1,000. */
export function groundwire(run: RoleOptions): Peer {
  return {
    name: 'groundwire',
    everySize: true,
    saysReady: true,
    start: output => startGroundwireChain({ ...run, output, topic: TOPIC }),
  }
}

/** All chains, tuned ones first, as the tables have them. */
export function allPeers(run: RoleOptions): readonly Peer[] {
  return [
    groundwire(run),
    ...[libzmqInC, pyzmq, mosquitto].map(peer => peer('tuned')),
    ait(),
    ...[libzmqInC, pyzmq, mosquitto].map(peer => peer('as written')),
    {
      name: 'groundwire, libzmq',
      start: output => startGroundwireChain({ ...run, carrier: 'libzmq', output, topic: TOPIC }),
    },
    socat(),
    nothing,
  ]
}

/** The chains whose names contain one of these words, and groundwire's. All of them without words. */
export function named(peers: readonly Peer[], words: readonly string[]): readonly Peer[] {
  if (words.length === 0) return peers
  return peers.filter(({ name }) => name === 'groundwire' || words.some(word => name.includes(word)))
}

/** Those of the chains that can be started, and the reasons why others can't. */
export function available(peers: readonly Peer[]): {
  readonly peers: readonly Peer[]
  readonly skipped: Readonly<Record<string, string>>
} {
  const missing = peers.flatMap(({ name, missing: why }) => (why === undefined ? [] : [[name, why] as const]))
  return { peers: peers.filter(peer => peer.missing === undefined), skipped: Object.fromEntries(missing) }
}

// Chains that a user would run instead of groundwire, as one would write them and tuned, to measure side by side with it.
import { startBroker } from '../mosquitto.ts'
import { freeTcpPort, freeUdpPort, freeUrl } from '../ports.ts'
import {
  child,
  cProgram,
  installed,
  missingModules,
  NO_LIBZMQ,
  pythonScript,
  type Setting,
} from '../programs.ts'
import type { Chain } from '../../src/commands/bench/chain.ts'
import { chainOf, removing } from './processes.ts'

export const TOPIC = 'bench'

/** A peer that can be started, or the reason why it can't. */
export interface Peer {
  readonly name: string
  /** Undefined where there is nothing to set. */
  readonly setting?: Setting
  /** Whether it is measured at all sizes, not at the first one only. */
  readonly everySize?: boolean
  /** Whether the chain itself says when it is ready: then nothing is sent through it before a cold trial. */
  readonly saysReady?: boolean
  readonly start: (output: number) => Promise<Chain>
  readonly missing?: string
}

/** The chain in C. It shows the cost per message of libzmq and the system. */
export function libzmqInC(setting: Setting): Peer {
  const program = cProgram('chain', 'zmq')
  const role = (...args: string[]) => child(program ?? '', ...args, ...wordOf(setting))
  return {
    ...named('C on libzmq', setting),
    ...(program === undefined ? { missing: NO_LIBZMQ } : {}),
    async start(output) {
      const [input, xsub, xpub] = [await freeUdpPort(), await freeUrl(), await freeUrl()]
      return chainOf('C on libzmq', input, {
        in: role('in', String(input), xsub, TOPIC),
        forwarder: role('forward', xsub, xpub),
        out: role('out', xpub, TOPIC, String(output)),
      })
    },
  }
}

/** UDP to PUB, an XSUB/XPUB forwarder, and SUB to UDP: three scripts of a dozen lines each. */
export function pyzmq(setting: Setting): Peer {
  const role = (name: string, ...args: string[]) => pythonScript(name, ...args, ...wordOf(setting))
  return {
    ...named('pyzmq', setting),
    ...missingModules('zmq'),
    async start(output) {
      const [input, xsub, xpub] = [await freeUdpPort(), await freeUrl(), await freeUrl()]
      return chainOf('pyzmq', input, {
        in: role('udp_to_pub.py', String(input), xsub, TOPIC),
        forwarder: role('forwarder.py', xsub, xpub),
        out: role('sub_to_udp.py', xpub, TOPIC, String(output)),
      })
    },
  }
}

/** MQTT, QoS 0: a publisher in C, Debian's broker, and a subscriber in C. */
export function mosquitto(setting: Setting): Peer {
  const [broker, program] = [installed('mosquitto'), cProgram('mqtt', 'mosquitto')]
  const missing =
    broker === undefined
      ? 'mosquitto is not installed'
      : program === undefined
        ? "no C compiler with libmosquitto's headers"
        : undefined
  return {
    ...named('MQTT, mosquitto', setting),
    ...(missing === undefined ? {} : { missing }),
    async start(output) {
      const [input, port] = [await freeUdpPort(), await freeTcpPort()]
      const { daemon, folder } = await startBroker(broker ?? '', port, setting)
      const role = (...args: string[]) => child(program ?? '', ...args, ...wordOf(setting))
      const chain = chainOf('MQTT, mosquitto', input, {
        in: role('in', String(input), String(port), TOPIC),
        broker: daemon,
        out: role('out', String(port), TOPIC, String(output)),
      })
      return removing(folder, chain)
    },
  }
}

/** UDP to UDP in one process without a bus: the floor. */
export function socat(): Peer {
  const program = installed('socat')
  return {
    name: 'socat',
    ...(program === undefined ? { missing: 'socat is not installed' } : {}),
    async start(output) {
      const input = await freeUdpPort()
      const args = ['-u', '-b', '65536', `UDP-RECV:${input},bind=127.0.0.1`, `UDP-SENDTO:127.0.0.1:${output}`]
      return chainOf('socat', input, { socat: child(program ?? '', ...args) })
    },
  }
}

/** No chain at all: the rate of the generator and the receiver alone. */
export const nothing: Peer = {
  name: 'nothing between',
  everySize: true,
  start: output =>
    Promise.resolve({ name: 'nothing between', input: output, roles: [], close: async () => {} }),
}

function named(name: string, setting: Setting): Pick<Peer, 'name' | 'setting' | 'everySize'> {
  const isTuned = setting === 'tuned'
  return { name: isTuned ? `${name}, tuned` : name, setting, everySize: isTuned }
}

function wordOf(setting: Setting): string[] {
  return setting === 'tuned' ? ['tuned'] : []
}

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { fstatSync, rmSync } from 'node:fs'
import { setTimeout as after } from 'node:timers/promises'
import { closeAll, type RoleOptions, startProxy, startRole } from '../../src/commands/bench/chain.ts'
import { startBroker } from '../mosquitto.ts'
import { freeTcpPort } from '../ports.ts'
import { installed, type Setting } from '../programs.ts'
import type { FileBus } from './trial.ts'

const TOPIC = 'file'
const POLL_MS = 20
const START_MS = 5_000

/** `publish --split lines < FILE` to `tap -f raw`, each with its default settings. */
export async function groundwireBus(run: RoleOptions): Promise<FileBus> {
  const proxy = await startProxy(run)
  const [program, ...args] = run.groundwire
  return {
    name: 'groundwire',
    pid: proxy.pid,
    preamble: 0,
    delimiter: 0,
    publish: [program, ...args, 'publish', TOPIC, '--split', 'lines', '--xsub', proxy.xsub],
    async receive(output) {
      const words = ['tap', TOPIC, '-f', 'raw', '--xpub', proxy.xpub]
      const { child } = await startRole({ ...run, stdout: output }, words, /ready: /)
      return child
    },
    close: () => closeAll([proxy.child]),
  }
}

/** Debian's packages mosquitto and mosquitto-clients. */
export interface MosquittoPrograms {
  readonly broker: string
  readonly pub: string
  readonly sub: string
}

export function mosquittoPrograms(): MosquittoPrograms | undefined {
  const [broker, pub, sub] = ['mosquitto', 'mosquitto_pub', 'mosquitto_sub'].map(installed)
  return broker === undefined || pub === undefined || sub === undefined ? undefined : { broker, pub, sub }
}

/** `mosquitto_pub -l < FILE` to `mosquitto_sub`, QoS 0. */
export async function mosquittoBus(programs: MosquittoPrograms, setting: Setting): Promise<FileBus> {
  const port = await freeTcpPort()
  const { daemon, folder } = await startBroker(programs.broker, port, setting)
  const at = ['-h', '127.0.0.1', '-p', String(port)]
  // A retained message is what a subscriber gets first: it is there then.
  spawnSync(programs.pub, [...at, '-t', 'ready', '-r', '-m', '!'])
  return {
    name: setting === 'tuned' ? 'mosquitto, tuned' : 'mosquitto',
    pid: daemon.pid ?? 0,
    preamble: 2,
    delimiter: 1,
    publish: [programs.pub, ...at, '-t', TOPIC, '-l'],
    async receive(output) {
      const words = [...at, '-t', TOPIC, '-t', 'ready']
      const child = spawn(programs.sub, words, { stdio: ['ignore', output, 'ignore'] })
      await untilWritten(child, output)
      return child
    },
    async close() {
      await closeAll([daemon])
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** @throws {Error} where a subscriber has written nothing within five seconds */
async function untilWritten(child: ChildProcess, output: number | 'pipe'): Promise<void> {
  if (output === 'pipe') {
    if (child.stdout !== null) await once(child.stdout, 'readable', { signal: AbortSignal.timeout(START_MS) })
    return
  }
  for (const deadline = performance.now() + START_MS; performance.now() < deadline; ) {
    if (fstatSync(output).size > 0) return
    await after(POLL_MS)
  }
  throw new Error(`mosquitto_sub wrote nothing within ${START_MS / 1000} s`)
}

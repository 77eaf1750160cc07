import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import { child, type Setting } from './programs.ts'

const START_MS = 5_000
const POLL_MS = 20

/** A running broker, and the folder of its configuration. */
export interface Broker {
  readonly daemon: ChildProcess
  readonly folder: string
}

/**
 * Starts Debian's mosquitto on a port of 127.0.0.1, and waits until it accepts connections.
 * @throws {Error} after five seconds without
 */
export async function startBroker(program: string, port: number, setting: Setting): Promise<Broker> {
  const folder = mkdtempSync(path.join(tmpdir(), 'groundwire-bench-'))
  const file = path.join(folder, 'mosquitto.conf')
  const plain = [`listener ${port} 127.0.0.1`, 'allow_anonymous true', 'log_dest none']
  const more = setting === 'tuned' ? ['max_queued_messages 100000', 'set_tcp_nodelay true'] : []
  writeFileSync(file, `${[...plain, ...more].join('\n')}\n`)
  const daemon = child(program, '-c', file)
  for (const deadline = performance.now() + START_MS; performance.now() < deadline; ) {
    if (await isListening(port)) return { daemon, folder }
    await after(POLL_MS)
  }
  throw new Error(`mosquitto did not listen on port ${port} within ${START_MS / 1000} s`)
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

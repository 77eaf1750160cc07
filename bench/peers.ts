// Chains that a user would run instead of groundwire, to measure side by side with it.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type Chain, closeAll } from '../src/commands/bench/chain.ts'

/** A Python with Debian's python3-zmq. */
const PYTHON = process.env['PYTHON'] ?? '/usr/bin/python3'
const TOPIC = 'bench'

/** A peer that can be started, or the reason why it can't. */
export interface Peer {
  readonly name: string
  readonly start: (output: number) => Promise<Chain>
  readonly missing?: string
}

/** UDP to PUB, an XSUB/XPUB forwarder, and SUB to UDP: three scripts of a dozen lines each. */
export const pyzmq: Peer = {
  name: 'pyzmq',
  ...missingModules('zmq'),
  async start(output) {
    const [input, xsub, xpub] = [await freeUdpPort(), await freeUrl(), await freeUrl()]
    const forwarder = script('forwarder.py', xsub, xpub)
    const out = script('sub_to_udp.py', xpub, TOPIC, String(output))
    return startChain('pyzmq', input, {
      in: script('udp_to_pub.py', String(input), xsub, TOPIC),
      forwarder,
      out,
    })
  },
}

/** The same chain in C. It shows the cost per message of libzmq and the system. */
export const libzmqInC: Peer = {
  name: 'C on libzmq',
  ...compiled('chain.c', '-lzmq'),
  async start(output) {
    const [input, xsub, xpub] = [await freeUdpPort(), await freeUrl(), await freeUrl()]
    const folder = mkdtempSync(path.join(tmpdir(), 'groundwire-bench-'))
    const program = path.join(folder, 'chain')
    compile('chain.c', program, '-lzmq')
    const role = (...args: string[]) => spawn(program, args, { stdio: 'ignore' })
    const forwarder = role('forward', xsub, xpub)
    const out = role('out', xpub, TOPIC, String(output))
    const chain = startChain('C on libzmq', input, {
      in: role('in', String(input), xsub, TOPIC),
      forwarder,
      out,
    })
    return removing(folder, chain)
  },
}

/** UDP to UDP in one process without a bus: the floor. */
export const socat: Peer = {
  name: 'socat',
  ...(spawnSync('socat', ['-V']).error === undefined ? {} : { missing: 'socat is not installed' }),
  async start(output) {
    const input = await freeUdpPort()
    const args = ['-u', '-b', '65536', `UDP-RECV:${input},bind=127.0.0.1`, `UDP-SENDTO:127.0.0.1:${output}`]
    return startChain('socat', input, { socat: spawn('socat', args, { stdio: 'ignore' }) })
  },
}

/** AIT's own server, with one stream from a port and one to a port. AIT_DIR names its source. */
export const ait: Peer = {
  name: 'AIT server',
  ...(process.env['AIT_DIR'] === undefined
    ? { missing: 'AIT_DIR does not say where its source is' }
    : missingModules('zmq', 'gevent', 'bottle', 'yaml', 'jsonschema', 'setproctitle', 'requests', 'msgpack')),
  async start(output) {
    const [input, xsub, xpub] = [await freeUdpPort(), await freeUrl(), await freeUrl()]
    const folder = mkdtempSync(path.join(tmpdir(), 'groundwire-bench-'))
    // AIT imports gipc for plugins in processes of their own; here no plugin has one. Debian does not have it.
    mkdirSync(path.join(folder, 'modules'))
    writeFileSync(path.join(folder, 'modules', 'gipc.py'), '')
    writeFileSync(path.join(folder, 'config.yaml'), aitConfig({ input, output, xsub, xpub }))
    const env = {
      PATH: process.env['PATH'],
      AIT_ROOT: folder,
      AIT_CONFIG: path.join(folder, 'config.yaml'),
      PYTHONPATH: [process.env['AIT_DIR'], path.join(folder, 'modules')].join(':'),
    }
    const server = spawn(PYTHON, ['-m', 'ait.core.bin.ait_server'], { cwd: folder, env, stdio: 'ignore' })
    return removing(folder, startChain('AIT server', input, { 'ait-server': server }))
  },
}

/** No chain at all: the rate of the generator and the receiver alone. */
export const nothing: Peer = {
  name: 'nothing between',
  start: output =>
    Promise.resolve({ name: 'nothing between', input: output, roles: [], close: async () => {} }),
}

function aitConfig(at: { input: number; output: number; xsub: string; xpub: string }): string {
  return `default:
  server:
    xsub: ${at.xsub}
    xpub: ${at.xpub}
    plugins: []
    inbound-streams:
      - stream:
          name: ${TOPIC}
          input:
            - ${at.input}
    outbound-streams:
      - stream:
          name: out
          input:
            - ${TOPIC}
          output: ${at.output}
`
}

function script(name: string, ...args: string[]): ChildProcess {
  return spawn(PYTHON, [path.join(import.meta.dirname, 'peers', name), ...args], { stdio: 'ignore' })
}

/** @param processes in the order of a datagram's route */
function startChain(name: string, input: number, processes: Record<string, ChildProcess>): Chain {
  return {
    name,
    input,
    roles: Object.entries(processes).map(([role, { pid }]) => ({ name: role, pid: pid ?? 0 })),
    close: () => closeAll(Object.values(processes)),
  }
}

/** A chain whose folder goes with it. */
function removing(folder: string, chain: Chain): Chain {
  const close = async () => {
    await chain.close()
    rmSync(folder, { recursive: true, force: true })
  }
  return { ...chain, close }
}

function compile(source: string, program: string, ...libraries: string[]): boolean {
  const file = path.join(import.meta.dirname, 'peers', source)
  const { status } = spawnSync('cc', ['-O2', '-o', program, file, ...libraries], { stdio: 'ignore' })
  return status === 0
}

function compiled(source: string, ...libraries: string[]): { missing?: string } {
  return compile(source, '/dev/null', ...libraries) ? {} : { missing: "no C compiler with libzmq's headers" }
}

function missingModules(...modules: string[]): { missing?: string } {
  const { status } = spawnSync(PYTHON, ['-c', `import ${modules.join(', ')}`], { stdio: 'ignore' })
  return status === 0 ? {} : { missing: `no Python with ${modules.join(', ')}` }
}

async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port } = socket.address()
  socket.close()
  return port
}

async function freeUrl(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  return `tcp://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
}

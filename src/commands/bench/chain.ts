import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { CarrierName } from '../../core/bus/carrier.ts'
import { GroundwireError } from '../../core/errors.ts'

/** A route from one UDP port to another, and its processes. */
export interface Chain {
  readonly name: string
  /** Input port on 127.0.0.1. */
  readonly input: number
  readonly roles: readonly { readonly name: string; readonly pid: number }[]
  close(): Promise<void>
}

/** Time for a role to say that it is ready, in ms. */
const START_MS = 10_000

export interface RoleOptions {
  /** Program and arguments that run groundwire: Node and the path of cli.js. */
  readonly groundwire: readonly [program: string, ...args: string[]]
  readonly env: NodeJS.ProcessEnv
  /** The carrier. Default: that of the commands. */
  readonly carrier?: CarrierName
  /** Descriptor for the standard output, or 'pipe' for a stream. Default: discarded. */
  readonly stdout?: number | 'pipe'
}

export interface GroundwireChainOptions extends RoleOptions {
  /** The port of 127.0.0.1 that receives the datagrams. */
  readonly output: number
  /** A running bus. Default: a proxy of the chain's own. */
  readonly bus?: { readonly xsub: string; readonly xpub: string } | undefined
  readonly topic: string
}

/**
 * Starts udp-in, proxy and udp-out as a user does, each a process with default settings.
 * @throws {GroundwireError} IO, if one of them does not start
 */
export async function startGroundwireChain(options: GroundwireChainOptions): Promise<Chain> {
  const roles: StartedRole[] = []
  const start = async (args: readonly string[], ready: RegExp) => {
    const role = await startRole(options, args, ready)
    roles.push(role)
    return role.match
  }
  const close = () => closeAll(roles.map(({ child }) => child))
  try {
    let { bus } = options
    if (bus === undefined) {
      const proxy = await startProxy(options)
      roles.push(proxy)
      bus = proxy
    }
    await start(
      ['udp-out', options.topic, '--to', `127.0.0.1:${options.output}`, '--xpub', bus.xpub],
      /ready: /,
    )
    const [, input] = await start(
      ['udp-in', '0', options.topic, '--xsub', bus.xsub],
      /ready: listening on UDP [^\s,]+:(\d+)/,
    )
    // List them by the way of a datagram. They were started from its end.
    const onTheWay = ['udp-in', 'proxy', 'udp-out'].flatMap(name => roles.filter(role => role.name === name))
    return {
      name: 'groundwire',
      input: Number(input),
      roles: onTheWay.map(({ name, pid }) => ({ name, pid })),
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** A running proxy, and its endpoints. */
export type StartedProxy = StartedRole & { readonly xsub: string; readonly xpub: string }

/**
 * Starts a proxy on free ports.
 * @param words further options of the proxy
 * @throws {GroundwireError} IO if it does not start
 */
export async function startProxy(options: RoleOptions, words: readonly string[] = []): Promise<StartedProxy> {
  const role = await startRole(
    options,
    ['proxy', '--xsub', 'tcp://127.0.0.1:*', '--xpub', 'tcp://127.0.0.1:*', ...words],
    /ready: publishers at (\S+) .*subscribers at (\S+)/,
  )
  const [, xsub = '', xpub = ''] = role.match
  return { ...role, xsub, xpub }
}

/** Ends processes as a user does, and kills those that take too long. */
export async function closeAll(children: readonly ChildProcess[]): Promise<void> {
  await Promise.all(
    children.map(async child => {
      if (child.exitCode !== null || child.signalCode !== null) return
      const exit = once(child, 'exit')
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), 3_000)
      await exit
      clearTimeout(timer)
    }),
  )
}

/** A running groundwire command in its own process. */
export interface StartedRole {
  readonly name: string
  readonly pid: number
  readonly child: ChildProcess
  /** Its line when it was ready. */
  readonly match: RegExpExecArray
}

/**
 * Starts a command with default settings, and waits until its output matches `ready`.
 * @throws {GroundwireError} IO, when it does not start
 */
export async function startRole(
  { groundwire, env, carrier, stdout }: RoleOptions,
  args: readonly string[],
  ready: RegExp,
): Promise<StartedRole> {
  const [program, ...words] = groundwire
  const name = args[0] ?? ''
  // Drop the user's own settings: the defaults are measured.
  const plain: NodeJS.ProcessEnv = Object.fromEntries(
    Object.entries(env).filter(([key]) => !key.startsWith('GROUNDWIRE_')),
  )
  if (carrier !== undefined) plain['GROUNDWIRE_CARRIER'] = carrier
  const child = spawn(program, [...words, ...args], {
    env: plain,
    stdio: ['ignore', stdout ?? 'ignore', 'pipe'],
  })
  let said = ''
  const match = await new Promise<RegExpExecArray>((resolve, reject) => {
    let settled = false
    const settle = () => {
      settled = true
      clearTimeout(timer)
    }
    const fail = (why: string) => {
      if (settled) return
      settle()
      child.kill('SIGKILL')
      reject(new GroundwireError('IO', `groundwire ${name} ${why}: ${said.trim() || 'it said nothing'}`))
    }
    const timer = setTimeout(() => fail(`was not ready within ${START_MS / 1000} s`), START_MS)
    child.once('error', error => fail(`could not be started (${error.message})`))
    child.once('exit', () => fail('ended at once'))
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      // Read and drop later lines, as a role would wait for a full pipe.
      if (settled) return
      said += text
      const found = ready.exec(said)
      if (found === null) return
      settle()
      resolve(found)
    })
  })
  return { name, pid: child.pid ?? 0, child, match }
}

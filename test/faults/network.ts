import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'

/** Hosts of every network, each in its own network namespace. */
const HOSTS = ['udp-in', 'proxy', 'udp-out', 'tap'] as const
export type Host = (typeof HOSTS)[number]

const open = new Set<Network>()
// A namespace outlives the process that made it.
process.once('exit', () => {
  for (const network of open) network.close()
})

/**
 * Four hosts on a bridge, in namespaces named after this process and a random number, so that several runs on one
 * machine do not collide. Addresses and ports are the same in each: they are not visible outside.
 */
export class Network implements Disposable {
  readonly #tag = `gw${process.pid}-${randomBytes(3).toString('hex')}`
  readonly #hub = `${this.#tag}-hub`
  readonly #made: string[] = []

  /** @throws if namespaces or virtual links can't be made, with the message of `ip` */
  constructor() {
    open.add(this)
    try {
      this.#add(this.#hub)
      ip('-n', this.#hub, 'link', 'add', 'bridge', 'type', 'bridge')
      ip('-n', this.#hub, 'link', 'set', 'bridge', 'up')
      for (const host of HOSTS) this.#join(host)
    } catch (error) {
      this.close()
      throw error
    }
  }

  address(host: Host): string {
    return `10.77.0.${HOSTS.indexOf(host) + 1}`
  }

  /** Command line that runs a program on a host. `ip` becomes that program, so signals go to the program itself. */
  on(host: Host, ...words: readonly string[]): [string, ...string[]] {
    return ['ip', 'netns', 'exec', this.#namespace(host), ...words]
  }

  /** Cuts a host's link: nothing passes, and neither end is told. */
  cut(host: Host): void {
    ip('-n', this.#hub, 'link', 'set', host, 'down')
  }

  mend(host: Host): void {
    ip('-n', this.#hub, 'link', 'set', host, 'up')
  }

  /** Bytes in a host's kernel, unsent or unread, of TCP connections with this port at either end. */
  queuedBytes(host: Host, port: number): number {
    const table = ip('netns', 'exec', this.#namespace(host), 'cat', '/proc/net/tcp')
    const hex = port.toString(16).toUpperCase().padStart(4, '0')
    // proc(5): local and remote address with ports, the state, and tx_queue:rx_queue. 01 is an open connection.
    const rows = table.matchAll(/ \w{8}:(\w{4}) \w{8}:(\w{4}) 01 (\w{8}):(\w{8}) /g)
    let bytes = 0
    for (const [, local, remote, toSend, toRead] of rows)
      if (local === hex || remote === hex) bytes += Number(`0x${toSend}`) + Number(`0x${toRead}`)
    return bytes
  }

  /** Removes the namespaces, and ends all processes in them. */
  close(): void {
    open.delete(this)
    for (const namespace of this.#made.splice(0)) {
      for (const pid of ip('netns', 'pids', namespace).split('\n').filter(Boolean)) end(Number(pid))
      ip('netns', 'del', namespace)
    }
  }

  [Symbol.dispose](): void {
    this.close()
  }

  #namespace(host: Host): string {
    return `${this.#tag}-${host}`
  }

  #add(namespace: string): void {
    ip('netns', 'add', namespace)
    this.#made.push(namespace)
    ip('-n', namespace, 'link', 'set', 'lo', 'up')
  }

  #join(host: Host): void {
    const namespace = this.#namespace(host)
    this.#add(namespace)
    const peer = ['peer', 'name', 'eth0', 'netns', namespace]
    ip('-n', this.#hub, 'link', 'add', host, 'type', 'veth', ...peer)
    ip('-n', this.#hub, 'link', 'set', host, 'master', 'bridge', 'up')
    ip('-n', namespace, 'addr', 'add', `${this.address(host)}/24`, 'dev', 'eth0')
    ip('-n', namespace, 'link', 'set', 'eth0', 'up')
  }
}

/** Returns the reason why networks can't be made here; undefined if they can. */
export function whyNoNetwork(): string | undefined {
  if (process.platform !== 'linux') return `${process.platform} has no network namespaces`
  try {
    new Network().close()
    return undefined
  } catch (error) {
    const { code, stderr } = error as { code?: string; stderr?: string }
    if (code === 'ENOENT') return "the program 'ip' (iproute2) is not installed"
    return (stderr || String(error)).trim().split('\n').join(', ')
  }
}

function ip(...words: readonly string[]): string {
  return execFileSync('ip', words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], timeout: 10_000 })
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has already ended.
  }
}

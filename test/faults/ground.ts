import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { program } from '../../scripts/project.ts'
import type { CarrierName } from '../../src/core/bus/carrier.ts'
import { CLI, type Owner, Run } from '../helpers/groundwire.ts'
import { Arrivals } from './arrivals.ts'
import { DATAGRAM_BYTES } from './datagram.ts'
import { TOPIC } from './figures.ts'
import { type Host, Network } from './network.ts'
import { Role } from './role.ts'

const XSUB_PORT = 5559
export const XPUB_PORT = 5560
const UDP_IN_PORT = 3076
const SINK_PORT = 3077

/** Returns the words that run a worker, from any working folder. */
function worker(name: string, ...args: readonly string[]): string[] {
  const { file, execArgv } = program(import.meta.dirname, name)
  return [process.execPath, ...execArgv, file, ...args]
}

/** A running source of datagrams. */
export interface Source {
  /** Datagrams sent, as of some 50 ms ago. */
  readonly published: number
  /** Stops it. Resolves with the number of datagrams sent. */
  stop(): Promise<number>
}

/** A UDP sink: the destination of udp-out. */
export interface Sink {
  readonly arrivals: Arrivals
  /** Stops it. Resolves with the number of datagrams that the kernel dropped before it. */
  stop(): Promise<number>
}

/** A network with the roles of one trial. It leaves nothing behind. */
export class Ground implements Owner, AsyncDisposable {
  readonly network = new Network()
  readonly #carrier: CarrierName
  readonly #size: number
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'groundwire-faults-'))
  readonly #clean: (() => void | Promise<void>)[] = []

  /** @param size bytes per datagram */
  constructor(carrier: CarrierName, size = DATAGRAM_BYTES) {
    this.#carrier = carrier
    this.#size = size
  }

  after(clean: () => void | Promise<void>): void {
    this.#clean.push(clean)
  }

  proxy(): Role {
    const bind = ['--xsub', `tcp://*:${XSUB_PORT}`, '--xpub', `tcp://*:${XPUB_PORT}`, '--verbose']
    return this.#role('proxy', 'proxy', ['proxy', ...bind])
  }

  /** @param number distinguishes several udp-in on one host, from 0; each has its own port */
  udpIn(number = 0): Role {
    const words = ['udp-in', String(UDP_IN_PORT + 10 * number), TOPIC, '--xsub', this.xsub]
    return this.#role(`udp-in${suffix(number)}`, 'udp-in', words)
  }

  udpOut(): Role {
    const to = `127.0.0.1:${SINK_PORT}`
    return this.#role('udp-out', 'udp-out', ['udp-out', TOPIC, '--to', to, '--xpub', this.xpub])
  }

  /** A tap on the host of that name. Its standard output arrives at `arrivals`. */
  tap(number = 0, ...options: readonly string[]): { role: Role; arrivals: Arrivals } {
    const arrivals = new Arrivals(this.#size)
    const words = ['tap', TOPIC, '-f', 'raw', '--xpub', this.xpub, ...options]
    return { role: this.#role(`tap${suffix(number)}`, 'tap', words, () => arrivals.reader()), arrivals }
  }

  /** Starts the sink on udp-out's host. */
  async sink(): Promise<Sink> {
    const arrivals = new Arrivals(this.#size)
    const run = this.#run('udp-out', worker('sink-worker', String(SINK_PORT)))
    const take = arrivals.reader()
    run.process.stdout.on('data', (chunk: Buffer) => take(chunk))
    await run.untilStderr(/ready/)
    const stop = async () => {
      const { stderr } = await run.stop('SIGTERM')
      return (JSON.parse(stderr.trim().split('\n').at(-1) ?? '') as { dropped: number }).dropped
    }
    return { arrivals, stop }
  }

  /** Starts sending to a udp-in on its own host. */
  source(rate: number, { number = 0, count = Infinity }: { number?: number; count?: number } = {}): Source {
    const port = UDP_IN_PORT + 10 * number
    const options = { port, rate, size: this.#size, source: number, count }
    const words = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)])
    const run = this.#run('udp-in', worker('source-worker', ...words))
    const source = {
      published: 0,
      stop: async () => {
        await run.stop('SIGTERM')
        return source.published
      },
    }
    let rest = ''
    run.process.stdout.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString()).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) source.published = (JSON.parse(line) as { published: number }).published
    })
    return source
  }

  /** Runs a one-off groundwire command on a host. Resolves with its exit code. */
  async code(host: Host, line: string): Promise<number | null> {
    const run = this.#run(host, [process.execPath, CLI, ...line.split(' '), '--carrier', this.#carrier])
    return (await run.exit).code
  }

  get xsub(): string {
    return `tcp://${this.network.address('proxy')}:${XSUB_PORT}`
  }

  get xpub(): string {
    return `tcp://${this.network.address('proxy')}:${XPUB_PORT}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const clean of this.#clean.splice(0)) await clean()
    this.network.close()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  #role(name: string, host: Host, words: readonly string[], output?: () => (chunk: Buffer) => void): Role {
    return new Role({
      name,
      host,
      words: [...words, '--carrier', this.#carrier],
      network: this.network,
      folder: this.#folder,
      owner: this,
      ...(output === undefined ? {} : { output }),
    })
  }

  #run(host: Host, words: readonly string[]): Run {
    const [command, ...args] = this.network.on(host, ...words)
    return new Run(this, command, args)
  }
}

function suffix(number: number): string {
  return number === 0 ? '' : `-${number + 1}`
}

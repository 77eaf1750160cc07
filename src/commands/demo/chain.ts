import type { Socket } from 'node:dgram'
import { Broker } from '../../core/bus/broker.ts'
import { Tap } from '../../core/client/tap.ts'
import { UdpIn } from '../../core/client/udp-in.ts'
import { UdpOut } from '../../core/client/udp-out.ts'
import { deadline, type WaitOptions } from '../../core/condition.ts'
import { count, type Ledger } from '../../core/ledger.ts'
import { type BaseEvents, OPENED, PARTS, Role } from '../../core/role.ts'
import { Simulator } from '../../core/simulator.ts'
import type { TappedMessage } from '../../core/tap/message.ts'
import { listenOn } from '../../core/udp/udp-socket.ts'
import { Comparison } from './comparison.ts'

const TOPIC = 'telem'
/** The roles on a packet's way. */
const WAY = ['simulate', 'udp-in', 'proxy', 'tap', 'udp-out'] as const
/** Time for the last packets to arrive, in ms. */
const ARRIVAL_MS = 2_000
const ANY_URL = 'tcp://127.0.0.1:*'
const ANY_PORT = { host: '127.0.0.1', port: 0 }

export interface ChainOptions {
  /** Packets a second. */
  readonly rate: number
  readonly ledger: Ledger
  /** Called with each message that crosses the bus. */
  readonly onMessage: (message: TappedMessage) => void
}

/** The URLs of a chain's bus. */
export interface ChainUrls {
  readonly xsub: string
  readonly xpub: string
}

/** The part of a role that its chain uses. */
type Link = Role<BaseEvents, unknown>

/**
 * A whole chain in one role, on free ports: a simulator, udp-in, a proxy, a tap, udp-out, and a socket at its end that
 * compares each packet with the one that was sent.
 */
export class DemoChain extends Role<BaseEvents, ChainUrls> {
  readonly #options: ChainOptions
  readonly #comparison: Comparison
  /** Its roles, in the order of a packet's way. They are drained in this order. */
  readonly #links: [name: (typeof WAY)[number], link: Link][] = []
  #receiver: Socket | undefined
  #simulator: Simulator | undefined
  #urls: ChainUrls = { xsub: ANY_URL, xpub: ANY_URL }
  #isComplete = false

  constructor(options: ChainOptions) {
    super('demo', options.ledger)
    this.#options = options
    this.#comparison = new Comparison(this.ledger)
    this[PARTS].push({
      open: wait => this.#open(wait),
      flush: wait => this.#flush(wait),
      close: linger => this.#close(linger),
    })
  }

  /** The ledgers of its roles, by name. */
  get ledgers(): readonly (readonly [name: string, ledger: Ledger])[] {
    return this.#links.map(([name, { ledger }]) => [name, ledger])
  }

  /** Whether every packet that was sent has arrived. */
  get isComplete(): boolean {
    return this.#isComplete
  }

  /** Sends packets for this long, or until the signal aborts, and waits for the last of them. */
  async run(durationMs: number, options?: WaitOptions): Promise<void> {
    await this.#simulator?.run({ signal: deadline(durationMs, options) })
    this.#isComplete = await this.#comparison.verdict(ARRIVAL_MS)
  }

  /** @internal */
  override [OPENED](): ChainUrls {
    return this.#urls
  }

  async #open(wait: WaitOptions): Promise<void> {
    const { rate, onMessage } = this.#options
    const broker = this.#add('proxy', new Broker({ xsub: ANY_URL, xpub: ANY_URL }))
    const bound = await broker.start(wait)
    const [xsub, xpub] = [bound.xsub.join(), bound.xpub.join()]
    this.#urls = { xsub, xpub }
    this.#receiver = await listenOn(ANY_PORT)
    this.#receiver.on('message', packet => this.#comparison.arrive(packet))
    const udpIn = this.#add('udp-in', new UdpIn({ name: TOPIC, input: ANY_PORT, xsub }))
    const show = (message: TappedMessage) => {
      onMessage(message)
      count(tap.ledger.sent, message.size)
    }
    const tap = this.#add('tap', new Tap({ topics: [TOPIC], xpub, accounts: true, onMessage: show }))
    const output = this.#receiver.address().port
    const udpOut = this.#add('udp-out', new UdpOut({ topics: [TOPIC], xpub, output }))
    const clients = [udpIn, tap, udpOut]
    for (const client of clients) await client.start(wait)
    await Promise.all(clients.map(client => client.connected(wait)))
    await udpIn.heard(TOPIC, wait)
    const onPacket = (packet: Buffer) => this.#comparison.expect(packet)
    const simulator = new Simulator({ to: udpIn.address, rate, apid: 42, size: 64, onPacket })
    this.#simulator = this.#add('simulate', simulator)
    await this.#simulator.start(wait)
  }

  #add<T>(name: (typeof WAY)[number], role: T): T {
    const link = role as Link
    link.on('loss', loss => this.emit('loss', loss))
    link.on('listenerError', error => this.emit('listenerError', error))
    this.#links.push([name, link])
    this.#links.sort(([a], [b]) => WAY.indexOf(a) - WAY.indexOf(b))
    return role
  }

  async #flush(wait: WaitOptions): Promise<void> {
    for (const [, link] of this.#links) await link.drain(wait)
  }

  async #close(linger: number): Promise<void> {
    await Promise.all(this.#links.map(([, link]) => link.close({ linger })))
    this.#receiver?.close()
    this.#receiver = undefined
  }
}

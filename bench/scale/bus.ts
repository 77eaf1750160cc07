import { type ChildProcess } from 'node:child_process'
import { setTimeout as after } from 'node:timers/promises'
import { closeAll, type RoleOptions, startProxy } from '../../src/commands/bench/chain.ts'
import { readFigures } from '../../src/commands/bench/process-figures.ts'
import { LineProcess } from '../line-process.ts'
import { freeUrl } from '../ports.ts'
import { child } from '../programs.ts'
import { copiesOf, type ScaleCase } from './cases.ts'

/** Silence of the subscribers after which missing messages count as lost, in ms. */
const QUIET_MS = 1_000
const POLL_MS = 50
/** Time for all subscriptions to work, in ms. A proxy that does not deliver all after that is measured as it is. */
const SETTLE_MS = 10_000
const SETTLE_LOAD_MS = 250

/** Groundwire's limits, where C's high-water marks are 100,000 messages. */
const LIMITS = 'queue=128M,queues=1G'

/** A running proxy. */
export interface ScaleProxy {
  readonly name: string
  readonly pid: number
  readonly xsub: string
  readonly xpub: string
  readonly child: ChildProcess
}

/** The outcome of a stretch of load. */
export interface ScaleTrial {
  /** CPU time of the proxy for each message delivered, in microseconds. */
  readonly cpuUs: number
  /** Share of the messages that were to be delivered. */
  readonly delivered: number
  readonly sent: number
  /** Share of the planned messages that the generator published. */
  readonly offered: number
}

export async function startGroundwire(run: RoleOptions): Promise<ScaleProxy> {
  return { ...(await startProxy(run, ['--limits', LIMITS])), name: 'groundwire' }
}

/** Starts libzmq's own proxy in C, with marks of 100,000. */
export async function startZmqProxy(program: string): Promise<ScaleProxy> {
  const [xsub, xpub] = [await freeUrl(), await freeUrl()]
  const proxy = child(program, 'forward', xsub, xpub, 'tuned')
  return { name: 'C', pid: proxy.pid ?? 0, xsub, xpub, child: proxy }
}

/** A proxy with the publisher and the subscribers of a case. */
export class ScaleBus {
  readonly proxy: ScaleProxy
  readonly #case: ScaleCase
  readonly #publisher: LineProcess
  readonly #subscribers: LineProcess

  private constructor(proxy: ScaleProxy, scale: ScaleCase, publisher: LineProcess, subscribers: LineProcess) {
    this.proxy = proxy
    this.#case = scale
    this.#publisher = publisher
    this.#subscribers = subscribers
  }

  /**
   * Connects the load to a proxy, and waits until all subscriptions work. Where that fails, it ends the proxy as well.
   * @param load the words that run the load's program
   */
  static async start(proxy: ScaleProxy, scale: ScaleCase, load: readonly string[]): Promise<ScaleBus> {
    const [program = '', ...words] = load
    const { subscribers, prefixes, changes } = scale
    const counts = [subscribers, prefixes, changes].map(String)
    const processes: LineProcess[] = []
    try {
      const publisher = await LineProcess.start(program, [...words, 'publish', proxy.xsub])
      processes.push(publisher)
      const subs = await LineProcess.start(program, [...words, 'subscribe', proxy.xpub, ...counts])
      processes.push(subs)
      const bus = new ScaleBus(proxy, scale, publisher, subs)
      await bus.#settle()
      return bus
    } catch (error) {
      for (const process of processes) process.close()
      await closeAll([proxy.child])
      throw error
    }
  }

  /** Publishes for some time at the case's rate, and waits for what arrives. */
  async run(durationMs: number): Promise<ScaleTrial> {
    const { size, rate, topics } = this.#case
    const planned = Math.max(1, Math.round((rate * durationMs) / 1000))
    await this.#report()
    const before = await readFigures(this.proxy.pid)
    const request = `send ${size} ${rate} ${planned} ${topics}`
    const { sent } = await this.#publisher.ask<{ sent: number }>(request)
    const { received, aside } = await this.#untilQuiet(sent * copiesOf(this.#case))
    const now = await readFigures(this.proxy.pid)
    const usedMs = (now?.cpuMs ?? Number.NaN) - (before?.cpuMs ?? Number.NaN)
    return {
      cpuUs: (usedMs * 1000) / Math.max(1, received + aside),
      delivered: received / Math.max(1, sent * copiesOf(this.#case)),
      sent,
      offered: sent / planned,
    }
  }

  async close(): Promise<void> {
    this.#publisher.close()
    this.#subscribers.close()
    await closeAll([this.proxy.child])
  }

  async #settle(): Promise<void> {
    for (const deadline = performance.now() + SETTLE_MS; performance.now() < deadline; ) {
      const { delivered } = await this.run(SETTLE_LOAD_MS)
      if (delivered >= 1) return
    }
  }

  #report(): Promise<Arrivals> {
    return this.#subscribers.ask<Arrivals>('report')
  }

  /** Adds up what arrives, until it is all or nothing more comes. */
  async #untilQuiet(expected: number): Promise<Arrivals> {
    let [received, aside] = [0, 0]
    for (let quietMs = 0; received < expected && quietMs < QUIET_MS; ) {
      await after(POLL_MS)
      const more = await this.#report()
      quietMs = more.received === 0 ? quietMs + POLL_MS : 0
      received += more.received
      aside += more.aside
    }
    return { received, aside }
  }
}

interface Arrivals {
  readonly received: number
  /** Received by the subscriber that changes its subscriptions. */
  readonly aside: number
}

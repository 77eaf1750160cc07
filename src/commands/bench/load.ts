import { setTimeout as after } from 'node:timers/promises'
import type { WaitOptions } from '../../core/condition.ts'
import { GroundwireError } from '../../core/errors.ts'
import type { Chain } from './chain.ts'
import { ForkedWorker } from './forked-worker.ts'
import type { LatencyFigures } from './latency-histogram.ts'
import { PROBE_TRIAL } from './load-datagram.ts'
import { type ProcessFigures, readDrops, readFigures, resetPeak } from './process-figures.ts'
import type { LoadPhase, LoadWorker, ReceiveReport, SendReport, SendRequest } from './worker-messages.ts'

/** Time without an arrival after which a trial's last datagrams count as lost, in ms. */
const QUIET_MS = 300
const POLL_MS = 50
/** Time for a single datagram to cross a chain before another is sent, in ms. */
const PROBE_MS = 20
/** Time for a first datagram to cross a chain, in ms. */
const OPEN_MS = 15_000
/** The generator was too slow if it sent less than this share of the rate. */
const OFFERED_SHARE = 0.97

/** The resources that a role used in a trial. */
export interface RoleFigures {
  /** CPU time for each message that arrived, in microseconds. */
  readonly cpuUs: number
  readonly peakMiB: number
}

/** The outcome of one trial. */
export interface Trial {
  readonly size: number
  /** Planned rate of the last phase, in datagrams a second; Infinity for back to back. */
  readonly rate: number
  /** Offered rate of the last phase, in datagrams a second. */
  readonly offered: number
  readonly sent: number
  readonly received: number
  readonly disordered: number
  readonly latency: LatencyFigures
  /** Dropped by the kernel in front of the chain, and in front of the receiver. Null if the system doesn't tell. */
  readonly drops: { readonly input: number | null; readonly receiver: number | null }
  readonly roles: Readonly<Record<string, RoleFigures>>
  /** Start of each phase, end of the last one, and sending time of the first datagram after the last gap, on one clock, in ms. */
  readonly times: readonly number[]
  readonly lastGapMs: number | null
  /** The part of the bench itself that was the limit, if any. */
  readonly limitedBy: 'generator' | 'receiver' | null
}

/** The load generator and the receiver, one process each, and the trials that they run. */
export class Load {
  readonly port: number
  readonly #generator: LoadWorker
  readonly #receiver: LoadWorker
  #trial = PROBE_TRIAL

  /** @param port the receiver's, on 127.0.0.1 */
  constructor(generator: LoadWorker, receiver: LoadWorker, port: number) {
    this.#generator = generator
    this.#receiver = receiver
    this.port = port
  }

  /** @param worker the module that both processes run */
  static async start(worker: string): Promise<Load> {
    const [generator, receiver] = await Promise.all([
      ForkedWorker.start(worker, 'generate'),
      ForkedWorker.start(worker, 'receive'),
    ])
    return new Load(generator, receiver, receiver.port)
  }

  /** Sends single datagrams until one has crossed the chain. @throws {GroundwireError} IO, if no datagram does */
  async open(chain: Chain, options: WaitOptions = {}): Promise<void> {
    await this.#receiver.ask({ type: 'expect', trial: PROBE_TRIAL })
    for (const deadline = performance.now() + OPEN_MS; performance.now() < deadline; ) {
      await this.#generator.ask(this.#send(PROBE_TRIAL, chain.input, 64, [{ rate: 1000, messages: 1 }]))
      await after(PROBE_MS, undefined, options)
      const { received } = await this.#report()
      if (received > 0) return
    }
    throw new GroundwireError('IO', `no datagram crossed ${chain.name} within ${OPEN_MS / 1000} s`)
  }

  /** Runs one trial through a chain, and waits for its last datagram. */
  async run(
    chain: Chain,
    size: number,
    phases: readonly LoadPhase[],
    options: WaitOptions = {},
  ): Promise<Trial> {
    options.signal?.throwIfAborted()
    this.#trial += 1
    await this.#receiver.ask({ type: 'expect', trial: this.#trial })
    await Promise.all(chain.roles.map(({ pid }) => resetPeak(pid)))
    const before = await this.#snapshot(chain)
    const request = this.#send(this.#trial, chain.input, size, phases)
    const { sent, times } = await this.#generator.ask<SendReport>(request, options)
    const report = await this.#untilQuiet(sent, options)
    const now = await this.#snapshot(chain)

    const roles = Object.fromEntries(
      chain.roles.flatMap(({ name }) => {
        const [then, since] = [before.roles[name], now.roles[name]]
        if (then === undefined || since === undefined) return []
        const cpuUs = ((since.cpuMs - then.cpuMs) * 1000) / Math.max(1, report.received)
        return [[name, { cpuUs, peakMiB: since.peakMiB }]]
      }),
    )
    const drops = {
      input: difference(now.input, before.input),
      receiver: difference(now.receiver, before.receiver),
    }
    const rate = phases.at(-1)?.rate ?? 0
    const planned = phases.reduce((sum, { messages }) => sum + messages, 0)
    const plannedMs = phases.reduce((sum, phase) => sum + (phase.messages / phase.rate) * 1000, 0)
    const tookMs = (times.at(-1) ?? 0) - (times[0] ?? 0)
    const share = plannedMs === 0 ? 1 : (sent / planned) * (plannedMs / Math.max(plannedMs, tookMs))
    const lost = sent - report.received
    return {
      size,
      rate,
      offered: plannedMs === 0 ? (sent / tookMs) * 1000 : rate * Math.min(1, share),
      sent,
      received: report.received,
      disordered: report.disordered,
      latency: report.latency,
      drops,
      roles,
      times,
      lastGapMs: report.lastGapMs,
      limitedBy:
        share < OFFERED_SHARE ? 'generator' : lost > 0 && (drops.receiver ?? 0) > 0 ? 'receiver' : null,
    }
  }

  /** Kills both processes. */
  close(): void {
    this.#generator.close()
    this.#receiver.close()
  }

  #send(trial: number, port: number, size: number, phases: readonly LoadPhase[]): SendRequest {
    const plain = phases.map(({ rate, messages }) => ({
      rate: Number.isFinite(rate) ? rate : null,
      messages,
    }))
    return { type: 'send', trial, port, size, phases: plain }
  }

  #report(): Promise<ReceiveReport> {
    return this.#receiver.ask<ReceiveReport>({ type: 'report' })
  }

  async #untilQuiet(sent: number, options: WaitOptions): Promise<ReceiveReport> {
    let before = -1
    for (let quietMs = 0; ; ) {
      const report = await this.#report()
      if (report.received >= sent || quietMs >= QUIET_MS) return report
      // Late datagrams of an earlier trial hold up those of this one.
      const arrived = report.received + report.others
      quietMs = arrived === before ? quietMs + POLL_MS : 0
      before = arrived
      await after(POLL_MS, undefined, options)
    }
  }

  async #snapshot({ input, roles }: Chain): Promise<Snapshot> {
    const [atInput, atReceiver, ...figures] = await Promise.all([
      readDrops(input),
      readDrops(this.port),
      ...roles.map(async ({ name, pid }) => [name, await readFigures(pid)] as const),
    ])
    return { input: atInput, receiver: atReceiver, roles: Object.fromEntries(figures) }
  }
}

interface Snapshot {
  readonly input: number | undefined
  readonly receiver: number | undefined
  readonly roles: Readonly<Record<string, ProcessFigures | undefined>>
}

function difference(now: number | undefined, before: number | undefined): number | null {
  return now === undefined || before === undefined ? null : now - before
}

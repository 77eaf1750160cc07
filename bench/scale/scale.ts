// The cost of a proxy by subscribers and topics: libzmq's zmq_proxy in C and groundwire's, the same load in turn.
import type { RoleOptions } from '../../src/commands/bench/chain.ts'
import { program } from '../../scripts/project.ts'
import { cProgram, type LoadLanguage, NO_LIBZMQ } from '../programs.ts'
import { median, spread } from '../statistics.ts'
import { ScaleBus, type ScaleProxy, type ScaleTrial, startGroundwire, startZmqProxy } from './bus.ts'
import type { ScaleCase } from './cases.ts'

/** What a case cost one proxy. */
export interface ProxyCost {
  /** CPU time of the proxy for each message delivered, in microseconds: the median of the trials. */
  readonly cpuUs: number
  /** Range of the trials, as a share of the median; null after one trial. */
  readonly spread: number | null
  /** Share of the messages that arrived, in all trials. */
  readonly delivered: number
  /** Share of the planned messages that were published, in all trials. */
  readonly offered: number
}

/** The outcome of a case. */
export interface ScaleResult {
  readonly name: string
  readonly target: number
  /** By the proxy's name: 'C' and 'groundwire'. */
  readonly proxies: Readonly<Record<string, ProxyCost>>
}

export interface ScaleOptions {
  readonly run: RoleOptions
  readonly cases: readonly ScaleCase[]
  /** Time of load before the first trial of a proxy, in ms. */
  readonly warmUpMs: number
  readonly durationMs: number
  /** Whether trials last until each topic of a case has been published. */
  readonly allTopics: boolean
  /** Trials of each proxy, in turn. */
  readonly rounds: number
  readonly say: (text: string) => void
}

/** The results of all cases, the reason why a proxy is missing, and the language of the load. */
export interface ScaleMeasured {
  readonly results: ScaleResult[]
  readonly skipped: Readonly<Record<string, string>>
  readonly load: LoadLanguage
}

export async function measureScale(options: ScaleOptions): Promise<ScaleMeasured> {
  const { words, language } = cBusLoad() ?? typeScriptBusLoad()
  const chain = cProgram('chain', 'zmq')
  const results: ScaleResult[] = []
  for (const scale of options.cases) {
    const starts = [() => startGroundwire(options.run)]
    if (chain !== undefined) starts.unshift(() => startZmqProxy(chain))
    results.push(await measureCase(options, scale, starts, words))
  }
  const skipped: Record<string, string> = chain === undefined ? { 'zmq_proxy in C': NO_LIBZMQ } : {}
  return { results, skipped, load: language }
}

/** A program that loads a bus, as the words that run it. */
export interface BusLoadProgram {
  readonly language: LoadLanguage
  readonly words: readonly string[]
}

/** Undefined without a compiler and libzmq's headers. */
export function cBusLoad(): BusLoadProgram | undefined {
  const file = cProgram('bus-load', 'zmq')
  return file === undefined ? undefined : { language: 'C', words: [file] }
}

export function typeScriptBusLoad(): BusLoadProgram {
  const { file, execArgv } = program(import.meta.dirname, 'bus-load')
  return { language: 'TypeScript', words: [process.execPath, ...execArgv, file] }
}

async function measureCase(
  { warmUpMs, durationMs, allTopics, rounds, say }: ScaleOptions,
  scale: ScaleCase,
  starts: readonly (() => Promise<ScaleProxy>)[],
  load: readonly string[],
): Promise<ScaleResult> {
  const turnMs = (scale.topics / scale.rate) * 1000
  const trialMs = allTopics ? Math.max(durationMs, Math.ceil(turnMs / rounds)) : durationMs
  const buses: ScaleBus[] = []
  const trials = new Map<ScaleBus, ScaleTrial[]>()
  try {
    for (const start of starts) {
      const bus = await ScaleBus.start(await start(), scale, load)
      buses.push(bus)
      trials.set(bus, [])
    }
    for (const bus of buses) await bus.run(warmUpMs)
    for (let round = 0; round < rounds; round++) {
      for (const bus of buses) {
        const trial = await bus.run(trialMs)
        trials.get(bus)?.push(trial)
        say(
          `${scale.name}: ${bus.proxy.name} ${trial.cpuUs.toFixed(2)} µs, ${(trial.delivered * 100).toFixed(1)} % delivered`,
        )
      }
    }
  } finally {
    for (const bus of buses) await bus.close()
  }
  const proxies = [...trials].map(([bus, all]) => [bus.proxy.name, costOf(all)] as const)
  return { name: scale.name, target: scale.target, proxies: Object.fromEntries(proxies) }
}

/** The cost that several trials show together. */
export function costOf(trials: readonly ScaleTrial[]): ProxyCost {
  const costs = trials.map(({ cpuUs }) => cpuUs)
  const sent = trials.reduce((sum, trial) => sum + trial.sent, 0)
  return {
    cpuUs: median(costs),
    spread: spread(costs),
    delivered: trials.reduce((sum, trial) => sum + trial.delivered * trial.sent, 0) / Math.max(1, sent),
    offered:
      sent /
      Math.max(
        1,
        trials.reduce((sum, trial) => sum + trial.sent / trial.offered, 0),
      ),
  }
}

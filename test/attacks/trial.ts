import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { Readable } from 'node:stream'
import { setTimeout as after } from 'node:timers/promises'
import { PROJECT } from '../../scripts/project.ts'
import type { Attack } from './attack.ts'
import { KeySet } from './key-set.ts'
import { Pair, type PairReport } from './pair-process.ts'

const CLI = path.join(PROJECT, 'dist/cli.js')
const PROXY = [process.execPath, CLI, 'proxy', '--xsub', 'tcp://127.0.0.1:*', '--xpub', 'tcp://127.0.0.1:*']
/** Memory limits of the proxy, in MiB: at its peak, and some seconds after the attack. */
const PEAK_MIB = 400
const AFTER_MIB = 250
const AFTER_MS = 20_000
const SLOWEST_MS = 8_000
const RATE = 200

export interface TrialOptions {
  readonly short: boolean
  readonly seed: number
}

export interface TrialReport {
  readonly did: string
  readonly pair: PairReport
  readonly peakMiB: number
  readonly afterMiB: number
  readonly seconds: number
  readonly faults: readonly string[]
}

/** One attack on its own proxy, with a legitimate pair beside it. */
export class Trial {
  readonly #proxy: ChildProcessByStdio<null, null, Readable>
  readonly #keys: KeySet | undefined
  #stderr = ''

  static async run(attack: Attack, options: TrialOptions): Promise<TrialReport> {
    const keys = attack.hasKeys === true ? await KeySet.make() : undefined
    const trial = new Trial(attack.descriptors, keys)
    try {
      return await trial.#run(attack, options)
    } finally {
      trial.#proxy.kill('SIGKILL')
    }
  }

  private constructor(descriptors: number | undefined, keys: KeySet | undefined) {
    this.#keys = keys
    const limit = descriptors === undefined ? '' : `ulimit -n ${descriptors}; `
    const words = keys === undefined ? PROXY : keys.proxyWords
    this.#proxy = spawn('sh', ['-c', `${limit}exec "$0" "$@"`, ...words], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, ...keys?.proxyEnv },
    })
    this.#proxy.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text
    })
  }

  async #run(
    { run, slowestMs = SLOWEST_MS, peakMiB: most = PEAK_MIB }: Attack,
    { short, seed }: TrialOptions,
  ): Promise<TrialReport> {
    const ready = /publishers at (\S+) \(xsub\), subscribers at (\S+) \(xpub\)/
    if (!(await this.#untilSaid(ready, 20_000))) throw new Error(`the proxy is not ready: ${this.#stderr}`)
    const [, xsub = '', xpub = ''] = ready.exec(this.#stderr) ?? []
    const faults: string[] = []
    const keys = this.#keys?.pairKeys
    const pair = await Pair.start({ xsub, xpub, keys, rate: RATE, messages: Number.MAX_SAFE_INTEGER })
    const begin = performance.now()
    const target = {
      xsub,
      xpub,
      keys: this.#keys?.client,
      short,
      random: randomOf(seed),
      join: (messages: number) => Pair.start({ xsub, xpub, keys, rate: RATE, messages }),
      untilSaid: (pattern: RegExp, ms: number) => this.#untilSaid(pattern, ms),
    }
    const did = await run(target).catch((error: unknown) => {
      faults.push(error instanceof Error ? error.message : String(error))
      return ''
    })
    const seconds = Math.round((performance.now() - begin) / 100) / 10
    const afterMiB = await this.#settled()
    const report = await pair.stop()
    const peakMiB = this.#memory('VmHWM')
    if (peakMiB >= most) faults.push(`${peakMiB} MiB`)
    if (afterMiB >= AFTER_MIB) faults.push(`${afterMiB} MiB were not given back`)
    if (report.received !== report.sent) faults.push('the rightful pair lost messages')
    if (report.slowestMs > slowestMs) faults.push(`a rightful message took ${report.slowestMs} ms`)
    this.#proxy.kill('SIGINT')
    const [code] = await once(this.#proxy, 'exit', { signal: AbortSignal.timeout(10_000) })
    if (code !== 0) faults.push(`the proxy ended with exit ${code}: ${this.#stderr.slice(-500)}`)
    return { did, pair: report, peakMiB, afterMiB, seconds, faults }
  }

  /** Waits for the proxy's memory to settle after the attack, while the legitimate pair goes on. */
  async #settled(): Promise<number> {
    const deadline = performance.now() + AFTER_MS
    do await after(500)
    while (this.#memory('VmRSS') >= AFTER_MIB && performance.now() < deadline)
    return this.#memory('VmRSS')
  }

  #memory(name: 'VmRSS' | 'VmHWM'): number {
    const { exitCode, signalCode } = this.#proxy
    if (exitCode !== null || signalCode !== null)
      throw new Error(`the proxy ended by itself (${exitCode ?? signalCode}): ${this.#stderr.slice(-2_000)}`)
    const status = readFileSync(`/proc/${this.#proxy.pid}/status`, 'utf8')
    return Math.round(Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1024)
  }

  async #untilSaid(pattern: RegExp, ms: number): Promise<boolean> {
    const deadline = performance.now() + ms
    while (!pattern.test(this.#stderr) && performance.now() < deadline && this.#proxy.exitCode === null)
      await after(20)
    return pattern.test(this.#stderr)
  }
}

/** A linear congruential generator: the same numbers for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

// npm run bench: runs the same trials on groundwire and its alternatives in turn. See bench/README.md.
import { mkdirSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, totalmem } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { type Chain, type RoleOptions, startGroundwireChain } from '../src/commands/bench/chain.ts'
import { Load } from '../src/commands/bench/load.ts'
import {
  type LatencyAtRate,
  measureLatency,
  measureOverload,
  NoDropSearch,
  searchBurst,
  type TrialOptions,
} from '../src/commands/bench/measure.ts'
import { type CommandResult, measureCommands } from './commands.ts'
import { ait, libzmqInC, nothing, type Peer, pyzmq, socat } from './peers.ts'
import { median, middleBy, type PeerResult, type RunResult, spread, tablesOf } from './tables.ts'

const dist = (name: string) => path.join(import.meta.dirname, '..', 'dist', `${name}.js`)
const results = path.join(import.meta.dirname, 'results')
/** Rate at which latencies are compared, in datagrams per second. Every chain is far from its limit there. */
const LATENCY_RATE = 5_000
/**
 * Latency trials of the first size, in turn. Other load on the machine can spoil any single p99, so the table shows the
 * median trial.
 */
const LATENCY_ROUNDS = 5
/** Time that twice the no-drop rate is offered, in ms: long enough to fill the queues and to reach the final use of memory. */
const OVERLOAD_MS = 30_000

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    sizes: { type: 'string' },
    duration: { type: 'string', default: '2000' },
    repeat: { type: 'string' },
    name: { type: 'string' },
    only: { type: 'string' },
  },
})
const { quick, only } = values
if (only !== undefined && only !== 'chains' && only !== 'commands')
  throw new TypeError(`--only is for chains or commands, not '${only}'`)
const sizes = (values.sizes ?? (quick ? '256' : '256,64,1400,8192')).split(',').map(Number)
const durationMs = Number(values.duration)
/** Searches of the first size. Other sizes have one each. */
const repeat = Number(values.repeat ?? (quick ? 1 : 3))
const say = (text: string) => process.stderr.write(`bench: ${text}\n`)

/** Runs groundwire from its build. */
const run: RoleOptions = { groundwire: [process.execPath, dist('cli')], env: process.env }
const groundwire: Peer = {
  name: 'groundwire',
  start: output => startGroundwireChain({ ...run, output, topic: 'bench' }),
}

/** The same chain on the package zeromq. It shows the carrier's part of a message's cost. */
const overLibzmq: Peer = {
  name: 'groundwire, libzmq',
  start: output => startGroundwireChain({ ...run, carrier: 'libzmq', output, topic: 'bench' }),
}

const skipped: Record<string, string> = {}
const measured: PeerResult[] = []
const started = new Date()
if (only !== 'commands') await measureChains()
const commands: CommandResult[] =
  only === 'chains' ? [] : await measureCommands({ run, quick, durationMs, say })

const result: RunResult = {
  started: started.toISOString(),
  minutes: Math.round((Date.now() - started.getTime()) / 6000) / 10,
  machine: `${availableParallelism()} × ${cpus()[0]?.model.trim() ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`,
  trialMs: durationMs,
  skipped,
  results: measured,
  commands,
}
mkdirSync(results, { recursive: true })
const name = values.name ?? (quick ? 'quick' : 'latest')
writeFileSync(path.join(results, `${name}.json`), `${JSON.stringify(result, null, 1)}\n`)
const tables = tablesOf(result)
writeFileSync(path.join(results, `${name}.md`), tables)
process.stdout.write(tables)

async function measureChains(): Promise<void> {
  const load = await Load.start(dist('commands/bench/worker'))
  const chains: Chain[] = []
  try {
    for (const peer of [groundwire, overLibzmq, libzmqInC, pyzmq, ait, socat, nothing]) {
      if (peer.missing !== undefined) {
        skipped[peer.name] = peer.missing
        say(`without ${peer.name}: ${peer.missing}`)
        continue
      }
      const chain = { ...(await peer.start(load.port)), name: peer.name }
      chains.push(chain)
      await load.open(chain)
    }
    // Chains that are there for comparison only run at the first size.
    const essential = chains.filter(({ name }) => name !== overLibzmq.name && name !== socat.name)
    for (const [index, size] of sizes.entries())
      await measureSize(load, index === 0 ? chains : essential, size, index === 0)
  } finally {
    for (const chain of chains) await chain.close()
    load.close()
  }
}

async function measureSize(
  load: Load,
  chains: readonly Chain[],
  size: number,
  isFirst: boolean,
): Promise<void> {
  const options = (chain: Chain): TrialOptions => ({
    load,
    size,
    durationMs,
    resolution: quick ? 0.15 : 0.05,
    onTrial: (what, { rate, sent, received, limitedBy }) =>
      say(
        `${size} bytes, ${chain.name}, ${what}: ${sent} at ${Math.round(rate)}/s, ${sent - received} lost${limitedBy === null ? '' : `, limited by the ${limitedBy}`}`,
      ),
  })
  const rates = new Map<Chain, NoDropSearch[]>(chains.map(chain => [chain, []]))
  for (let round = 0; round < (isFirst ? repeat : 1); round++) {
    const searches = chains.map(chain => ({
      chain,
      search: new NoDropSearch(options(chain), chain, startRate(chain)),
    }))
    // Run one trial of each chain in turn, so that other load on the machine affects all of them.
    for (let open = searches; open.length > 0; ) {
      const still: typeof open = []
      for (const entry of open) if (await entry.search.step()) still.push(entry)
      open = still
    }
    for (const { chain, search } of searches) rates.get(chain)?.push(search)
  }
  const latencies = new Map<Chain, LatencyAtRate[]>(chains.map(chain => [chain, []]))
  for (let round = 0; round < (isFirst && !quick ? LATENCY_ROUNDS : 1); round++) {
    for (const chain of chains)
      latencies.get(chain)?.push(await measureLatency(options(chain), chain, LATENCY_RATE))
  }
  for (const chain of chains) {
    const searches = rates.get(chain) ?? []
    const noDrop = searches.map(({ rate }) => rate)
    const best = searches.map(({ best: trial }) => trial).find(trial => trial !== undefined)
    const limitedBy = searches.map(search => search.limitedBy).find(limit => limit !== null) ?? null
    const latency = middleBy(latencies.get(chain) ?? [], ({ p99 }) => p99)
    if (latency === undefined) continue
    const withMore = isFirst && chain.name !== nothing.name
    const burst = withMore ? await searchBurst(options(chain), chain) : undefined
    const overloadMs = quick || chain.name !== groundwire.name ? durationMs : OVERLOAD_MS
    const overload = withMore
      ? await measureOverload(options(chain), chain, Math.max(1, median(noDrop)), overloadMs)
      : undefined
    measured.push({
      chain: chain.name,
      size,
      noDrop,
      spread: spread(noDrop),
      limitedBy,
      latency,
      roles: best?.roles ?? {},
      burst,
      overload,
    })
  }
}

/** The next search starts at the rate that the chain carried of another size. */
function startRate(chain: Chain): number {
  const last = measured.findLast(entry => entry.chain === chain.name)
  return last === undefined ? 4_000 : Math.max(1_000, Math.round(median(last.noDrop) / 2))
}

// npm run bench: groundwire and what one would use instead, the same trials in turn. See bench/README.md.
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
/** The rate of the latencies that are compared, in datagrams a second: every chain is far from its limit there. */
const LATENCY_RATE = 5_000
/** Trials of it for the first size, in turn: who else runs just then makes any single p99. The table has the middle one. */
const LATENCY_ROUNDS = 5
/** For how long twice the no-drop rate is offered, in ms: queues are full by then, and memory is what it will be. */
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
/** Searches of the first size; of the others there is one. */
const repeat = Number(values.repeat ?? (quick ? 1 : 3))
const say = (text: string) => process.stderr.write(`bench: ${text}\n`)

/** How groundwire is run: as it was built. */
const run: RoleOptions = { groundwire: [process.execPath, dist('cli')], env: process.env }
const groundwire: Peer = {
  name: 'groundwire',
  start: output => startGroundwireChain({ ...run, output, topic: 'bench' }),
}

/** The same with the package zeromq: what the carrier makes of a message's cost. */
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
    // Trial by trial, each in turn: whatever else the machine does meets all of them.
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

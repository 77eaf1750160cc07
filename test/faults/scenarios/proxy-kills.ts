import type { CarrierName } from '../../../src/core/bus/carrier.ts'
import type { Arrivals } from '../arrivals.ts'
import { claimOf, type RoleFigures } from '../figures.ts'
import { Ground, type Source } from '../ground.ts'
import { missingAt } from '../missing.ts'
import { HANDFUL } from '../cell.ts'
import type { Role } from '../role.ts'
import { judgeLoss, judgeRole } from '../verdict.ts'
import { lasting } from '../wait.ts'
import { endAll, reached, type Scenario, startAll } from './scenario.ts'

/** Time that the flow goes on after it has returned, in ms, before the next kill. */
const FLOW_MS = 1_000
const TAPS = 3
/** Most messages that may be lost with a proxy, at 100 per second. */
const MOST = 2
/** The same for CI, where a busy machine may tell a publisher half a second late. */
const MOST_SHORT = 50

interface Trial {
  readonly carrier: CarrierName
  readonly kills: number
  /** Time without a proxy, in ms. */
  readonly deadMs: number
  /** Datagrams per second. */
  readonly rate: number
}

/** A proxy that is killed often loses the messages it holds at that moment, and no more. */
export const kills: Scenario = {
  name: 'kills',
  carriers: ['zmtp', 'libzmq'],
  inShort: true,
  async run(carrier, short) {
    const trial = await killProxy({ carrier, kills: short ? 3 : 20, deadMs: 1_000, rate: 100 })
    const most = short ? MOST_SHORT : MOST
    const worst = trial.lost.map(tap => Math.max(...tap))
    const over = trial.lost.flatMap((tap, index) => {
      const tooMany = tap.filter(lost => lost > most)
      return tooMany.length === 0
        ? []
        : [`tap ${index + 1} lost more than ${most} in a kill: ${tooMany.join(', ')}`]
    })
    return { figures: { ...trial.figures, 'most in a kill': worst }, failures: [...trial.failures, ...over] }
  },
}

/** After an outage no receiver gets less than the others: one's return does not release messages that others wait for. */
export const threeTaps: Scenario = {
  name: 'three-taps',
  carriers: ['zmtp', 'libzmq'],
  inShort: false,
  async run(carrier) {
    const trial = await killProxy({ carrier, kills: 6, deadMs: 3_000, rate: 1_000 })
    const spreads = (trial.lost[0] ?? []).map((_, kill) => {
      const lost = trial.lost.map(tap => tap[kill] ?? 0)
      return Math.max(...lost) - Math.min(...lost)
    })
    const apart = spreads.flatMap((spread, kill) =>
      spread > HANDFUL ? [`in kill ${kill + 1} a tap lost ${spread} more than another one`] : [],
    )
    return { figures: { ...trial.figures, 'differ by': spreads }, failures: [...trial.failures, ...apart] }
  },
}

/** Runs three taps, with a proxy that is killed and started again. */
async function killProxy({ carrier, kills: times, deadMs, rate }: Trial) {
  await using ground = new Ground(carrier)
  const [proxy, udpIn] = [ground.proxy(), ground.udpIn()]
  const taps = Array.from({ length: TAPS }, (_, number) => ground.tap(number))
  const arrivals = taps.map(tap => tap.arrivals)
  await startAll(proxy, udpIn, ...taps.map(({ role }) => role))
  const source = ground.source(rate)
  await reached(rate, arrivals)
  const starts: number[] = []
  for (let kill = 0; kill < times; kill += 1) {
    await oneMore(arrivals)
    starts.push(lowest(arrivals))
    await killOnce(proxy, deadMs, source, arrivals)
    await lasting(FLOW_MS)
  }
  const published = await source.stop()
  await endAll(
    [udpIn],
    taps.map(({ role }) => role),
    proxy,
    arrivals,
  )

  const roles = [proxy, udpIn, ...taps.map(({ role }) => role)].map(role => role.figures())
  const upstream = { published, udpIn: udpIn.figures(), proxy: proxy.figures() }
  const receivers = taps.map(({ role }) => role.figures())
  const lost = arrivals.map(seen =>
    starts.map((from, kill) => seen.missing({ from, to: starts[kill + 1] ?? published })),
  )
  return {
    lost,
    figures: {
      published,
      kills: times,
      missing: lost.map(tap => tap.reduce((sum, messages) => sum + messages, 0)),
      said: receivers.map(role => claimOf(role).lost ?? -1),
    },
    failures: [
      ...roles.flatMap(role => judgeRole(role)),
      ...receivers.flatMap((role: RoleFigures) =>
        judgeLoss({ role, missing: missingAt(role, upstream) }, carrier === 'zmtp'),
      ),
    ],
  }
}

async function killOnce(proxy: Role, deadMs: number, source: Source, arrivals: readonly Arrivals[]) {
  await proxy.kill()
  await lasting(deadMs)
  proxy.start()
  await reached(source.published, arrivals)
}

/** Waits until a new message has arrived everywhere, so that a busy machine's delays are not blamed on the proxy. */
async function oneMore(arrivals: readonly Arrivals[]): Promise<void> {
  const next = Math.max(...arrivals.map(seen => seen.latest())) + 1
  await reached(next, arrivals)
}

/** The sequence number up to which messages have arrived everywhere, or are already lost. */
function lowest(arrivals: readonly Arrivals[]): number {
  return Math.min(...arrivals.map(seen => seen.latest())) + 1
}

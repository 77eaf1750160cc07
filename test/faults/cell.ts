import type { CarrierName } from '../../src/core/bus/carrier.ts'
import { claimOf, lastLedger, type ReceiverFigures } from './figures.ts'
import { Ground } from './ground.ts'
import { missingAt, missingInGaps } from './missing.ts'
import type { Host } from './network.ts'
import type { Role } from './role.ts'
import type { Result } from './result.ts'
import {
  judgeDelivery,
  judgeEqual,
  judgeIntake,
  judgeLoss,
  judgeReturn,
  judgeRole,
  judgeUnheard,
  rangeText,
} from './verdict.ts'
import { lasting, until, untilStill } from './wait.ts'

export const FAULTS = ['stop', 'kill', 'down-5s', 'down-40s'] as const
export type Fault = (typeof FAULTS)[number]
export const VICTIMS: readonly Host[] = ['udp-in', 'proxy', 'udp-out', 'tap']

/** Datagrams per second. */
const RATE = 1_000
/** Time that messages flow before the fault, in ms, and how long after all that waited has come. */
const FLOW_MS = 2_000
const STOP_MS = 3_000
const DEAD_MS = 1_000
/** Longest time for the flow to return, in ms: an attempt to connect takes at most 2 s, and the rest as long again. */
const RETURN_MS = 6_000
/** Time after which the flow counts as stopped for good, in ms. */
const GIVE_UP_MS = 30_000
/** Silence after which nothing more is in transit, in ms. */
const QUIET_MS = 700
/** Largest difference in messages between two receivers that were cut off at once. */
export const HANDFUL = 20
/** Matches any report of unheard messages. */
export const UNHEARD = /unheard|nobody|no subscriber/i

/** One cell of the matrix: udp-in, proxy, udp-out and tap on four hosts, with a fault at one of them while they work. */
export async function runCell(fault: Fault, victim: Host, carrier: CarrierName): Promise<Result> {
  await using ground = new Ground(carrier)
  const roles = { proxy: ground.proxy(), 'udp-out': ground.udpOut(), 'udp-in': ground.udpIn() }
  const tap = ground.tap()
  const all = { ...roles, tap: tap.role }
  const sink = await ground.sink()
  for (const role of Object.values(all)) role.start()
  for (const role of Object.values(all)) await role.ready()
  const arrivals = [sink.arrivals, tap.arrivals]
  const source = ground.source(RATE)
  const isFresh = () => arrivals.every(seen => seen.latest() >= Math.max(0, source.published - RATE / 2))
  if (!(await until(isFresh, GIVE_UP_MS))) throw new Error('nothing flows before the fault')
  await lasting(FLOW_MS)

  const since = await strike(fault, victim, all[victim], ground)
  const ended = performance.now()
  await until(() => isFresh() && arrivals.every(seen => seen.firstAfter(ended) !== undefined), GIVE_UP_MS)
  await lasting(FLOW_MS)

  const published = await source.stop()
  const still = () => untilStill(() => sink.arrivals.count + tap.arrivals.count, QUIET_MS, GIVE_UP_MS)
  await still()
  const told = roles['udp-in'].told(UNHEARD)
  await roles['udp-in'].stop()
  await still()
  for (const role of [tap.role, roles['udp-out'], roles.proxy]) await role.stop()
  const dropped = await sink.stop()

  const udpIn = roles['udp-in'].figures()
  const upstream = { udpIn, proxy: roles.proxy.figures(), published }
  const receivers = [
    { role: roles['udp-out'], seen: sink.arrivals, dropped },
    { role: tap.role, seen: tap.arrivals, dropped: 0 },
  ].map(({ role, seen, dropped: behind }): ReceiverFigures => {
    const figures = role.figures()
    const missing =
      figures.kills === 0
        ? missingAt(figures, upstream)
        : missingInGaps(seen.missing({ since, to: published }), [udpIn])
    const handedOn = seen.count + behind
    return { role: figures, handedOn, misplaced: seen.misplaced, missing, backMs: seen.firstAfter(ended) }
  })
  const everyRole = Object.values(all).map(role => role.figures())
  const exact = carrier === 'zmtp' && fault !== 'kill'
  return {
    kind: 'cell',
    name: `${fault}/${victim}`,
    carrier,
    figures: { published, dropped, roles: everyRole, receivers },
    row: [String(published), ...intake(udpIn), ...receivers.flatMap(receiverCells)],
    failures: [
      ...everyRole.flatMap(role => judgeRole(role)),
      ...judgeIntake(published, udpIn),
      ...judgeUnheard(udpIn, { told, wanted: victim !== 'udp-in' || fault !== 'kill' }),
      ...(victim === 'udp-in' || victim === 'proxy' ? judgeEqual(receivers, HANDFUL) : []),
      ...receivers.flatMap(receiver =>
        judgeLoss(receiver, exact).concat(judgeDelivery(receiver), judgeReturn(receiver, RETURN_MS)),
      ),
    ],
  }
}

/** The columns of a cell's row, after its name and before its verdict. */
export const CELL_COLUMNS = [
  'published',
  'kernel',
  'unheard',
  'sent',
  ...['udp-out', 'tap'].flatMap(name => [`${name} misses`, 'says', 'back']),
]

/** Causes a fault and lets it pass. Returns the time when a killed role started again, or when the fault ended. */
async function strike(fault: Fault, victim: Host, role: Role, { network }: Ground): Promise<number> {
  switch (fault) {
    case 'stop':
      role.signal('SIGSTOP')
      await lasting(STOP_MS)
      role.signal('SIGCONT')
      break
    case 'kill':
      await role.kill()
      await lasting(DEAD_MS)
      return restarted(role)
    case 'down-5s':
    case 'down-40s':
      network.cut(victim)
      await lasting(fault === 'down-5s' ? 5_000 : 40_000)
      network.mend(victim)
  }
  return performance.now()
}

/** Waits for the restart. Its start-up time depends on the machine, so it does not count towards the return of the flow. */
async function restarted(role: Role): Promise<number> {
  const started = performance.now()
  role.start()
  await role.ready()
  return started
}

function intake(udpIn: ReceiverFigures['role']): string[] {
  const ledger = lastLedger(udpIn)
  // The last ledger of a killed role does not cover the whole trial.
  const note = udpIn.kills > 0 ? '+' : ''
  const figures = [ledger?.lost.kernel, ledger?.unheard, ledger?.sent.messages]
  return figures.map(figure => `${figure ?? '?'}${note}`)
}

function receiverCells({ role, missing, backMs }: ReceiverFigures): string[] {
  const { lost, state } = claimOf(role)
  const says = state === 'accounted' ? `${lost}` : `${lost ?? ''} ${state}`.trim()
  return [rangeText(missing), says, backMs === undefined ? 'never' : `${(backMs / 1000).toFixed(1)} s`]
}

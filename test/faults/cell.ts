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

/** Datagrams a second. */
const RATE = 1_000
/** Time that messages flow before the fault, in ms, and how long after all that waited has come. */
const FLOW_MS = 2_000
const STOP_MS = 3_000
const DEAD_MS = 1_000
/** The flow has returned after this, in ms: an attempt to connect takes 2 s at most, and what then follows as long. */
const RETURN_MS = 6_000
/** No flow after this is no flow at all, in ms. */
const GIVE_UP_MS = 30_000
/** Silence after which nothing more is on its way, in ms. */
const QUIET_MS = 700
/** By so many messages two receivers may differ that were cut off at once. */
export const HANDFUL = 20
/** Told of `unheard`, by whatever words. */
export const UNHEARD = /unheard|nobody|no subscriber/i

/** One cell of the matrix: udp-in, proxy, udp-out and tap on four hosts, and a fault of one of them while they work. */
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

/** Makes a fault, and lets it pass. Returns when a role that was killed started again, or when the fault was over. */
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

/** Its start-up is no part of the time that the flow takes to return: that depends on the machine. */
async function restarted(role: Role): Promise<number> {
  const started = performance.now()
  role.start()
  await role.ready()
  return started
}

function intake(udpIn: ReceiverFigures['role']): string[] {
  const ledger = lastLedger(udpIn)
  // A killed one's last words do not hold for all of the trial.
  const note = udpIn.kills > 0 ? '+' : ''
  const figures = [ledger?.lost.kernel, ledger?.unheard, ledger?.sent.messages]
  return figures.map(figure => `${figure ?? '?'}${note}`)
}

function receiverCells({ role, missing, backMs }: ReceiverFigures): string[] {
  const { lost, state } = claimOf(role)
  const says = state === 'accounted' ? `${lost}` : `${lost ?? ''} ${state}`.trim()
  return [rangeText(missing), says, backMs === undefined ? 'never' : `${(backMs / 1000).toFixed(1)} s`]
}

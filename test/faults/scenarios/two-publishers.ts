import { claimOf, lastLedger, type Missing, type RoleFigures } from '../figures.ts'
import { Ground } from '../ground.ts'
import { missingInGaps } from '../missing.ts'
import type { Role } from '../role.ts'
import { judgeLoss, judgeRole, rangeText } from '../verdict.ts'
import { lasting } from '../wait.ts'
import { endAll, reached, type Scenario, startAll } from './scenario.ts'

/** Time that a receiver stays stopped, in ms, after its proxy is there again: longer than publishers wait for anybody. */
const CUT_OFF_MS = 2_000
/** Time that the flow goes on between two events, in ms. */
const FLOW_MS = 2_000

/** Cuts a receiver off from a restarting proxy, so that it misses messages that the others get. */
async function cutOff(receiver: Role, proxy: Role): Promise<void> {
  receiver.signal('SIGSTOP')
  await proxy.kill()
  proxy.start()
  await proxy.ready()
  await lasting(CUT_OFF_MS)
  receiver.signal('SIGCONT')
}

/** Two publishers of one topic, one of them killed repeatedly, do not hide a receiver's losses. */
export const twoPublishers: Scenario = {
  name: 'two-publishers',
  carriers: ['zmtp'],
  inShort: true,
  async run(carrier, short) {
    await using ground = new Ground(carrier)
    const [proxy, steady, killed] = [ground.proxy(), ground.udpIn(), ground.udpIn(1)]
    const [tap, other] = [ground.tap(0, '--fail-on-loss'), ground.tap(1)]
    await startAll(proxy, tap.role, other.role, steady, killed)
    const sources = [ground.source(100), ground.source(900, { number: 1 })] as const
    await reached(0, [tap.arrivals, other.arrivals], 1)
    for (let kill = 0; kill < (short ? 2 : 6); kill += 1) {
      await lasting(FLOW_MS)
      await killed.kill()
      killed.start()
      await killed.ready()
    }
    await lasting(FLOW_MS)
    await cutOff(tap.role, proxy)
    await reached(sources[1].published, [tap.arrivals, other.arrivals], 1)
    await lasting(FLOW_MS)
    const published = [await sources[0].stop(), await sources[1].stop()] as const
    const arrivals = [tap.arrivals, other.arrivals]
    await endAll([steady, killed], [tap.role, other.role], proxy, arrivals)

    const receivers = [tap, other].map(({ role, arrivals: seen }) => {
      const ofSteady = (lastLedger(steady.figures())?.sent.messages ?? 0) - seen.sequences().size
      const sequences = seen.sequences({ source: 1 })
      // The last life of the killed one knows what it sent. For its earlier lives, no complete count exists.
      const life = lastLedger(killed.figures())
      const from = published[1] - (life?.received.messages ?? 0) - (life?.lost.kernel ?? 0)
      const ofItsLife =
        (life?.sent.messages ?? 0) - [...sequences].filter(sequence => sequence >= from).length
      const least = ofSteady + ofItsLife
      return { role: role.figures(), missing: { least, most: ofSteady + published[1] - sequences.size } }
    })
    const [cut] = receivers
    return {
      figures: {
        published: published[0] + published[1],
        kills: killed.figures().kills,
        ...missedAndSaid(receivers),
      },
      failures: [
        ...[proxy, steady, killed, other.role].flatMap(role => judgeRole(role.figures())),
        // It was started with --fail-on-loss.
        ...judgeRole(tap.role.figures(), 6),
        ...judgeTrial(cut?.missing),
        ...receivers.flatMap(receiver => judgeLoss(receiver, true)),
      ],
    }
  },
}

/** A receiver late to two busy publishers knows its losses from then on. */
export const lateReceiver: Scenario = {
  name: 'late-receiver',
  carriers: ['zmtp'],
  inShort: false,
  async run(carrier) {
    await using ground = new Ground(carrier)
    const [proxy, ...udpIns] = [ground.proxy(), ground.udpIn(), ground.udpIn(1)]
    const [tap, late] = [ground.tap(), ground.tap(1)]
    await startAll(proxy, ...udpIns, tap.role)
    const sources = [ground.source(900), ground.source(1_000, { number: 1 })] as const
    await lasting(FLOW_MS)
    await startAll(late.role)
    await lasting(FLOW_MS)
    await cutOff(late.role, proxy)
    for (const source of [0, 1] as const) await reached(sources[source].published, [late.arrivals], source)
    await lasting(FLOW_MS)
    const published = [await sources[0].stop(), await sources[1].stop()] as const
    await endAll(udpIns, [tap.role, late.role], proxy, [tap.arrivals, late.arrivals])

    const gaps = published.map((to, source) => late.arrivals.missing({ source, to }))
    const role = late.role.figures()
    const missing = missingInGaps(
      gaps.reduce((sum, gap) => sum + gap, 0),
      udpIns.map(udpIn => udpIn.figures()),
    )
    return {
      figures: { published: published[0] + published[1], ...missedAndSaid([{ role, missing }]) },
      failures: [
        ...[proxy, ...udpIns, tap.role, late.role].flatMap(each => judgeRole(each.figures())),
        ...judgeTrial(missing),
        ...judgeLoss({ role, missing }, true),
      ],
    }
  },
}

/** A trial without a loss proves nothing. */
function judgeTrial(missing: Missing | undefined): string[] {
  return missing !== undefined && missing.least > 0 ? [] : ['the receiver that was cut off misses nothing']
}

function missedAndSaid(
  receivers: readonly { role: RoleFigures; missing: Missing }[],
): Record<string, string> {
  return Object.fromEntries(
    receivers.flatMap(({ role, missing }) => {
      const { lost, state } = claimOf(role)
      return [
        [`${role.name} misses`, rangeText(missing)],
        [`${role.name} says`, `${lost ?? 'null'} (${state})`],
      ]
    }),
  )
}

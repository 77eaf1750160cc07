import { lastLedger } from '../figures.ts'
import { Ground } from '../ground.ts'
import { judgeLoss, judgeRole, judgeUnheard } from '../verdict.ts'
import { UNHEARD } from '../cell.ts'
import { lasting, until } from '../wait.ts'
import { endAll, type Scenario } from './scenario.ts'

const DATAGRAMS = 120
const RATE = 50
const PROXY_AFTER_MS = 2_000
/** Time by which the last datagram has arrived everywhere, in ms, or never will. */
const ALL_THERE_MS = 10_000

/** The proxy starts last. Everybody gets all waiting messages. */
export const startUp: Scenario = {
  name: 'start-up',
  carriers: ['zmtp', 'libzmq'],
  inShort: true,
  async run(carrier) {
    await using ground = new Ground(carrier)
    const [proxy, udpIn, udpOut, tap] = [ground.proxy(), ground.udpIn(), ground.udpOut(), ground.tap()]
    const sink = await ground.sink()
    for (const role of [udpOut, tap.role, udpIn]) {
      role.start()
      await role.settled()
    }
    const source = ground.source(RATE, { count: DATAGRAMS })
    await lasting(PROXY_AFTER_MS)
    proxy.start()
    const arrivals = [sink.arrivals, tap.arrivals]
    await until(() => arrivals.every(seen => seen.latest() === DATAGRAMS - 1), ALL_THERE_MS)
    await source.stop()
    const told = udpIn.told(UNHEARD)
    await endAll([udpIn], [udpOut, tap.role], proxy, arrivals)

    const roles = [udpIn, proxy, udpOut, tap.role].map(role => role.figures())
    const missing = arrivals.map(seen => DATAGRAMS - seen.count)
    const receivers = [udpOut, tap.role].map(role => role.figures())
    return {
      figures: {
        published: DATAGRAMS,
        sent: lastLedger(udpIn.figures())?.sent.messages ?? '?',
        'udp-out misses': missing[0] ?? '?',
        'tap misses': missing[1] ?? '?',
      },
      failures: [
        ...roles.flatMap(role => judgeRole(role)),
        ...judgeUnheard(udpIn.figures(), { told, wanted: true }),
        ...receivers.flatMap((role, index) => {
          const least = missing[index] ?? DATAGRAMS
          const lost = least > 0 ? [`${role.name} misses ${least} of what waited for the proxy`] : []
          return lost.concat(judgeLoss({ role, missing: { least, most: least } }, carrier === 'zmtp'))
        }),
      ],
    }
  },
}

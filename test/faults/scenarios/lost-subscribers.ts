import { UNHEARD } from '../cell.ts'
import { lastLedger, type RoleFigures, TOPIC } from '../figures.ts'
import { Ground, XPUB_PORT } from '../ground.ts'
import { judgeRole } from '../verdict.ts'
import { lasting, until } from '../wait.ts'
import { endAll, quiet, reached, type Scenario, startAll } from './scenario.ts'

/** Bytes of a datagram, large enough to fill queues. */
const LARGE = 1_400
/** Most bytes that are in neither the proxy's queue nor the kernel's: one write of the proxy, and one read of the tap. */
const BETWEEN = 2 << 20

/** A tap dies with unsent messages at the proxy. They are `dropped`, and the proxy's line about its leaving says so. */
export const deadTap: Scenario = {
  name: 'dead-tap',
  carriers: ['zmtp'],
  inShort: true,
  async run(carrier) {
    await using ground = new Ground(carrier, LARGE)
    const [proxy, udpIn, tap] = [ground.proxy(), ground.udpIn(), ground.tap()]
    await startAll(proxy, tap.role, udpIn)
    // More than the kernel's buffers hold, and less than they and the proxy's queue hold together.
    const count = 14_000
    const source = ground.source(4_000, { count })
    await reached(200, [tap.arrivals])
    tap.role.signal('SIGSTOP')
    const { network } = ground
    let inKernel = 0
    // The most at any time: where all this takes over 15 s, the proxy cuts the tap off, and the system forgets its side.
    const measure = () => {
      const bytes = network.queuedBytes('proxy', XPUB_PORT) + network.queuedBytes('tap', XPUB_PORT)
      inKernel = Math.max(inKernel, bytes)
    }
    await until(() => {
      measure()
      return source.published === count
    }, 20_000)
    await lasting(1_000)
    await quiet(tap.arrivals)
    measure()
    await tap.role.kill()
    const left = () => proxy.said.split('\n').filter(line => /subscriber.* (left|is cut off)/.test(line))
    await until(() => left().length > 0, 5_000)
    await endAll([udpIn], [], proxy, [])

    const roles = [udpIn, proxy].map(role => role.figures())
    const forwarded = lastLedger(proxy.figures())?.sent.messages ?? 0
    const [most, dropped] = [forwarded - tap.arrivals.count, droppedBy(proxy.figures())]
    // Messages in the kernel's buffers are lost too: nobody can know whether the tap had read them.
    const least = Math.max(1, Math.floor(most - (inKernel + BETWEEN) / LARGE))
    const failures = roles.flatMap(role => judgeRole(role))
    if (dropped < least || dropped > most)
      failures.push(`the proxy says that it dropped ${dropped}, and ${least} to ${most} are missing`)
    // It tells those that still waited; earlier ones may have been dropped because the queue was full.
    const waited = left().map(line => Number(/: (\d+) messages? that waited/.exec(line)?.[1] ?? 0))
    if (!waited.some(messages => messages > 0 && messages <= dropped))
      failures.push(
        `the line that the subscriber left does not say how many were dropped: ${left().join(' ')}`,
      )
    return {
      figures: { forwarded, 'tap got': tap.arrivals.count, 'bytes in the kernel': inKernel, dropped },
      failures,
    }
  },
}

/** A subscriber's host is cut off for good. The proxy forgets it in time, and `publish --wait` does not count it. */
export const halfOpen: Scenario = {
  name: 'half-open',
  carriers: ['zmtp', 'libzmq'],
  inShort: false,
  async run(carrier) {
    const FORGOTTEN_MS = 21_000
    await using ground = new Ground(carrier)
    const [proxy, udpIn, tap] = [ground.proxy(), ground.udpIn(), ground.tap()]
    await startAll(proxy, tap.role, udpIn)
    const source = ground.source(1_000)
    await reached(1_000, [tap.arrivals])
    ground.network.cut('tap')
    await lasting(FORGOTTEN_MS)
    const code = await ground.code('udp-in', `publish ${TOPIC} x --wait 1s --xsub ${ground.xsub}`)
    await source.stop()
    await lasting(500)
    const told = udpIn.told(UNHEARD)
    await udpIn.stop()
    await proxy.stop()
    ground.network.mend('tap')
    await tap.role.stop()

    const [publisher, broker] = [udpIn.figures(), proxy.figures()]
    const unheard = lastLedger(publisher)?.unheard ?? 0
    const failures = [publisher, broker].flatMap(role => judgeRole(role))
    if (code !== 3) failures.push(`publish --wait exits with ${code}, as though somebody listened`)
    if (unheard === 0 || !told)
      failures.push(`udp-in does not tell that nobody hears it (unheard ${unheard})`)
    const dropped = droppedBy(broker)
    // Over libzmq, drops per subscriber are not known.
    if (carrier === 'zmtp' && dropped === 0) failures.push('the proxy dropped nothing for it, by its ledger')
    return { figures: { 'publish exits': String(code), unheard, dropped }, failures }
  },
}

/** Messages that a proxy has dropped for its subscribers. */
function droppedBy(proxy: RoleFigures): number {
  const dropped = (lastLedger(proxy)?.['dropped'] ?? {}) as Record<string, number>
  return Object.values(dropped).reduce((sum, messages) => sum + messages, 0)
}

import { Broker } from '../../core/bus/broker.ts'
import type { BrokerEvent } from '../../core/bus/broker-options.ts'
import type { DescriptorEvent } from '../../core/bus/carrier.ts'
import type { SlowSubscriber } from '../../core/bus/slow-subscribers.ts'
import { bindOptions, carrierOption, defineCommand } from '../shared/command-line/command.ts'
import { LimitReporter } from './limit-reporter.ts'
import { limits } from './limits-option.ts'
import { RefusalReporter } from '../shared/reports.ts'
import { runRole } from '../shared/run-role.ts'
import type { Session } from '../shared/session.ts'

const NOTES = `Limits, with their defaults: frame=64M (the largest frame), queue=16M and queues=128M (what waits for one
subscriber, and for all), reassembly=96M (messages that have not come whole), connections=1024 and handshakes=256 (at each side),
subscriptions=16384 and prefixes=1M (of one subscriber, and the bytes of their prefixes), all-subscriptions=65536 and
all-prefixes=16M (of all), accounts=16384 and accounted-publishers=65536 (whose losses are counted). The ledger counts under
'limits' what was refused or dropped for each.`

export default defineCommand({
  arguments: {},
  options: {
    ...bindOptions,
    ...carrierOption,
    limits: {
      describe: "the proxy's limits, by name: queues=256M,connections=200; the notes list the names",
      parse: limits,
    },
  },
  examples: [
    ['proxy', "on AIT's own ports, reachable from this host"],
    ['proxy --xsub "tcp://*:5559" --xpub "tcp://*:5560"', 'reachable from every host of the network'],
    ['proxy --xpub tcp://127.0.0.1:5560 --xpub ipc:///run/bus.sock', 'at several endpoints'],
    ['proxy --limits queues=512M,queue=64M', 'hold more for slow subscribers'],
  ],
  notes: NOTES,
  async run(values, session) {
    const { xsub, xpub, carrier } = values
    const options = { xsub, xpub, carrier, ledger: session.ledger }
    const broker = new Broker({ ...options, ...(values.limits && { limits: values.limits }) })
    const reporter = new LimitReporter(session.terminal)
    const refusals = new RefusalReporter(session.terminal)
    broker.on('limit', reporter.report)
    broker.on('descriptors', event => reportDescriptors(session, event))
    broker.on('peer', event => reportPeer(session, refusals, event))
    broker.on('slow', subscriber => reportSlow(session, subscriber))
    return runRole(session, broker, {
      ready: bound =>
        `publishers at ${bound.xsub.join(', ')} (xsub), subscribers at ${bound.xpub.join(', ')} (xpub)`,
      flush: () => {
        reporter.flush()
        refusals.flush()
      },
    })
  },
})

const PARTY = { xsub: 'publisher', xpub: 'subscriber' } as const

function reportSlow({ terminal }: Session, { peer, behind, dropped }: SlowSubscriber): void {
  const lost = dropped === undefined ? '' : `; ${dropped} messages were dropped for it`
  if (behind === 0) terminal.info(`the subscriber at ${peer} has caught up${lost}`)
  else
    terminal.warn(
      `the subscriber at ${peer} is slow: ${behind} bytes behind; what it has no room for is dropped`,
    )
}

function reportPeer({ terminal }: Session, refusals: RefusalReporter, event: BrokerEvent): void {
  const { type, side, detail, peer, dropped = 0 } = event
  const from = peer === undefined ? '' : ` from ${peer}`
  switch (type) {
    case 'joined':
      terminal.detail(`a ${PARTY[side]} joined at ${detail}${from}`)
      break
    case 'left':
      if (dropped > 0) terminal.warn(`the ${PARTY[side]}${from} left ${detail}: ${waiting(dropped)}`)
      else terminal.detail(`the ${PARTY[side]}${from} left ${detail}`)
      break
    case 'refused':
      if (dropped > 0) terminal.warn(`the ${PARTY[side]}${from} is cut off: ${waiting(dropped)}`)
      refusals.report(`at ${detail} (${side})${from}`, event)
      break
    case 'subscribed':
    case 'unsubscribed':
      terminal.detail(`${type}: ${detail === '' ? 'everything' : `'${detail}'`}`)
  }
}

/** Counts the messages that waited for a subscriber when its connection ended. */
function waiting(dropped: number): string {
  return dropped === 1
    ? '1 message that waited for it is dropped'
    : `${dropped} messages that waited for it are dropped`
}

function reportDescriptors({ terminal }: Session, { type, limit, reserve }: DescriptorEvent): void {
  if (type === 'enough') terminal.info('there are enough file descriptors again: connections are taken in')
  else
    terminal.warn(
      `no more connections are taken in: all but ${reserve} of ${limit} file descriptors are in use; ` +
        'ulimit -n, or LimitNOFILE= of its service, sets how many there may be',
    )
}

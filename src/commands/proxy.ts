import { Broker, type BrokerEvent } from '../core/bus/broker.ts'
import type { SlowSubscriber } from '../core/bus/slow-subscribers.ts'
import { bindOptions, carrierOption, defineCommand } from './command.ts'
import { RefusalReporter } from './reports.ts'
import type { Session } from './session.ts'

export default defineCommand({
  arguments: {},
  options: { ...bindOptions, ...carrierOption },
  examples: [
    ['proxy', "on AIT's own ports, reachable from this host"],
    ['proxy --xsub "tcp://*:5559" --xpub "tcp://*:5560"', 'reachable from every host of the network'],
    ['proxy --xpub tcp://127.0.0.1:5560 --xpub ipc:///run/bus.sock', 'at several endpoints'],
  ],
  async run(values, session) {
    const { xsub, xpub, carrier } = values
    const broker = new Broker({ xsub, xpub, carrier, ledger: session.ledger })
    broker.on('loss', session.losses.report)
    const refusals = new RefusalReporter(session.terminal)
    broker.on('peer', event => reportPeer(session, refusals, event))
    broker.on('slow', subscriber => reportSlow(session, subscriber))
    try {
      await session.keepBooks()
      const bound = await broker.start()
      session.terminal.info(
        `ready: publishers at ${bound.xsub.join(', ')} (xsub), subscribers at ${bound.xpub.join(', ')} (xpub)`,
      )
      await session.untilEnded()
    } catch (error) {
      await broker.close()
      throw error
    }
    refusals.flush()
    return session.finish(broker)
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
  const { type, side, detail, peer } = event
  const from = peer === undefined ? '' : ` from ${peer}`
  switch (type) {
    case 'joined':
      terminal.detail(`a ${PARTY[side]} joined at ${detail}${from}`)
      break
    case 'left':
      terminal.detail(`the ${PARTY[side]}${from} left ${detail}`)
      break
    case 'refused':
      refusals.report(`at ${detail} (${side})${from}`, event)
      break
    case 'subscribed':
    case 'unsubscribed':
      terminal.detail(`${type}: ${detail === '' ? 'everything' : `'${detail}'`}`)
  }
}

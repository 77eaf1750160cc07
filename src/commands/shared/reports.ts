import type { PeerEvent } from '../../core/bus/carrier.ts'
import type { RoleLinkEvent } from '../../core/client/zmq-client.ts'
import type { Loss, Unheard } from '../../core/ledger.ts'
import { grouped } from '../../core/format/figures.ts'
import { Reporter } from './reporter.ts'
import type { Terminal } from './terminal/terminal.ts'

/** Number of unheard topics reported one by one. */
const MAX_TOPICS = 64

/** Reports the first lost message of each cause, and then counts. */
export class LossReporter {
  readonly #terminal: Terminal
  readonly #reporter: Reporter

  constructor(terminal: Terminal) {
    this.#terminal = terminal
    this.#reporter = new Reporter(terminal, {
      more: (messages, cause) => `${messages} more (${cause})`,
      join: counts => `lost ${counts.join(', ')}`,
    })
  }

  readonly report = ({ cause, reason, messages = 1, error }: Loss): void => {
    const first = () => `lost ${messages === 1 ? 'a message' : `${messages} messages`} (${cause}): ${reason}`
    const isFirst = this.#reporter.report(cause, first, messages)
    if (isFirst) this.#terminal.origin(error)
  }

  flush(): void {
    this.#reporter.flush()
  }
}

/**
 * Reports, topic by topic, the first message without a subscriber. It goes on to count those of a topic that had been heard
 * before, as something has probably broken there.
 */
export class UnheardReporter {
  readonly #never: Reporter
  readonly #noLonger: Reporter

  constructor(terminal: Terminal) {
    this.#never = new Reporter(terminal, { more: moreUnheard, kinds: MAX_TOPICS })
    this.#noLonger = new Reporter(terminal, { more: moreUnheard, kinds: MAX_TOPICS })
  }

  readonly report = ({ topic, messages, heardBefore }: Unheard): void => {
    const anyMore = heardBefore ? ' any more' : ''
    const first = () => `nobody listens to '${topic}'${anyMore}: its messages count as unheard`
    if (heardBefore) this.#noLonger.report(topic, first, messages)
    else this.#never.begin(topic, first, messages)
  }

  flush(): void {
    this.#never.flush()
    this.#noLonger.flush()
  }
}

function moreUnheard(messages: number, topic: string | undefined): string {
  const name = topic === undefined ? 'other topics' : `'${topic}'`
  return `${grouped(messages)} more message${messages === 1 ? '' : 's'} of ${name} ${messages === 1 ? 'is' : 'are'} unheard`
}

/** Reports each change of a role's connections, a line each. */
export class LinkReporter {
  readonly #terminal: Terminal
  /** The sides of the proxy whose connection was lost and is not back yet. */
  readonly #lost = new Set<RoleLinkEvent['side']>()

  constructor(terminal: Terminal) {
    this.#terminal = terminal
  }

  readonly report = ({ type, url, reason }: RoleLinkEvent): void => {
    switch (type) {
      case 'waiting':
        this.#terminal.info(`waiting for the proxy at ${url}${reason === undefined ? '' : `: ${reason}`}`)
        void this.#terminal.wait(`waiting for the proxy at ${url}`)
        break
      case 'connected':
        this.#terminal.settle()
        break
      case 'lost':
        this.#terminal.warn(
          `lost the connection to the proxy at ${url}${reason === undefined ? '' : ` (${reason})`}, waiting for it to return`,
        )
        void this.#terminal.wait(`waiting for the proxy at ${url}`)
        break
      case 'refused':
        this.#terminal.warn(`${url} refused the connection: ${reason ?? 'no reason given'}`)
    }
  }

  /** The same, for a command without a message of its own when it is connected again. */
  readonly reportWithReturn = (event: RoleLinkEvent): void => {
    const { type, side, url } = event
    this.report(event)
    if (type === 'lost') this.#lost.add(side)
    if (type === 'connected' && this.#lost.delete(side)) this.#terminal.info(`back: connected to ${url}`)
  }
}

/** Reports the first refused connection of each reason, and then counts. */
export class RefusalReporter {
  readonly #reporter: Reporter

  constructor(terminal: Terminal) {
    this.#reporter = new Reporter(terminal, {
      more: (connections, reason = 'other reasons') =>
        `refused ${grouped(connections)} more connection${connections === 1 ? '' : 's'}: ${reason}`,
    })
  }

  report(where: string, { reason = 'no reason given' }: Pick<PeerEvent, 'reason'>): void {
    this.#reporter.report(reason, () => `refused a connection ${where}: ${reason}`)
  }

  flush(): void {
    this.#reporter.flush()
  }
}

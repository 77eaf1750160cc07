import type { LimitEvent, LimitName } from '../../core/bus/limits.ts'
import { grouped } from '../../core/format/figures.ts'
import { Reporter } from '../shared/reporter.ts'
import type { Terminal } from '../shared/terminal/terminal.ts'

/** Reports a limit when it is first reached, and then counts the refused, dropped or cut off items. */
export class LimitReporter {
  readonly #reporter: Reporter
  readonly #units = new Map<string, LimitEvent['unit']>()

  constructor(terminal: Terminal) {
    this.#reporter = new Reporter(terminal, {
      more: (count, limit = '') => `${grouped(count)} more ${this.#units.get(limit) ?? ''} (${limit})`,
      join: counts => `limits: refused, dropped or cut off ${counts.join(', ')}`,
    })
  }

  readonly report = ({ limit, value, count, unit }: LimitEvent): void => {
    this.#units.set(limit, unit)
    const first = () =>
      `the limit ${limit}=${value} is reached: ${POLICIES[limit]}; --limits ${limit}=… sets it`
    this.#reporter.report(limit, first, count)
  }

  /** Reports the counts since the last report. */
  flush(): void {
    this.#reporter.flush()
  }
}

/** Effect of each limit. */
const POLICIES: Readonly<Record<LimitName, string>> = {
  frame: 'a message with a larger frame is passed over',
  queue: 'what comes for a subscriber whose queue is full is dropped for it',
  queues: 'the longest queue of a subscriber is dropped',
  reassembly: 'the publisher that holds the most of unfinished messages is cut off',
  connections: 'no further one is taken in',
  handshakes: 'the oldest one of the host that has the most is cut off',
  subscriptions: "a subscriber's further subscriptions are refused",
  'all-subscriptions': 'further subscriptions are refused',
  prefixes: "a subscriber's further subscriptions are refused",
  'all-prefixes': 'further subscriptions are refused',
  accounts: 'losses of further topics are not counted, and their subscribers are told so',
  'accounted-publishers': 'losses of further publishers on their way here are not counted',
}

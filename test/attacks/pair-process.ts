import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { program } from '../../scripts/project.ts'

export interface PairRequest {
  readonly xsub: string
  readonly xpub: string
  /** Messages a second. */
  readonly rate: number
  /** So many, or fewer where it is stopped before. */
  readonly messages: number
}

/** How a rightful publisher and its subscriber fared. */
export interface PairReport {
  readonly sent: number
  readonly received: number
  /** The longest that a message was on its way, in ms. */
  readonly slowestMs: number
  /** Time that it took until the publisher had heard of its subscriber, in ms. */
  readonly connectedMs: number
}

type Answer = { ready: true } | { report: PairReport } | { error: string }

/** A rightful publisher and its subscriber, beside an attack. */
export class Pair {
  readonly #process: ChildProcess

  /** Starts a pair, and resolves once its messages flow. */
  static async start(request: PairRequest): Promise<Pair> {
    const pair = new Pair()
    pair.#process.send(request)
    await pair.#answer()
    return pair
  }

  private constructor() {
    const { file, execArgv } = program(import.meta.dirname, 'pair')
    this.#process = fork(file, { execArgv })
  }

  /** Lets it finish what it has to send. */
  async finish(): Promise<PairReport> {
    const answer = await this.#answer()
    this.#process.disconnect()
    if (!('report' in answer)) throw new Error('the pair started twice')
    return answer.report
  }

  /** Ends it: it sends nothing more, and waits for what is on its way. */
  async stop(): Promise<PairReport> {
    const report = this.finish()
    this.#process.send('stop')
    return report
  }

  async #answer(): Promise<Answer> {
    const gone = once(this.#process, 'exit').then(([code]) => {
      throw new Error(`the pair ended with exit ${code}`)
    })
    const [answer] = (await Promise.race([once(this.#process, 'message'), gone])) as [Answer]
    gone.catch(() => {})
    if ('error' in answer) throw new Error(`the pair failed: ${answer.error}`)
    return answer
  }
}

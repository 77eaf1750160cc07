import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { program } from '../../scripts/project.ts'

/** A client's keys, in hexadecimal. */
export interface PairKeys {
  readonly publicKey: string
  readonly secretKey: string
  readonly serverKey: string
}

export interface PairRequest {
  readonly keys?: PairKeys | undefined
  readonly xsub: string
  readonly xpub: string
  /** Messages per second. */
  readonly rate: number
  /** Number of messages; fewer if it is stopped earlier. */
  readonly messages: number
}

/** Report of a legitimate publisher and its subscriber. */
export interface PairReport {
  readonly sent: number
  readonly received: number
  /** Longest transit time of a message, in ms. */
  readonly slowestMs: number
  /** Time that it took until the publisher had heard of its subscriber, in ms. */
  readonly connectedMs: number
}

type Answer = { ready: true } | { report: PairReport } | { error: string }

/** A legitimate publisher and its subscriber, running during an attack. */
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

  /** Waits until all its messages are sent. */
  async finish(): Promise<PairReport> {
    const answer = await this.#answer()
    this.#process.disconnect()
    if (!('report' in answer)) throw new Error('the pair started twice')
    return answer.report
  }

  /** Stops sending, and waits for messages in transit. */
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

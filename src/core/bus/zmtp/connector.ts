import { connect } from 'node:net'
import { type LinkEvent, LinkState } from '../link.ts'
import { connectOptions } from './address.ts'
import { Connection, type ConnectionHandlers, type ConnectionOptions, type Ending } from './connection.ts'

/**
 * How soon another attempt is made, in ms: twice as long each time, up to a limit, and longer where somebody is there who will not
 * have us: each attempt is a line in its log. Some of it is left to chance.
 */
const RETRY_MS = { first: 100, most: 1_000, refused: 5_000 } as const

export interface ConnectorOptions extends ConnectionOptions {
  readonly url: string
  readonly handlers: Omit<ConnectionHandlers, 'onEnd'> & {
    /** The connection that was open is over. */
    readonly onLost: () => void
  }
  readonly onLink: (event: LinkEvent) => void
}

/** Connects to a proxy, as often as it takes, and again whenever the connection is lost. */
export class Connector {
  readonly #options: ConnectorOptions
  readonly #link: LinkState
  #connection: Connection | undefined
  #open = false
  #attempts = 0
  #retryTimer: NodeJS.Timeout | undefined
  #closed = false

  constructor(options: ConnectorOptions) {
    this.#options = options
    this.#link = new LinkState(options.url, options.onLink)
    this.#dial()
  }

  /** The connection, while there is one whose handshake is done. */
  get connection(): Connection | undefined {
    return this.#open ? this.#connection : undefined
  }

  close(linger: number): void {
    if (this.#closed) return
    this.#closed = true
    clearTimeout(this.#retryTimer)
    this.#link.close()
    this.#connection?.close(linger)
  }

  #dial(): void {
    const { handlers, ...options } = this.#options
    this.#connection = new Connection(connect(connectOptions(options.url)), options, {
      ...handlers,
      onOpen: connection => {
        this.#open = true
        this.#attempts = 0
        this.#link.become('connected')
        handlers.onOpen(connection)
      },
      onEnd: ending => this.#onEnd(ending),
    })
  }

  #onEnd({ after, fault }: Ending): void {
    const wasOpen = this.#open
    this.#open = false
    this.#connection = undefined
    if (this.#closed) return
    if (wasOpen) {
      this.#link.become('lost', fault)
      this.#options.handlers.onLost()
    } else if (fault !== undefined) this.#link.become('refused', fault)
    else if (after === 'greeting') this.#link.become('refused', 'it hung up on us')
    else this.#link.wait()
    const most = this.#link.state === 'refused' ? RETRY_MS.refused : RETRY_MS.most
    const wait = Math.min(most, RETRY_MS.first * 2 ** Math.min(this.#attempts++, 10))
    this.#retryTimer = setTimeout(() => this.#dial(), wait * (0.75 + Math.random() / 4))
  }
}

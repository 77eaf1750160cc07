import { connect } from 'node:net'
import { DENIED_MS, type LinkEvent, LinkState, SURE_HANG_UPS } from '../link.ts'
import { connectOptions } from './address.ts'
import { Connection } from './connection.ts'
import type { ConnectionHandlers, ConnectionOptions, Ending } from './connection-options.ts'

/**
 * Time to wait before the next attempt, in ms. A role that was there before the proxy has to be back before publishers
 * send what they held (see subscription-sync.ts), so it tries often in the first minute. A proxy that refuses us writes a line for
 * each attempt, so that these become rare.
 */
const RETRY_MS = { often: 200, long: 1_000, refused: 5_000 } as const
/** The first minute of an absence, in ms. */
const OFTEN_MS = 60_000
/** Time that the system may take to open a connection, in ms. Linux would repeat its SYN after up to 30 s and more. */
const ATTEMPT_MS = 2_000

export interface ConnectorOptions extends ConnectionOptions {
  readonly url: string
  readonly handlers: Omit<ConnectionHandlers<Connection>, 'onEnd'> & {
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
  /** Refusals in a row, those of them that were for the keys, and hang-ups. */
  #refusals = 0
  #denials = 0
  #hangUps = 0
  /** When the present absence began, on the monotonic clock in ms. */
  #awaySince = performance.now()
  /** Nothing has answered since the last connection, or attempt, that was closed or refused. */
  #silent = false
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
    this.#options.security?.close()
  }

  #dial(): void {
    const { handlers, ...options } = this.#options
    const socket = connect(connectOptions(options.url))
    const timer = setTimeout(() => {
      this.#silent = true
      socket.destroy()
    }, ATTEMPT_MS)
    socket.once('connect', () => clearTimeout(timer))
    this.#connection = new Connection(socket, options, {
      ...handlers,
      onOpen: connection => {
        this.#open = true
        this.#refusals = 0
        this.#denials = 0
        this.#hangUps = 0
        this.#link.become('connected', { afterSilence: this.#silent })
        this.#silent = false
        handlers.onOpen(connection)
      },
      onEnd: ending => {
        clearTimeout(timer)
        this.#onEnd(ending)
      },
    })
  }

  #onEnd({ after, fault, hangUp, isDenied = false, silent = false, error }: Ending): void {
    const wasOpen = this.#open
    this.#open = false
    this.#connection = undefined
    if (this.#closed) return
    if (silent) this.#silent = true
    else if (error !== undefined) this.#silent = false
    if (wasOpen) {
      this.#awaySince = performance.now()
      this.#link.become('lost', { reason: fault })
      this.#options.handlers.onLost()
    } else if (fault !== undefined) this.#refused(fault, isDenied)
    else if (after === 'greeting') this.#hungUp(hangUp)
    else this.#link.wait(reasonOf(error))
    this.#retryTimer = setTimeout(() => this.#dial(), this.#retryMs * (0.75 + Math.random() / 4))
  }

  /** @param isDenied our key is not admitted, or the keys of the two sides do not fit */
  #refused(reason: string, isDenied: boolean): void {
    this.#refusals += 1
    this.#denials = isDenied ? this.#denials + 1 : 0
    this.#link.become('refused', { reason, isDenied })
  }

  /** A proxy that ends, or has too much to do, hangs up once or twice; one that can't read our keys, each time. */
  #hungUp(dueToKeys: string | undefined): void {
    this.#hangUps += 1
    if (dueToKeys === undefined) this.#refused('it hung up on us', false)
    else if (this.#hangUps >= SURE_HANG_UPS) this.#refused(dueToKeys, true)
  }

  get #retryMs(): number {
    if (this.#denials > 0)
      return Math.min(DENIED_MS.most, DENIED_MS.first * 2 ** Math.min(this.#denials - 1, 10))
    if (this.#refusals > 0)
      return Math.min(RETRY_MS.refused, RETRY_MS.often * 2 ** Math.min(this.#refusals, 10))
    return performance.now() - this.#awaySince < OFTEN_MS ? RETRY_MS.often : RETRY_MS.long
  }
}

/** A name that is not known is worth a word: it may be mistyped. All other errors mean that nobody is there. */
function reasonOf(error: NodeJS.ErrnoException | undefined): string | undefined {
  if (error?.syscall !== 'getaddrinfo') return undefined
  return `the host name '${(error as { hostname?: string }).hostname}' can't be resolved`
}

import { EventEmitter } from 'node:events'
import { isThenable, unlessAborted, type WaitOptions } from './condition.ts'
import { GroundwireError } from './errors.ts'
import { Ledger, type Loss, type LossCause } from './ledger.ts'

/** A listener of a role's events that threw, or whose promise rejected. */
export interface ListenerError {
  /** The event that it listened to. */
  readonly event: string
  readonly error: unknown
}

/** Events of every role. None of these has to be listened to. */
export interface BaseEvents {
  /** Messages were lost. There is one event for each, so a listener that writes has to thin them out. */
  loss: [Loss]
  /**
   * A listener threw. That ends nothing and changes no account: the other listeners are still told. Each listener is
   * reported once; where nobody listens to this event, its error is dropped.
   */
  listenerError: [ListenerError]
}

/** Options of a role's `close`. */
export interface CloseOptions {
  /** Time for data on its way to go out after the promise has resolved, in ms. Default 0. */
  readonly linger?: number
}

/** A socket that a role opens, sees out and closes, or several. */
export interface RolePart {
  open?(options: WaitOptions): void | Promise<void>
  /** Takes nothing more in. Resolves once all that came in has been handled. */
  settle?(options: WaitOptions): Promise<void>
  /** Resolves once all that was given to it has gone, or is counted. */
  flush?(options: WaitOptions): Promise<void>
  /** Gives back all that it holds, and counts what is in hand. May be called at any time, before `open` and after `close` too. */
  close(linger: number): void | Promise<void>
}

// Names that no subclass can use by accident: what is keyed by them is for groundwire's own roles.
/** The role's parts: opened, and flushed, in this order. */
export const PARTS: unique symbol = Symbol('parts')
/** The result of `start`. */
export const OPENED: unique symbol = Symbol('opened')
/** Waits for something that the role may do while it is open. */
export const WHILE_OPEN: unique symbol = Symbol('while open')
/** Throws once the role is closed. */
export const ASSERT_OPEN: unique symbol = Symbol('assert open')
/** Counts messages as lost, and tells whoever listens. */
export const LOSE: unique symbol = Symbol('lose')
/** How far the role is in its life. */
export const STATE: unique symbol = Symbol('state')

const EMIT = Symbol('emit')

/**
 * A role is made, started, drained (it takes nothing more in, and sees out what it has in hand) and closed, once
 * each and in this order. Its ledger accounts for every message that it met. A call out of order throws a
 * {@link GroundwireError}: ALREADY_STARTED, NOT_STARTED or CLOSED.
 *
 * A subclass may override `start`, `drain` and `close` and call `super`'s at any point: what the role itself holds is opened
 * and given back there, whatever the subclass does around it.
 */
export abstract class Role<Events extends BaseEvents & Record<keyof Events, unknown[]>, Opened = void>
  extends EventEmitter<Events>
  implements AsyncDisposable
{
  /** Its name: in its ledger, its errors, and as the topic of a client. */
  readonly name: string
  readonly ledger: Ledger
  /** @internal */
  readonly [PARTS]: RolePart[] = []
  #state: 'new' | 'starting' | 'started' | 'draining' | 'closed' = 'new'
  #closing: Promise<void> | undefined
  /** Waits under way. */
  readonly #waits = new Set<AbortController>()
  /** Listeners that have been reported. */
  readonly #reported = new WeakSet<object>()

  constructor(name: string, ledger: Ledger = new Ledger(name)) {
    super()
    this.name = name
    this.ledger = ledger
  }

  /**
   * Opens the role's sockets. Resolves as soon as they are open. Where that fails, or the signal aborts it, every socket and
   * port is given back, and the role is closed.
   * @throws {GroundwireError} ALREADY_STARTED, CLOSED, or why a socket can't be opened
   */
  async start(options?: WaitOptions): Promise<Opened> {
    this[ASSERT_OPEN]()
    if (this.#state !== 'new')
      throw new GroundwireError('ALREADY_STARTED', `${this.name} has been started already`)
    this.#state = 'starting'
    try {
      await this[WHILE_OPEN](async wait => {
        for (const part of this[PARTS]) {
          wait.signal.throwIfAborted()
          await unlessAborted(this.#open(part, wait), wait)
        }
      }, options)
    } catch (error) {
      this.#closing ??= this.#close(0)
      await this.#closing.catch(() => {})
      throw error
    }
    this.#state = 'started'
    return this[OPENED]()
  }

  /**
   * Takes nothing more in, and resolves once all that has arrived is handled, and all that was published has gone or is
   * accounted for. When the signal aborts, it rejects with the signal's reason; the rest goes on, and may be waited for again.
   *
   * A message's handler may call it, and await it: a drain does not wait for the handler that calls it, and hands on the messages behind
   * it meanwhile. That is known of a call that the handler makes before its first `await`. A call behind one looks like a call from
   * anywhere else: awaited in the handler, it would wait for that handler until its signal aborts, so don't await it there.
   * @throws {GroundwireError} NOT_STARTED; CLOSED, also when the role is closed meanwhile
   */
  async drain(options?: WaitOptions): Promise<void> {
    this[ASSERT_OPEN]()
    if (this.#state === 'new' || this.#state === 'starting')
      throw new GroundwireError('NOT_STARTED', `${this.name} has not been started, so it can't be drained`)
    this.#state = 'draining'
    await this[WHILE_OPEN](async wait => {
      await Promise.all(this[PARTS].map(async part => part.settle?.(wait)))
      for (const part of this[PARTS]) await part.flush?.(wait)
    }, options)
  }

  /**
   * Closes the role's sockets at once, and counts what is still in hand as undeliverable. May be called at any time, and
   * again: it closes once.
   */
  async close({ linger = 0 }: CloseOptions = {}): Promise<void> {
    this.#closing ??= this.#close(linger)
    await this.#closing
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /** @internal */
  [OPENED](): Opened {
    return undefined as Opened
  }

  /** @internal */
  get [STATE](): 'new' | 'starting' | 'started' | 'draining' | 'closed' {
    return this.#state
  }

  /** @internal */
  [ASSERT_OPEN](): void {
    if (this.#state === 'closed') throw new GroundwireError('CLOSED', `${this.name} is closed`)
  }

  /** @internal */
  async [WHILE_OPEN]<T>(
    wait: (options: { readonly signal: AbortSignal }) => Promise<T>,
    { signal }: WaitOptions = {},
  ): Promise<T> {
    this[ASSERT_OPEN]()
    const controller = new AbortController()
    const abort = () => controller.abort(signal?.reason)
    if (signal?.aborted) abort()
    signal?.addEventListener('abort', abort, { once: true })
    this.#waits.add(controller)
    try {
      const result = await wait(controller)
      this[ASSERT_OPEN]()
      return result
    } finally {
      this.#waits.delete(controller)
      signal?.removeEventListener('abort', abort)
    }
  }

  /** @internal */
  [LOSE](cause: LossCause, reason: string, details: { messages?: number; error?: unknown } = {}): void {
    this.ledger.lose(cause, details.messages)
    this[EMIT]('loss', [{ cause, reason, ...details }])
  }

  /** @internal */
  [EMIT](event: string | symbol, args: unknown[]): boolean {
    const listeners = this.rawListeners(event as never)
    for (const listener of listeners) {
      try {
        const result: unknown = Reflect.apply(listener, this, args)
        if (isThenable(result))
          result.then(undefined, (error: unknown) => this.#report(event, listener, error))
      } catch (error) {
        this.#report(event, listener, error)
      }
    }
    return listeners.length > 0
  }

  #report(event: string | symbol, listener: object, error: unknown): void {
    if (event === 'listenerError' || this.#reported.has(listener)) return
    this.#reported.add(listener)
    this[EMIT]('listenerError', [{ event: String(event), error }])
  }

  async #open(part: RolePart, options: WaitOptions): Promise<void> {
    try {
      await part.open?.(options)
    } finally {
      // Where the role was closed meanwhile, what this has opened since is given back too.
      if (this.#state === 'closed') await part.close(0)
    }
  }

  async #close(linger: number): Promise<void> {
    this.#state = 'closed'
    const closing = this[PARTS].map(async part => part.close(linger))
    for (const wait of this.#waits) wait.abort(new GroundwireError('CLOSED', `${this.name} was closed`))
    const ends = await Promise.allSettled(closing)
    this.ledger.stopped ??= new Date()
    for (const end of ends) if (end.status === 'rejected') throw end.reason
  }
}

// Every event of a role goes this way, whoever emits it. Defined here, so that it keeps the types of EventEmitter's own.
Role.prototype.emit = function emit(this: Role<BaseEvents>, event: string | symbol, ...args: unknown[]) {
  return this[EMIT](event, args)
} as EventEmitter['emit']

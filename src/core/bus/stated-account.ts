import { isUncounted, type Position, type Statement } from './announcement.ts'

/** Publishers whose figures are kept for their return. */
const MAX_REMEMBERED = 1_024

/** A publisher that had left before we came: its losses with that connection are not ours. */
interface Absent {
  /** Where its messages stood. */
  readonly stoodAt: number
}

/** The messages between two accounts of the proxy: after the old one's last statement and before the new one's first. */
interface Change {
  /** Messages that arrived between the two. */
  readonly arrived: number
  /** Positions in the old account's last statement, of publishers whose position in the new account is unknown so far. */
  readonly open: Map<string, number>
  /** Messages sent between the two by publishers whose new position is known. */
  sent: number
  /** Of these, messages known to be lost. */
  lost: number
}

/**
 * A receiver's account of one topic, from the statements of groundwire's proxy.
 *
 * Within one account of the proxy the loss is due minus arrived, for any number of publishers, even if the connection broke
 * meanwhile. When another account follows (the proxy was restarted), the publishers' positions tell how many messages each
 * has sent between the two.
 */
export class StatedAccount {
  #account: string | undefined
  #due = 0
  /** Messages that had arrived at the last statement. */
  #received = 0
  /** Positions of connected publishers (`#connected`), and of some that have left (`#left`). */
  #connected = new Map<string, number>()
  readonly #left = new Map<string, number>()
  #change: Change | undefined
  /** `missing` of each publisher that the present account has named. */
  readonly #missing = new Map<string, number | Absent>()
  /** Messages that should have arrived. */
  announced = 0
  lost = 0
  #silent = false
  /** Messages may be lost that no statement counts. */
  #uncertain = false
  /** The topic was unsubscribed for a time. */
  #isInterrupted: boolean

  /** @param isInterrupted whether the topic was subscribed before, and then not for a time */
  constructor(isInterrupted = false) {
    this.#isInterrupted = isInterrupted
  }

  get publishers(): number {
    return this.#connected.size
  }

  get state(): 'accounted' | 'lower bound' {
    const open = this.#change?.open.size ?? 0
    return this.#silent || this.#uncertain || this.#isInterrupted || open > 0 ? 'lower bound' : 'accounted'
  }

  /**
   * Takes in a statement.
   * @param received messages that have arrived so far
   * @returns number of messages that it shows to be lost
   */
  take(statement: Statement, received: number): number {
    const { account, due, opening, silent, positions } = statement
    const before = this.lost
    // This opening may date from before the interruption and the next from after: messages between them do not count.
    if (opening && this.#isInterrupted) this.#forget()
    const isSame = account === this.#account
    // A new account without its opening: that was dropped with our queue, and messages perhaps with it.
    if (isUncounted(statement) || (!isSame && !opening)) {
      this.#uncertain = true
      return 0
    }
    // This account does not name the silent publishers of the one before.
    if (!isSame) this.#uncertain ||= this.#silent
    this.#silent = silent
    // Unannounced messages may be those of a publisher that had left and is back: its position is no longer certain.
    if (silent) this.#left.clear()
    // After messages that did not arrive, statements may not have, either.
    const isSequel = isSame && !opening && due - this.#due === received - this.#received
    if (isSame) this.#compare(due - this.#due, received - this.#received)
    else this.#begin(statement, received)
    this.#due = due
    this.#received = received
    for (const position of positions) this.#note(position, isSame, isSequel)
    this.#connected = new Map(positions.filter(isConnected).map(({ publisher, now }) => [publisher, now]))
    return this.lost - before
  }

  /**
   * Ends the topic's subscription. Losses since the last statement stay unknown. After another subscription, openings from before
   * and after come in the same stream: from now on each opening begins anew, and says nothing of the time before.
   */
  interrupt(): void {
    this.#isInterrupted = true
    this.#forget()
  }

  #forget(): void {
    this.#account = undefined
    this.#change = undefined
    this.#connected.clear()
    this.#left.clear()
    this.#missing.clear()
  }

  /** Within an account: each due message has arrived or is lost. */
  #compare(due: number, arrived: number): void {
    if (due < arrived) this.#uncertain = true
    this.announced += Math.max(0, due)
    this.lost += Math.max(0, due - arrived)
  }

  #begin({ account, positions, silent }: Statement, received: number): void {
    const isFirst = this.#account === undefined
    this.#account = account
    this.#missing.clear()
    for (const position of positions) {
      const isOurs = !isFirst || position.isConnected
      remember(this.#missing, position.publisher, isOurs ? position.missing : { stoodAt: position.now })
    }
    if (this.#change !== undefined && this.#change.open.size > 0) this.#uncertain = true
    this.#change = undefined
    if (isFirst) return
    // A silent publisher will be named later, but its position now stays unknown.
    this.#uncertain ||= silent
    this.#change = { arrived: received - this.#received, open: this.#connected, sent: 0, lost: 0 }
    for (const { publisher, now } of positions) this.#place(publisher, now)
  }

  /** Takes in a publisher's position in the present account: its messages between the two accounts have arrived or are lost. */
  #place(publisher: string, position: number): void {
    const change = this.#change
    const last = change?.open.get(publisher) ?? this.#left.get(publisher)
    this.#left.delete(publisher)
    if (change === undefined) return
    change.open.delete(publisher)
    // A publisher without a last position began while we were away, or its beginning was lost with the connection: its first
    // messages may be lost to us. With silent publishers, unannounced messages may be its own and already counted.
    if (last === undefined || this.#silent) {
      this.#uncertain ||= position > 0
      return
    }
    const sent = Math.max(0, position - last)
    change.sent += sent
    this.announced += sent
    const lost = Math.max(change.lost, change.sent - change.arrived)
    this.lost += lost - change.lost
    change.lost = lost
  }

  /** @param isSequel no statement can have been lost since the last one */
  #note(
    { publisher, origin, now, isConnected, missing }: Position,
    isSame: boolean,
    isSequel: boolean,
  ): void {
    // Publishers named at the account's start are placed already. A later one began at its origin.
    const before = this.#missing.get(publisher)
    if (isSame && before === undefined) this.#place(publisher, origin)
    if (typeof before === 'object') {
      if (!isConnected && now === before.stoodAt) return
      // It may have come, left again and lost more meanwhile, and that would be ours.
      if (isSame && !isSequel) this.#uncertain ||= !isConnected || missing > 0
    } else if (isSame) {
      this.announced += missing - (before ?? 0)
      this.lost += missing - (before ?? 0)
    }
    remember(this.#missing, publisher, missing)
    if (!isConnected) remember(this.#left, publisher, now)
  }
}

/** Keeps a publisher's figure, and beyond the limit forgets the one that was updated least recently. */
function remember<T>(figures: Map<string, T>, publisher: string, figure: T): void {
  figures.delete(publisher)
  figures.set(publisher, figure)
  const [oldest] = figures.keys()
  if (figures.size > MAX_REMEMBERED && oldest !== undefined) figures.delete(oldest)
}

function isConnected(position: Position): boolean {
  return position.isConnected
}

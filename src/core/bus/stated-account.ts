import { isUncounted, type Position, type Statement } from './announcement.ts'

/** Publishers whose figures are kept for when they return. */
const MAX_REMEMBERED = 1_024

/** A publisher that had left before we came: what it lost with that connection is not ours. */
interface Absent {
  /** Where its messages stood. */
  readonly stoodAt: number
}

/** Messages on both sides of a change of the proxy's account. */
interface Change {
  /** That arrived after the last statement of the old account. */
  readonly arrived: number
  /** By publisher: where its messages stood in the last statement, until its place in the new account is known. */
  readonly open: Map<string, number>
  /** That the publishers whose place is known have sent between the two. */
  sent: number
  /** Of these, known to be lost. */
  lost: number
}

/**
 * A receiver's account of one topic by the statements of groundwire's proxy.
 *
 * Within one account of the proxy the loss is what was due less what has arrived, for any number of publishers, whatever
 * happened to the connection meanwhile. Where another account follows (the proxy was restarted), the publishers' positions
 * tell how many messages each has sent between the two.
 */
export class StatedAccount {
  #account: string | undefined
  #due = 0
  /** Messages that had arrived by the last statement. */
  #received = 0
  /** By publisher: where its messages stand, of those that are connected and of some that have left. */
  #connected = new Map<string, number>()
  readonly #left = new Map<string, number>()
  #change: Change | undefined
  /** By publisher that the present account has named: its messages that were missing there. */
  readonly #missing = new Map<string, number | Absent>()
  /** Messages that should have arrived. */
  announced = 0
  lost = 0
  #silent = false
  /** Something may be lost that no statement tells of. */
  #uncertain = false
  /** The topic was not asked for at times. */
  #isInterrupted: boolean

  /** @param isInterrupted the topic was asked for before, and then not for a time */
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
   * @returns messages that are known to be lost by it
   */
  take(statement: Statement, received: number): number {
    const { account, due, opening, silent, positions } = statement
    const before = this.lost
    // It may be from before the interruption, and then the next one is of after it: what lies between was not asked for.
    if (opening && this.#isInterrupted) this.#forget()
    const isSame = account === this.#account
    // Without an opening that one was dropped, with all that waited for us: messages, perhaps.
    if (isUncounted(statement) || (!isSame && !opening)) {
      this.#uncertain = true
      return 0
    }
    // Those that came without a name before this account are not named in it.
    if (!isSame) this.#uncertain ||= this.#silent
    this.#silent = silent
    // Messages that came without a name may be those of a publisher that had left, so its position is not known any more.
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
   * The topic is not asked for any more. What was dropped since the last statement is never known, and if it is asked for again,
   * openings of before and after come in the same stream: from now on each one begins anew, and says nothing of the time before.
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

  /** Within an account: what was due has arrived, or is lost. */
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
    // One that has sent and not been named yet will be, but where it stands now will not be known.
    this.#uncertain ||= silent
    this.#change = { arrived: received - this.#received, open: this.#connected, sent: 0, lost: 0 }
    for (const { publisher, now } of positions) this.#place(publisher, now)
  }

  /** A publisher's place in the present account is known: what it sent between the two is here or lost. */
  #place(publisher: string, position: number): void {
    const change = this.#change
    const last = change?.open.get(publisher) ?? this.#left.get(publisher)
    this.#left.delete(publisher)
    if (change === undefined) return
    change.open.delete(publisher)
    // It began while we were away, or its beginning was lost with the connection: what it sent then may be lost to us. And where
    // messages have come by a connection without a name, they may have been its own, and count already.
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
    // When we came to the account all stood where they stood then. One that came later began at its origin.
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

/** Keeps a figure of a publisher. Those that were not heard of for longest are forgotten first. */
function remember<T>(figures: Map<string, T>, publisher: string, figure: T): void {
  figures.delete(publisher)
  figures.set(publisher, figure)
  const [oldest] = figures.keys()
  if (figures.size > MAX_REMEMBERED && oldest !== undefined) figures.delete(oldest)
}

function isConnected(position: Position): boolean {
  return position.isConnected
}

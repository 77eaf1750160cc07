import type { Tally } from '../ledger.ts'
import { type Announcement, RESERVED_PREFIX } from './announcement.ts'
import type { Forwarding, PeerLink, Route } from './carrier.ts'
import { type AccountBudget, PassedAccount } from './passed-account.ts'

/** A topic as the broker keeps it: where its messages go, its tally in the ledger, and its account for those who follow it. */
export class ForwardedTopic {
  readonly name: string
  readonly tally: Tally
  readonly #route: Route
  readonly #budget: AccountBudget
  /** Whether it is no message's topic, and not counted: an announcement that is handed on. */
  readonly isHidden: boolean
  /** Undefined while nobody follows it. */
  #account: PassedAccount | undefined

  constructor(name: string, tally: Tally, route: Route, budget: AccountBudget = { entries: 0 }) {
    this.name = name
    this.isHidden = name.startsWith(RESERVED_PREFIX)
    this.tally = tally
    this.#route = route
    this.#budget = budget
  }

  /** Hands a message on. @param from the connection that it came by, where the carrier tells */
  forward(frame: Buffer, from: PeerLink | undefined): Forwarding {
    if (from !== undefined) this.pass(from)
    return this.#route.send(frame)
  }

  /** Counts a message, ahead of its being sent or lost. */
  pass(from: PeerLink): void {
    const account = this.#followed()
    if (account === undefined) return
    if (account.isDue || this.#route.followers?.hasNew) this.#state(account)
    account.pass(from)
  }

  /** Takes in what a publisher has announced. @returns messages that are known by it to be lost on the way here */
  announce(from: PeerLink, announcement: Announcement): number {
    const account = this.#followed()
    if (account === undefined) return 0
    const lost = account.announce(from, announcement)
    if (account.isSmall) this.#stateNews(account)
    return lost
  }

  /** A publisher has left. @returns messages that are known by it to be lost on the way here */
  leave(from: PeerLink): number {
    const account = this.#account
    const lost = account?.leave(from) ?? 0
    if (account?.isSmall) this.#stateNews(account)
    return lost
  }

  /** Publishers in its account. Undefined where it has none: then there is nothing to state. */
  get accountSize(): number | undefined {
    return this.#account?.size
  }

  /** States what is new; with `repeat`, what is not as well, as the last statement may have been lost. */
  state(repeat: boolean): void {
    // An account begins with a message or an announcement: looking for followers costs too much where there is neither.
    if (this.#account === undefined) return
    const account = this.#followed()
    if (account === undefined) return
    account.prune()
    if (repeat) this.#state(account)
    else this.#stateNews(account)
  }

  #followed(): PassedAccount | undefined {
    if (this.#route.followers?.any) this.#account ??= new PassedAccount(this.#budget)
    else this.#account = undefined
    return this.#account
  }

  #stateNews(account: PassedAccount): void {
    if (account.hasNews || this.#route.followers?.hasNew) this.#state(account)
  }

  /** Those who follow the account already are told first: to them an opening would be no news. */
  #state(account: PassedAccount): void {
    const { followers } = this.#route
    followers?.tell(account.statement(false))
    if (followers?.hasNew) followers.open(account.statement(true))
  }
}

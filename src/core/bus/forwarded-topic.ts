import type { Tally } from '../ledger.ts'
import { type Announcement, RESERVED_PREFIX, UNCOUNTED_STATEMENT } from './announcement.ts'
import type { Followers, Forwarding, PeerLink, Route } from './carrier.ts'
import { PassedAccount } from './passed-account.ts'

/** Where the accounts of all topics are kept together. */
export interface AccountKeeper {
  /** A topic's account is about to begin. @returns whether there is room for it */
  begin(topic: ForwardedTopic): boolean
  /** A publisher's connection is about to be added to an account. @returns whether there is room for it */
  add(topic: ForwardedTopic, link: PeerLink): boolean
  /** A topic's account has ended: these were its connections. */
  end(topic: ForwardedTopic, links: Iterable<PeerLink>): void
}

/** A topic as the broker keeps it: where its messages go, its tally in the ledger, and its account for those who follow it. */
export class ForwardedTopic {
  readonly name: string
  /** Undefined until its first message, so that the ledger lists no others. */
  tally: Tally | undefined
  readonly #route: Route
  readonly #keeper: AccountKeeper
  /** Whether it is no message's topic, and not counted: an announcement that is handed on. */
  readonly isHidden: boolean
  /** Undefined while nobody follows it, or there is no room for it. */
  #account: PassedAccount | undefined
  /** There was no room for an account: its followers have been told so. */
  #isUnaccounted = false

  constructor(name: string, route: Route, keeper: AccountKeeper) {
    this.name = name
    this.isHidden = name.startsWith(RESERVED_PREFIX)
    this.#route = route
    this.#keeper = keeper
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

  /** Whether anybody follows its account. */
  get isFollowed(): boolean {
    return this.#route.followers?.any === true
  }

  /** Tells those who follow it that there is no account of it, if they have not been told. */
  sayUncounted(): void {
    this.#route.followers?.open(UNCOUNTED_STATEMENT, UNCOUNTED_STATEMENT)
  }

  /** Publishers in its account. */
  get accountSize(): number {
    return this.#account?.size ?? 0
  }

  /** States what is new; with `repeat`, what is not as well, as the last statement may have been lost. */
  state(repeat: boolean): void {
    // An account begins with a message or an announcement: looking for followers costs too much where there is neither.
    if (this.#account === undefined) return
    const account = this.#followed()
    if (account === undefined) return
    account.prune()
    if (repeat || this.#route.followers?.hasLate) this.#state(account)
    else this.#stateNews(account)
  }

  /** Ends its account if that has no publisher any more. The next one that announces itself begins another. */
  giveUpIfAbandoned(now: number = performance.now()): void {
    if (this.#account?.isAbandoned(now) !== true) return
    this.#route.followers?.renew()
    this.#end(this.#account)
  }

  #followed(): PassedAccount | undefined {
    const { followers } = this.#route
    if (followers?.any) return this.#account ?? this.#begin(followers)
    if (this.#account !== undefined) this.#end(this.#account)
    return undefined
  }

  #begin(followers: Followers): PassedAccount | undefined {
    if (!this.#keeper.begin(this)) {
      this.#isUnaccounted = true
      if (followers.hasNew || followers.hasLate) this.sayUncounted()
      return undefined
    }
    if (this.#isUnaccounted) followers.renew()
    this.#isUnaccounted = false
    this.#account = new PassedAccount(link => this.#keeper.add(this, link))
    return this.#account
  }

  #end(account: PassedAccount): void {
    this.#account = undefined
    this.#keeper.end(this, account.links)
  }

  #stateNews(account: PassedAccount): void {
    if (account.hasNews || this.#route.followers?.hasNew) this.#state(account)
  }

  /** Those who follow the account already are told first: to them an opening would be no news. */
  #state(account: PassedAccount): void {
    const { followers } = this.#route
    if (followers === undefined) return
    followers.tell(account.statement(false))
    if (followers.hasNew || followers.hasLate) followers.open(account.statement(true), UNCOUNTED_STATEMENT)
  }
}

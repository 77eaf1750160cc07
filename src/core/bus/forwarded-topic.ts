import type { Tally } from '../ledger.ts'
import { type Announcement, RESERVED_PREFIX, UNCOUNTED_STATEMENT } from './announcement.ts'
import type { Followers, Forwarding, PeerLink, Route } from './carrier.ts'
import type { Wait } from './flow-message.ts'
import type { MessageView } from './message-view.ts'
import { PassedAccount } from './passed-account.ts'

/** Keeps the accounts of all topics within common limits. */
export interface AccountKeeper {
  /** A topic's account is about to begin. @returns whether there is room for it */
  begin(topic: ForwardedTopic): boolean
  /** A publisher's connection is about to be added to an account. @returns whether there is room for it */
  add(topic: ForwardedTopic, link: PeerLink): boolean
  /** Whether a publisher waits for its subscribers: see docs/flow.md. */
  isControlled(link: PeerLink): boolean
  /** A topic's account has ended. @param links the connections that it kept */
  end(topic: ForwardedTopic, links: Iterable<PeerLink>): void
}

/** A topic as the broker keeps it: its route, its tally in the ledger, and its account for subscribers that follow it. */
export class ForwardedTopic {
  readonly name: string
  /** Undefined until the first message, so that the ledger lists only topics with messages. */
  tally: Tally | undefined
  readonly #route: Route
  readonly #keeper: AccountKeeper
  /** Whether the topic is reserved, and so not counted: its announcements are only passed on. */
  readonly isHidden: boolean
  /** Undefined while the topic has no followers, or the keeper no room. */
  #account: PassedAccount | undefined
  /** There was no room for an account, and the followers have been told. */
  #isUnaccounted = false

  constructor(name: string, route: Route, keeper: AccountKeeper) {
    this.name = name
    this.isHidden = name.startsWith(RESERVED_PREFIX)
    this.#route = route
    this.#keeper = keeper
  }

  /** Forwards a message. @param from the connection that it came by, if the carrier tells */
  forward(message: MessageView, from: PeerLink | undefined): Forwarding {
    if (from !== undefined) this.pass(from)
    return this.#route.send(message)
  }

  /** See {@link Route.room}. */
  room(bytes: number, onWait: (wait: Wait) => void): Promise<void> | undefined {
    return this.#route.room?.(bytes, onWait)
  }

  /** Counts a message before it is sent or dropped. */
  pass(from: PeerLink): void {
    const account = this.#followed()
    if (account === undefined) return
    if (account.isDue || this.#route.followers?.hasNew) this.#state(account)
    account.pass(from)
  }

  /** Takes in a publisher's announcement. @returns number of messages that it shows to be lost on the way here */
  announce(from: PeerLink, announcement: Announcement): number {
    const account = this.#followed()
    if (account === undefined) return 0
    const lost = account.announce(from, announcement)
    if (account.isSmall) this.#stateNews(account)
    return lost
  }

  /** Takes note that a publisher has left. @returns number of messages that this shows to be lost on the way here */
  leave(from: PeerLink): number {
    const account = this.#account
    const lost = account?.leave(from) ?? 0
    if (account?.isSmall) this.#stateNews(account)
    return lost
  }

  /** Whether any subscriber follows the topic's account. */
  get isFollowed(): boolean {
    return this.#route.followers?.any === true
  }

  /** Tells followers that have had no opening that the topic has no account. */
  sayUncounted(): void {
    this.#route.followers?.open(UNCOUNTED_STATEMENT, UNCOUNTED_STATEMENT)
  }

  /** Publishers in the topic's account. */
  get accountSize(): number {
    return this.#account?.size ?? 0
  }

  /** States the account if it has news; with `repeat`, without news too, as the last statement may have been lost. */
  state(repeat: boolean): void {
    // An account begins with a message or an announcement. Without either, looking for followers would cost too much.
    if (this.#account === undefined) return
    const account = this.#followed()
    if (account === undefined) return
    account.prune()
    if (repeat || this.#route.followers?.hasLate) this.#state(account)
    else this.#stateNews(account)
  }

  /** Ends the account if all its publishers have left. The next message or announcement begins another. */
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
    this.#account = new PassedAccount(
      link => this.#keeper.add(this, link),
      link => this.#keeper.isControlled(link),
    )
    return this.#account
  }

  #end(account: PassedAccount): void {
    this.#account = undefined
    this.#keeper.end(this, account.links)
  }

  #stateNews(account: PassedAccount): void {
    if (account.hasNews || this.#route.followers?.hasNew) this.#state(account)
  }

  /** Tells the present followers first: an opening would be no news to them. */
  #state(account: PassedAccount): void {
    const { followers } = this.#route
    if (followers === undefined) return
    followers.tell(account.statement(false))
    if (followers.hasNew || followers.hasLate) followers.open(account.statement(true), UNCOUNTED_STATEMENT)
  }
}

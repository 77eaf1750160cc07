import type { AdmittedKey, ClientKeys } from '../security/keys.ts'
import type { WaitOptions } from '../condition.ts'
import type { Wait } from './flow-message.ts'
import type { LinkEvent } from './link.ts'
import type { MessageView } from './message-view.ts'

/**
 * The engine that speaks ZMTP for the roles: `zmtp` is groundwire's own, over TCP and Unix sockets; `libzmq` is the package
 * zeromq. The wire is the same, and each end of a connection may use either.
 */
export type CarrierName = 'zmtp' | 'libzmq'

export const CARRIERS: readonly CarrierName[] = ['zmtp', 'libzmq']

export const DEFAULT_CARRIER: CarrierName = 'zmtp'

/** Interval of PINGs on a connection without traffic, in ms. */
export const HEARTBEAT_INTERVAL_MS = 5_000

/** Longest wait for the answer, in ms, before the connection counts as lost. Under a second would cut off busy peers. */
export const HEARTBEAT_TIMEOUT_MS = 15_000

/** A prefix of topics is subscribed, or no longer. */
export interface SubscriptionChange {
  readonly prefix: Buffer
  readonly subscribe: boolean
}

/** A message that can't be taken: it has not two frames, or one of them is over the limit. */
export interface MalformedMessage {
  /** The first frame; empty if it is over a limit. */
  readonly first: Buffer
  /** Size of a first frame that is longer than a topic may be, and was not kept. */
  readonly longTopic?: number | undefined
  readonly frames: number
  /** Size of all frames together. */
  readonly bytes: number
  readonly oversize: boolean
}

/** Identity of a connection to a bound socket. */
export interface PeerLink {
  /** Its key, as it was admitted. Undefined without keys. */
  readonly peerKey?: AdmittedKey | undefined
}

/** Handlers of incoming messages. */
export interface MessageHandlers {
  /**
   * Takes a message of two frames, of which it must take what it needs before it returns. The frames are views on the bytes
   * read: copy them to keep them for long. While a returned promise is pending, nothing more is read; the promise must not reject.
   * @param from the connection that the message came by, if the carrier tells
   */
  readonly onMessage: (message: MessageView, from?: PeerLink) => void | Promise<void>
  readonly onNoMessage: (malformed: MalformedMessage, from?: PeerLink) => void
}

/** An XPUB socket that connects to a proxy's XSUB side. */
export interface PublisherSocket {
  /**
   * Hands a message over. Never waits.
   * @returns false if there is no proxy or no room, and the message was not taken: {@link PublisherSocketOptions.onWritable}
   *   tells when to try again
   */
  send(topic: Buffer, frame: Uint8Array): boolean
  /** Whether the system has taken all messages handed over. */
  readonly flushed: boolean
  /** @param linger time for messages handed over to go out, in ms */
  close(linger: number): void
}

export interface PublisherSocketOptions {
  readonly url: string
  readonly keys?: ClientKeys | undefined
  /** Messages that may be handed over before the system takes them. */
  readonly maxInFlight: number
  readonly onLink: (event: LinkEvent) => void
  readonly onSubscription: (change: SubscriptionChange) => void
  readonly onWritable: () => void
  /** A message of two frames from the proxy. The frames are views: see {@link MessageHandlers.onMessage}. */
  readonly onMessage: (message: MessageView) => void
  /** The connection survived some seconds without a network. libzmq does not tell. */
  readonly onRevival: () => void
}

/** A SUB socket that connects to a proxy's XPUB side. */
export interface SubscriberSocket {
  /** Subscribes to topics by prefix. One connection's subscriptions arrive in the order in which they were made. */
  subscribe(...prefixes: string[]): void
  /** Ends subscriptions. Messages on their way still come. */
  unsubscribe(...prefixes: string[]): void
  /**
   * Takes in only messages that have arrived already (16 MiB at most), and resolves once all of them have been handled. May be
   * called again after the signal has ended the wait.
   */
  drain(options?: WaitOptions): Promise<void>
  /** Closes the socket, and hands messages that it holds to `onMessage` first; their handlers must not return a promise. */
  close(): void
}

/** Read-ahead limit of a draining socket, in bytes: more than the system holds for one connection. */
export const READ_AHEAD = 16 * 1024 * 1024

export interface SubscriberSocketOptions extends MessageHandlers {
  readonly url: string
  readonly keys?: ClientKeys | undefined
  readonly prefixes: readonly string[]
  /** Limit for one frame, in bytes; a message with a larger one goes to `onNoMessage`. */
  readonly maxFrame: number
  readonly onLink: (event: LinkEvent) => void
}

/** A peer's connection to one side of the broker was made, ended, or was refused. */
export interface PeerEvent {
  readonly type: 'joined' | 'left' | 'refused'
  /** The broker's endpoint. */
  readonly endpoint: string
  /** The peer's address, if known. */
  readonly peer?: string
  /** The name of the peer's key, where it has one. */
  readonly key?: string
  /** Why the connection was refused. */
  readonly reason?: string
  /** Messages dropped from the peer's queue as its connection ended. Left out if unknown. */
  readonly dropped?: number
}

/** The broker stops accepting connections, as too few file descriptors are free; or accepts them again. */
export interface DescriptorEvent {
  readonly type: 'short' | 'enough'
  /** Most file descriptors that this process may have open. */
  readonly limit: number
  /** Descriptors that are kept free. */
  readonly reserve: number
}

/** One of the two sides of a broker. */
export interface BoundSocket {
  /** @returns the bound URL, with the port that the system chose */
  bind(url: string): Promise<string>
  /** @param linger time for messages handed over to go out, in ms */
  close(linger: number): Promise<void>
  /** Ends the connections whose keys are not allowed any more. Only the own carrier has keys on this side. */
  dismiss?(isDismissed: (key: AdmittedKey) => boolean): void
}

/** An XSUB socket that publishers connect to. */
export interface XSubSocket extends BoundSocket {
  /** Tells all present and future publishers. */
  send(change: SubscriptionChange): void
  /** Sends a message to one publisher, unless that does not read. Undefined over libzmq, which does not tell publishers apart. */
  readonly answer?: (link: PeerLink, topic: Buffer, frame: Buffer) => void
}

export interface XSubSocketOptions extends MessageHandlers {
  readonly onPeer: (event: PeerEvent) => void
  /** A publisher's connection has ended, and brings no more messages. libzmq does not tell. */
  readonly onLeft: (link: PeerLink) => void
  /** Time from binding until publishers are admitted, in ms. Over libzmq they don't wait. */
  readonly admitAfterMs: number
}

/** An XPUB socket that subscribers connect to. */
export interface XPubSocket extends BoundSocket {
  /** Makes the route to a topic's subscribers. Costly: make it once and keep it. The topic's bytes must not change any more. */
  route(topic: Buffer): Route
  /** Bytes that wait for each subscriber at this moment. */
  backlogs(): Promise<readonly Backlog[]>
  /** Messages dropped for lack of room, by the subscriber's address. Undefined over libzmq, which does not tell. */
  readonly dropped: ReadonlyMap<string, number> | undefined
}

/** Bytes that wait for one subscriber. */
export interface Backlog {
  /** The subscriber's address. */
  readonly peer: string
  readonly bytes: number
}

export interface XPubSocketOptions {
  readonly onPeer: (event: PeerEvent) => void
  /** A prefix has its first subscriber, or has lost its last one. */
  readonly onSubscription: (change: SubscriptionChange) => void
  readonly onNoMessage: (malformed: MalformedMessage) => void
}

/** Fate of a message: handed to a subscriber, without subscribers, or dropped as none of its subscribers had room. */
export type Forwarding = 'sent' | 'unheard' | 'full'

/** The way from a topic to its present subscribers. */
export interface Route {
  /** Hands a message of the topic to each subscriber. One without room misses it. */
  send(message: MessageView): Forwarding
  /**
   * For a publisher with flow control: a promise that resolves when each subscriber may have room for so many bytes; undefined if
   * each has it now. Left out over libzmq.
   * @param onWait called about once a second while a subscriber has none
   */
  room?(bytes: number, onWait: (wait: Wait) => void): Promise<void> | undefined
  /** The subscribers that asked for the topic's account too; see announcement.ts. Undefined if the carrier can't tell. */
  readonly followers: Followers | undefined
}

/** The subscribers that follow a topic's account. */
export interface Followers {
  /** Whether there are any. */
  readonly any: boolean
  /** Whether some came after the last opening, and have had none. */
  readonly hasNew: boolean
  /** Whether some had no room for their opening. */
  readonly hasLate: boolean
  /**
   * Sends an opening statement to followers that have had none. A follower without room becomes late.
   * @param gap statement to send first to late followers: they may have missed messages that nobody counts
   */
  open(statement: Buffer, gap: Buffer): void
  /** Forgets which followers have had an opening statement, as another account begins. */
  renew(): void
  /** Sends a statement to all followers that were sent an opening. It has room even if a message has none. */
  tell(statement: Buffer): void
}

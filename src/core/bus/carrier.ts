import type { WaitOptions } from '../condition.ts'
import type { LinkEvent } from './link.ts'

/**
 * An engine that speaks ZMTP for the roles: `zmtp` is groundwire's own, over TCP and Unix sockets; `libzmq` is the package zeromq. The
 * wire is the same, and each end of a connection may be either.
 */
export type CarrierName = 'zmtp' | 'libzmq'

export const CARRIERS: readonly CarrierName[] = ['zmtp', 'libzmq']

export const DEFAULT_CARRIER: CarrierName = 'zmtp'

/** Interval at which a connection without traffic is asked whether the other side is still there, in ms. */
export const HEARTBEAT_INTERVAL_MS = 5_000

/** Longest wait for the answer, in ms: then the connection counts as lost. Under a second, busy peers would be cut off. */
export const HEARTBEAT_TIMEOUT_MS = 15_000

/** Somebody asks, or no longer asks, for the topics that begin with a prefix. */
export interface SubscriptionChange {
  readonly prefix: Buffer
  readonly subscribe: boolean
}

/** A malformed message: its frames are not two, or one of them is over the limit. */
export interface MalformedMessage {
  /** The first frame; empty where that is the one over a limit. */
  readonly first: Buffer
  /** The size of the first frame, where that is more than a topic may have: it was not kept. */
  readonly longTopic?: number | undefined
  readonly frames: number
  /** The sizes of all frames, summed up. */
  readonly bytes: number
  readonly oversize: boolean
}

/** Identifies a connection to a bound socket. */
export type PeerLink = object

/** Takes what comes in. */
export interface MessageHandlers {
  /**
   * A message of two frames: views on what was read, to be copied by whoever keeps them for long. Nothing more is read while
   * a promise that it returned is pending; it does not reject.
   * @param from the connection that it came by, where the carrier tells
   */
  readonly onMessage: (topic: Buffer, frame: Buffer, from?: PeerLink) => void | Promise<void>
  readonly onNoMessage: (what: MalformedMessage, from?: PeerLink) => void
}

/** An XPUB socket that connects to a proxy's XSUB side. */
export interface PublisherSocket {
  /**
   * Hands a message over. Never waits.
   * @returns false when there is no proxy or no room, and nothing was taken: {@link PublisherSocketOptions.onWritable} tells
   *   when to try again
   */
  send(topic: Buffer, frame: Uint8Array): boolean
  /** Whether all that was handed over has gone to the system. */
  readonly flushed: boolean
  /** @param linger how long what was handed over may go on going out, in ms */
  close(linger: number): void
}

export interface PublisherSocketOptions {
  readonly url: string
  /** Messages that may be handed over and not have gone. */
  readonly maxInFlight: number
  readonly onLink: (event: LinkEvent) => void
  readonly onSubscription: (change: SubscriptionChange) => void
  readonly onWritable: () => void
  /** The network was cut off for some seconds, and the connection has survived it. Over libzmq nobody tells. */
  readonly onRevival: () => void
}

/** A SUB socket that connects to a proxy's XPUB side. */
export interface SubscriberSocket {
  /** Asks for topics by prefix. The subscriptions of one connection arrive in the order that they were made. */
  subscribe(...prefixes: string[]): void
  /** Asks for them no longer. Messages on their way still come. */
  unsubscribe(...prefixes: string[]): void
  /**
   * Takes in what has arrived already (16 MiB at most) and nothing more, and resolves once every message of it has been handled. May be
   * called again when the signal has ended the wait.
   */
  drain(options?: WaitOptions): Promise<void>
  /** Closes it. Messages that it holds are handed to `onMessage` before it returns; their handlers must not return a promise. */
  close(): void
}

/** Read-ahead limit of a draining socket, in bytes: more than the system holds for one connection. */
export const READ_AHEAD = 16 * 1024 * 1024

export interface SubscriberSocketOptions extends MessageHandlers {
  readonly url: string
  readonly prefixes: readonly string[]
  /** The largest frame, in bytes; what has a larger one is no message. */
  readonly maxFrame: number
  readonly onLink: (event: LinkEvent) => void
}

/** A connection that somebody made to one side of the broker came, went, or was refused. */
export interface PeerEvent {
  readonly type: 'joined' | 'left' | 'refused'
  /** The endpoint that it came to. */
  readonly endpoint: string
  /** The address that it came from, where that is known. */
  readonly peer?: string
  /** Why it was refused. */
  readonly reason?: string
  /** Messages that waited for it when its connection ended, and were dropped. Left out where that is not known. */
  readonly dropped?: number
}

/** The broker takes in no connections, as too few file descriptors are free; or does so again. */
export interface DescriptorEvent {
  readonly type: 'short' | 'enough'
  /** How many this process may have open. */
  readonly limit: number
  /** How many are kept free. */
  readonly reserve: number
}

/** One of the two sides of a broker. */
export interface BoundSocket {
  /** @returns the URL that was really bound, with the port that the system chose */
  bind(url: string): Promise<string>
  /** @param linger how long what was handed over may go on going out, in ms */
  close(linger: number): Promise<void>
}

/** An XSUB socket that publishers connect to. */
export interface XSubSocket extends BoundSocket {
  /** Tells all publishers, and those to come. */
  send(change: SubscriptionChange): void
}

export interface XSubSocketOptions extends MessageHandlers {
  readonly onPeer: (event: PeerEvent) => void
  /** A publisher's connection is over: nothing comes by it any more. Over libzmq nobody tells. */
  readonly onLeft: (link: PeerLink) => void
  /** Time that publishers wait, from when the socket is bound, until they are let in, in ms. Over libzmq they don't wait. */
  readonly admitAfterMs: number
}

/** An XPUB socket that subscribers connect to. */
export interface XPubSocket extends BoundSocket {
  /** The way to those who ask for a topic; keep it, as this is not for every message. The topic's bytes must not change any more. */
  route(topic: Buffer): Route
  /** The queue of each subscriber at this moment. */
  backlogs(): Promise<readonly Backlog[]>
  /** Messages that were dropped as a subscriber had no room for them, by its address. Undefined where nobody tells. */
  readonly dropped: ReadonlyMap<string, number> | undefined
}

/** The queue of a subscriber that does not read as fast as messages come for it. */
export interface Backlog {
  /** The address that it connects from. */
  readonly peer: string
  readonly bytes: number
}

export interface XPubSocketOptions {
  readonly onPeer: (event: PeerEvent) => void
  /** A prefix has its first subscriber, or has lost its last one. */
  readonly onSubscription: (change: SubscriptionChange) => void
  readonly onNoMessage: (what: MalformedMessage) => void
}

/** The fate of a message: handed to somebody, asked for by nobody, or asked for by those only who had no room for it. */
export type Forwarding = 'sent' | 'unheard' | 'full'

/** A topic, and who asks for it at the moment. */
export interface Route {
  /** Hands a message to each who asks for it. Where one has no room, it is dropped for that one. */
  send(frame: Buffer): Forwarding
  /** Those among them who asked for the topic's account too; see announcement.ts. Undefined where the carrier can't tell. */
  readonly followers: Followers | undefined
}

/** The subscribers of a topic who follow its account. */
export interface Followers {
  /** Whether there are any. */
  readonly any: boolean
  /** Whether some of them have come since the last opening, and have had none. */
  readonly hasNew: boolean
  /** Whether some of them had no room for their opening. */
  readonly hasLate: boolean
  /**
   * Sends a statement to those who have had no opening one. Who has no room is late.
   * @param gap sent ahead of it to those who are late: they may have missed messages that nobody counts
   */
  open(statement: Buffer, gap: Buffer): void
  /** Forgets who has had an opening statement: there is another account. */
  renew(): void
  /** Sends a statement to all who were sent an opening one. It finds room where a message has none. */
  tell(statement: Buffer): void
}

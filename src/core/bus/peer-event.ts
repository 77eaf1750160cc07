/** What happens to a connection that somebody makes to one side of the broker. */
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

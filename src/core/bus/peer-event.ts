/** What happens to a connection that somebody makes to one side of the broker. */
export interface PeerEvent {
  readonly type: 'joined' | 'left' | 'refused'
  /** The endpoint that it came to. */
  readonly endpoint: string
  /** The address that it came from, where that is known. */
  readonly peer?: string
  /** Why it was refused. */
  readonly reason?: string
}

/** How often a connection without traffic is asked whether the other side is still there, in ms. */
export const HEARTBEAT_INTERVAL_MS = 5_000

/** How long it may take to answer before the connection counts as lost, in ms. Under a second that cuts off who is merely busy. */
export const HEARTBEAT_TIMEOUT_MS = 15_000

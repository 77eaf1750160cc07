// Commands of ZMTP 3.1 (RFC 37, section "Commands"), as they stand in their frames: the name's length, the name, a body.

export const SUBSCRIBE = Buffer.from('\x09SUBSCRIBE', 'latin1')
export const CANCEL = Buffer.from('\x06CANCEL', 'latin1')
export const PONG = Buffer.from('\x04PONG', 'latin1')
/** PING with a time to live of 0: the other side decides by itself when we are gone. */
export const PING = Buffer.from('\x04PING\0\0', 'latin1')

const PING_TTL_LENGTH = 2
/** Bytes of a PING that come back in its PONG, at most. */
const MAX_PING_CONTEXT = 16

/** The context of a PING, by the body of the command. Its PONG repeats it. */
export function pingContext(body: Buffer): Buffer {
  return body.subarray(PING_TTL_LENGTH, PING_TTL_LENGTH + MAX_PING_CONTEXT)
}

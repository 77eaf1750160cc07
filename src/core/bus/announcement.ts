import { randomBytes } from 'node:crypto'
import { decode } from '../wire/msgpack-decode.ts'
import { encode } from '../wire/msgpack-encode.ts'

/**
 * Publishers of groundwire say on topics that begin with this how many messages of a topic they have sent:
 * `__groundwire__/sent/telem` is about `telem`. They do so only while a subscriber has asked for it by name.
 */
export const ANNOUNCEMENT_PREFIX = '__groundwire__/sent/'

/** After so many messages of a topic its publisher says how many it has sent, at the latest. */
export const ANNOUNCEMENT_INTERVAL = 512

/** What a publisher says of one of its topics: msgpack of `[publisher, sent]`, bytes and an integer. */
export interface Announcement {
  /** 16 hexadecimal digits, drawn anew whenever a publisher starts: one that restarts is another one. */
  readonly publisher: string
  /** Messages of the topic that it had sent before this one, since it started. */
  readonly sent: number
}

export function newPublisherId(): Buffer {
  return randomBytes(8)
}

export function encodeAnnouncement(publisher: Buffer, sent: number): Buffer {
  return encode([publisher, sent])
}

/** Undefined for a frame that is none. */
export function decodeAnnouncement(frame: Uint8Array): Announcement | undefined {
  const value = decode(frame)
  if (!Array.isArray(value)) return undefined
  const [publisher, sent] = value
  if (!(publisher instanceof Uint8Array) || publisher.length !== 8) return undefined
  if (typeof sent !== 'number' || !Number.isSafeInteger(sent) || sent < 0) return undefined
  return { publisher: Buffer.from(publisher).toString('hex'), sent }
}

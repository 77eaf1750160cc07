import { randomBytes } from 'node:crypto'
import { decode } from '../wire/msgpack-decode.ts'
import { encode } from '../wire/msgpack-encode.ts'

/** Begins the topics that are groundwire's own: they are sent only to those who asked for them by name, and never shown. */
export const RESERVED_PREFIX = '__groundwire__/'

/**
 * The prefix that a subscriber asks for beside all topics while it only looks which ones flow; see topics-now.ts. Publishers don't
 * take it for a listener.
 */
export const TOPIC_SEARCH = `${RESERVED_PREFIX}search`

/**
 * Begins the topics of announcements and statements: `__groundwire__/sent/telem` is about `telem`. docs/accounting.md
 * has the protocol, and its proof.
 */
export const ANNOUNCEMENT_PREFIX = `${RESERVED_PREFIX}sent/`

/** After so many messages of a topic its publisher says how many it has sent, at the latest. */
export const ANNOUNCEMENT_INTERVAL = 512

/** The greatest count that is believed. Sums of a few of them are exact still. */
const MAX_COUNT = 2 ** 48
/** Publishers that a statement names at most. */
export const MAX_NAMED_PUBLISHERS = 1_024

const ID_BYTES = 8
/** Items of a position in a statement. */
const FIELDS = 5

/** A publisher's own count of one of its topics: msgpack of `[publisher, sent]`, bytes and an integer. */
export interface Announcement {
  readonly type: 'announcement'
  /** 16 hexadecimal digits, drawn anew whenever a publisher starts: one that restarts is another one. */
  readonly publisher: string
  /** Messages of the topic that it had sent before this one, since it started. */
  readonly sent: number
}

/** How far the messages of one publisher have come, as a proxy knows it: counted as in {@link Announcement}. */
export interface Position {
  readonly publisher: string
  /** Where its messages stood when the proxy's account met it. */
  readonly origin: number
  /** Where they stand now. */
  readonly now: number
  /** Whether it is still connected. */
  readonly isConnected: boolean
  /** Messages of it that are known to be lost on the way to the proxy, since the account began. */
  readonly missing: number
}

/**
 * A proxy's account of a topic, within the stream of one subscriber: msgpack of
 * `[account, due, opening, silent, publisher, origin, now, isConnected, missing, publisher, …]`.
 */
export interface Statement {
  readonly type: 'statement'
  /** 16 hexadecimal digits: the account that it is of. A proxy that restarts begins another. */
  readonly account: string
  /** Messages of the topic that have come to the proxy since the account began: every stream should have had them. */
  readonly due: number
  /** Whether it is the first one in this stream, ahead of the topic's first message. */
  readonly opening: boolean
  /** Whether some publisher does not announce, so that its losses on the way to the proxy are not known. */
  readonly silent: boolean
  readonly positions: readonly Position[]
}

export function newId(): Buffer {
  return randomBytes(ID_BYTES)
}

export function encodeAnnouncement(publisher: Buffer, sent: number): Buffer {
  return encode([publisher, sent])
}

export function encodeStatement(statement: Omit<Statement, 'type'>): Buffer {
  const { account, due, opening, silent, positions } = statement
  return encode([
    Buffer.from(account, 'hex'),
    due,
    opening,
    silent,
    ...positions.flatMap(({ publisher, origin, now, isConnected, missing }) => [
      Buffer.from(publisher, 'hex'),
      origin,
      now,
      isConnected,
      missing,
    ]),
  ])
}

/** Reads either. Undefined for a frame that is neither, or that has a count beyond 2**48. */
export function decodeCounts(frame: Uint8Array): Announcement | Statement | undefined {
  const value = decode(frame)
  if (!Array.isArray(value)) return undefined
  const [id, count, opening, silent, ...rest] = value as unknown[]
  if (!isId(id) || !isCount(count)) return undefined
  if (opening === undefined) return { type: 'announcement', publisher: hex(id), sent: count }
  if (typeof opening !== 'boolean' || typeof silent !== 'boolean') return undefined
  const positions = decodePositions(rest)
  return positions && { type: 'statement', account: hex(id), due: count, opening, silent, positions }
}

function decodePositions(values: readonly unknown[]): Position[] | undefined {
  if (values.length > FIELDS * MAX_NAMED_PUBLISHERS) return undefined
  const positions: Position[] = []
  for (let i = 0; i < values.length; i += FIELDS) {
    const [publisher, origin, now, isConnected, missing] = values.slice(i, i + FIELDS)
    if (!isId(publisher) || typeof isConnected !== 'boolean') return undefined
    if (!isCount(origin) || !isCount(now) || !isCount(missing)) return undefined
    positions.push({ publisher: hex(publisher), origin, now, isConnected, missing })
  }
  return positions
}

function isId(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array && value.length === ID_BYTES
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MAX_COUNT
}

function hex(id: Uint8Array): string {
  return Buffer.from(id).toString('hex')
}

import { randomFillSync } from 'node:crypto'
import { decode } from '../wire/msgpack-decode.ts'
import { encode } from '../wire/msgpack-encode.ts'
import { ARRAY16, BIN8, FALSE, FIXMAP, TRUE, UINT32, UINT64 } from '../wire/msgpack-format.ts'

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

const RESERVED = Buffer.from(RESERVED_PREFIX)
const ANNOUNCEMENT = Buffer.from(ANNOUNCEMENT_PREFIX)

/** Whether the bytes of a topic are those of one that is reserved. */
export function isReserved(topic: Uint8Array): boolean {
  return topic[0] === RESERVED[0] && beginsWith(topic, RESERVED)
}

/** The bytes of the topic that an announcement is about: a view. Undefined where its own topic is another one. */
export function announcedTopic(topic: Buffer): Buffer | undefined {
  return beginsWith(topic, ANNOUNCEMENT) ? topic.subarray(ANNOUNCEMENT.length) : undefined
}

/** A loop is faster for a few bytes than a call out of JavaScript. */
function beginsWith(bytes: Uint8Array, prefix: Uint8Array): boolean {
  for (let i = 0; i < prefix.length; i++) if (bytes[i] !== prefix[i]) return false
  return true
}

/** Random bytes for ids to come: asking the system for a few at a time takes longer than all else about an account. */
const random = Buffer.alloc(512 * ID_BYTES)
let used = random.length

export function newId(): Buffer {
  if (used === random.length) {
    randomFillSync(random)
    used = 0
  }
  used += ID_BYTES
  return Buffer.from(random.subarray(used - ID_BYTES, used))
}

export function encodeAnnouncement(publisher: Buffer, sent: number): Buffer {
  return encode([publisher, sent])
}

export function encodeStatement(statement: Omit<Statement, 'type'>): Buffer {
  const { account, due, opening, silent, positions } = statement
  let at = writeArrayHeader(4 + FIELDS * positions.length)
  at = writeCount(writeId(at, account), due)
  at = writeBoolean(writeBoolean(at, opening), silent)
  for (const { publisher, origin, now, isConnected, missing } of positions) {
    at = writeCount(writeCount(writeId(at, publisher), origin), now)
    at = writeCount(writeBoolean(at, isConnected), missing)
  }
  return Buffer.from(scratch.subarray(0, at))
}

/** A statement is written here first, item by item: with many topics they are most of what a proxy has to do. */
const scratch = Buffer.alloc(64 + MAX_NAMED_PUBLISHERS * 40)

function writeArrayHeader(length: number): number {
  scratch[0] = ARRAY16
  return scratch.writeUInt16BE(length, 1)
}

function writeId(at: number, id: string): number {
  scratch[at] = BIN8
  scratch[at + 1] = ID_BYTES
  scratch.write(id, at + 2, 'hex')
  return at + 2 + ID_BYTES
}

function writeBoolean(at: number, value: boolean): number {
  scratch[at] = value ? TRUE : FALSE
  return at + 1
}

function writeCount(at: number, count: number): number {
  if (count < FIXMAP) {
    scratch[at] = count
    return at + 1
  }
  if (count < 2 ** 32) {
    scratch[at] = UINT32
    return scratch.writeUInt32BE(count, at + 1)
  }
  scratch[at] = UINT64
  scratch.writeUInt32BE(Math.floor(count / 2 ** 32), at + 1)
  return scratch.writeUInt32BE(count % 2 ** 32, at + 5)
}

/** The account of messages that nobody counts. */
const UNCOUNTED = '0'.repeat(2 * ID_BYTES)

/** States that messages of the topic may be lost that no statement counts, up to the next opening. */
export const UNCOUNTED_STATEMENT = encodeStatement({
  account: UNCOUNTED,
  due: 0,
  opening: true,
  silent: true,
  positions: [],
})

/** Whether it is the statement of messages that nobody counts. */
export function isUncounted({ account }: Statement): boolean {
  return account === UNCOUNTED
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

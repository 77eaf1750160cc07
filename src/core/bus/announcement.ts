import { randomFillSync } from 'node:crypto'
import { decode } from '../wire/msgpack-decode.ts'
import { encode } from '../wire/msgpack-encode.ts'
import { ARRAY16, BIN8, FALSE, FIXMAP, TRUE, UINT32, UINT64 } from '../wire/msgpack-format.ts'

/** Prefix of groundwire's own topics. They go only to subscribers that asked for them by name, and are never shown. */
export const RESERVED_PREFIX = '__groundwire__/'

/**
 * Prefix that a subscriber asks for beside all topics while it only looks which ones flow; see topics-now.ts. Publishers don't
 * take it for a listener.
 */
export const TOPIC_SEARCH = `${RESERVED_PREFIX}search`

/**
 * Prefix of the topics of announcements and statements: `__groundwire__/sent/telem` is about `telem`. docs/accounting.md
 * has the protocol and its proof.
 */
export const ANNOUNCEMENT_PREFIX = `${RESERVED_PREFIX}sent/`

/** A publisher announces a topic's count at least once in so many messages. */
export const ANNOUNCEMENT_INTERVAL = 512

/** The largest count that is accepted. Sums of a few such counts are still exact. */
const MAX_COUNT = 2 ** 48
/** Most publishers that one statement names. */
export const MAX_NAMED_PUBLISHERS = 1_024

const ID_BYTES = 8
/** Array items that one position takes in a statement. */
const FIELDS = 5

/** A publisher's own count of one of its topics: msgpack of `[publisher, sent]`, bytes and an integer. */
export interface Announcement {
  readonly type: 'announcement'
  /** 16 hexadecimal digits, drawn anew at each start: a publisher that restarts counts as another one. */
  readonly publisher: string
  /** Messages of the topic that the publisher had sent before this announcement, since it started. */
  readonly sent: number
}

/** A proxy's count of one publisher's messages, on the scale of {@link Announcement.sent}. */
export interface Position {
  readonly publisher: string
  /** The publisher's count when the proxy's account met it. */
  readonly origin: number
  /** The count now. */
  readonly now: number
  /** Whether the publisher is still connected. */
  readonly isConnected: boolean
  /** Its messages that are known to be lost on the way to the proxy, since the account began. */
  readonly missing: number
}

/**
 * A proxy's account of a topic, within the stream of one subscriber: msgpack of
 * `[account, due, opening, silent, isControlled, publisher, origin, now, isConnected, missing, publisher, …]`.
 */
export interface Statement {
  readonly type: 'statement'
  /** Id of the account, 16 hexadecimal digits. A proxy that restarts begins another account. */
  readonly account: string
  /** Messages of the topic that reached the proxy since the account began: every stream should have had them. */
  readonly due: number
  /** Whether this is the stream's first statement, ahead of the topic's first message. */
  readonly opening: boolean
  /** Whether some publisher does not announce: its losses on the way to the proxy are then unknown. */
  readonly silent: boolean
  /** Whether a connected publisher waits for its subscribers: one that is behind stops to read, rather than drop (docs/flow.md). */
  readonly isControlled: boolean
  readonly positions: readonly Position[]
}

const RESERVED = Buffer.from(RESERVED_PREFIX)
const ANNOUNCEMENT = Buffer.from(ANNOUNCEMENT_PREFIX)

/** Whether a topic is reserved, by its bytes from `start` to `end`. */
export function isReserved(bytes: Uint8Array, start = 0, end = bytes.length): boolean {
  return bytes[start] === RESERVED[0] && beginsWith(bytes, start, end, RESERVED)
}

/** The bytes of the topic that an announcement is about, as a view. Undefined if `topic` is not that of an announcement. */
export function announcedTopic(topic: Buffer): Buffer | undefined {
  return beginsWith(topic, 0, topic.length, ANNOUNCEMENT) ? topic.subarray(ANNOUNCEMENT.length) : undefined
}

/** For a few bytes a loop is faster than a call out of JavaScript. */
function beginsWith(bytes: Uint8Array, start: number, end: number, prefix: Uint8Array): boolean {
  if (end - start < prefix.length) return false
  for (let i = 0; i < prefix.length; i++) if (bytes[start + i] !== prefix[i]) return false
  return true
}

/** Random bytes for the next ids. A system call for each id would cost more than the rest of an account. */
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
  const { account, due, opening, silent, isControlled, positions } = statement
  let at = writeArrayHeader(5 + FIELDS * positions.length)
  at = writeCount(writeId(at, account), due)
  at = writeBoolean(writeBoolean(writeBoolean(at, opening), silent), isControlled)
  for (const { publisher, origin, now, isConnected, missing } of positions) {
    at = writeCount(writeCount(writeId(at, publisher), origin), now)
    at = writeCount(writeBoolean(at, isConnected), missing)
  }
  return Buffer.from(scratch.subarray(0, at))
}

/** Statements are encoded here, item by item: with many topics they are most of a proxy's work. */
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

/** Account id of messages that nobody counts. */
const UNCOUNTED = '0'.repeat(2 * ID_BYTES)

/** Statement that messages may be lost uncounted, up to the next opening. */
export const UNCOUNTED_STATEMENT = encodeStatement({
  account: UNCOUNTED,
  due: 0,
  opening: true,
  silent: true,
  isControlled: false,
  positions: [],
})

/** Whether a statement is {@link UNCOUNTED_STATEMENT}. */
export function isUncounted({ account }: Statement): boolean {
  return account === UNCOUNTED
}

/** Decodes an announcement or a statement. Undefined for any other frame, and for a count beyond 2**48. */
export function decodeCounts(frame: Uint8Array): Announcement | Statement | undefined {
  const value = decode(frame)
  if (!Array.isArray(value)) return undefined
  const [id, count, opening, silent, isControlled, ...rest] = value as unknown[]
  if (!isId(id) || !isCount(count)) return undefined
  if (opening === undefined) return { type: 'announcement', publisher: hex(id), sent: count }
  if (typeof opening !== 'boolean' || typeof silent !== 'boolean') return undefined
  const positions = typeof isControlled === 'boolean' ? decodePositions(rest) : undefined
  if (typeof isControlled !== 'boolean' || positions === undefined) return undefined
  return { type: 'statement', account: hex(id), due: count, opening, silent, isControlled, positions }
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

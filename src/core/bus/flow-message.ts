import { decode } from '../wire/msgpack-decode.ts'
import { encode } from '../wire/msgpack-encode.ts'
import { RESERVED_PREFIX } from './announcement.ts'

/**
 * Topic of flow control between a publisher and groundwire's proxy: docs/flow.md has the protocol. The proxy subscribes to it at
 * each publisher, so that it is sent to no other broker.
 */
export const FLOW_TOPIC = Buffer.from(`${RESERVED_PREFIX}flow`)

/** Most bytes of an address in a {@link Wait}. */
const MAX_PEER = 256

/** A place in a publisher's stream: msgpack of `[number]`. The proxy sends it back once it has taken all messages before it. */
export interface Mark {
  readonly type: 'mark'
  readonly number: number
}

/** A subscriber that the proxy waits for, and the publisher with it: msgpack of `[peer, bytes, idleMs, isPassedOver]`. */
export interface Wait {
  readonly type: 'wait'
  /** The subscriber's address. */
  readonly peer: string
  /** Bytes that wait for the subscriber in the proxy. */
  readonly bytes: number
  /** Time since the subscriber last took anything, in ms. */
  readonly idleMs: number
  /** The proxy waits for it no longer: messages are dropped for it while its queue is full. */
  readonly isPassedOver: boolean
}

export function encodeMark(number: number): Buffer {
  return Buffer.from(encode([number]))
}

export function encodeWait({ peer, bytes, idleMs, isPassedOver }: Omit<Wait, 'type'>): Buffer {
  return Buffer.from(encode([peer, bytes, idleMs, isPassedOver]))
}

/** Decodes a message of {@link FLOW_TOPIC}. Undefined for any other frame. */
export function decodeFlow(frame: Uint8Array): Mark | Wait | undefined {
  const value = decode(frame)
  if (!Array.isArray(value)) return undefined
  const [first, bytes, idleMs, isPassedOver] = value as unknown[]
  if (value.length === 1) return isCount(first) ? { type: 'mark', number: first } : undefined
  if (typeof first !== 'string' || first.length > MAX_PEER || typeof isPassedOver !== 'boolean')
    return undefined
  if (!isCount(bytes) || !isCount(idleMs)) return undefined
  return { type: 'wait', peer: first, bytes, idleMs, isPassedOver }
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

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

/** A subscriber that the proxy waits for, and the publisher with it: msgpack of `[peer, bytes, idleMs, isPassedOver]`. */
export interface Wait {
  /** The subscriber's address. */
  readonly peer: string
  /** Bytes that wait for the subscriber in the proxy. */
  readonly bytes: number
  /** Time since the subscriber last took anything, in ms. */
  readonly idleMs: number
  /** The proxy waits for it no longer: messages are dropped for it while its queue is full. */
  readonly isPassedOver: boolean
}

/**
 * Encodes a mark, a place in a publisher's stream: msgpack of `[mark]`. The proxy sends it back once it has taken all messages
 * before it.
 */
export function encodeMark(mark: number): Buffer {
  return encode([mark])
}

export function encodeWait({ peer, bytes, idleMs, isPassedOver }: Wait): Buffer {
  return encode([peer, bytes, idleMs, isPassedOver])
}

/** Decodes a message of {@link FLOW_TOPIC}, a mark or a wait. Undefined for any other frame. */
export function decodeFlow(frame: Uint8Array): number | Wait | undefined {
  const value = decode(frame)
  if (!Array.isArray(value)) return undefined
  const [first, bytes, idleMs, isPassedOver] = value as unknown[]
  if (value.length === 1) return isCount(first) ? first : undefined
  if (typeof first !== 'string' || first.length > MAX_PEER || typeof isPassedOver !== 'boolean')
    return undefined
  if (!isCount(bytes) || !isCount(idleMs)) return undefined
  return { peer: first, bytes, idleMs, isPassedOver }
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

import { PUBLISH_QUEUE, type QueueLimits } from '../core/bounded-queue.ts'
import { type Endpoint, parseBusUrl, parseDestination, parseListenAddress } from '../core/endpoint.ts'
import { UsageError } from '../core/errors.ts'

// Readers of the values of options and arguments. Each throws a UsageError that quotes the value and says the form.

const MS_OF_UNIT = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const
const BYTES_OF_UNIT = { '': 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3 } as const

/** The longest time that a timer of Node's can wait, in ms. */
const MAX_TIMER = 2 ** 31 - 1

/** `500ms`, `5s`, `1.5m`, `1h`, in ms. */
export function duration(text: string): number {
  const form = 'a duration such as 500ms, 5s, 2m or 1h'
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text) ?? invalid(text, form)
  const ms = Number(amount) * MS_OF_UNIT[unit as keyof typeof MS_OF_UNIT]
  return ms <= MAX_TIMER ? ms : invalid(text, 'a duration of at most 596h')
}

/** `512`, `64K`, `8M`, `1G`, in bytes. */
export function size(text: string): number {
  const [, amount, unit] =
    /^(\d+(?:\.\d+)?)([KMG]?)$/.exec(text) ?? invalid(text, 'a size such as 512, 64K or 8M')
  return Math.floor(Number(amount) * BYTES_OF_UNIT[unit as keyof typeof BYTES_OF_UNIT])
}

/** `65536` messages, `32M` bytes, or both: `65536,32M`. What is not given is not limited beyond its default. */
export function queueLimits(text: string): QueueLimits {
  const form = 'a queue such as 65536 (messages), 32M (bytes) or 65536,32M'
  const [, messages, bytes] = /^(\d+)?(?:(?:^|,)(\d+(?:\.\d+)?[KMG]))?$/.exec(text) ?? invalid(text, form)
  if (messages === undefined && bytes === undefined) invalid(text, form)
  const limits = {
    messages: messages === undefined ? PUBLISH_QUEUE.messages : Number(messages),
    bytes: bytes === undefined ? PUBLISH_QUEUE.bytes : size(bytes),
  }
  return limits.messages > 0 && limits.bytes > 0 ? limits : invalid(text, form)
}

/** A whole number within limits, in decimal or, after `0x`, in hexadecimal. */
export function whole(least: number, most: number = Number.MAX_SAFE_INTEGER): (text: string) => number {
  const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`
  return text => {
    const value = /^(\d+|0x[\da-f]+)$/i.test(text) ? Number(text) : Number.NaN
    return value >= least && value <= most ? value : invalid(text, `a whole number ${range}`)
  }
}

/** A rate in messages a second: more than 0, or `max` for as fast as it goes. */
export function rate(text: string): number {
  if (text === 'max') return Number.POSITIVE_INFINITY
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN
  return value > 0 ? value : invalid(text, "a number of messages a second, over 0, or 'max'")
}

/** A topic: text that is not empty. */
export function topic(text: string): string {
  return text === '' ? invalid(text, 'a topic: text that is not empty') : text
}

/** Any text. */
export function text(value: string): string {
  return value
}

/** One of some words. */
export function oneOf<const T extends string>(...words: readonly T[]): (text: string) => T {
  return text => words.find(word => word === text) ?? invalid(text, `one of ${words.join(', ')}`)
}

/** A URL of the bus, checked for a role that connects. */
export function busUrl(text: string): string {
  parseBusUrl(text, 'connect')
  return text
}

/** A URL of the bus, checked for the side that binds. */
export function bindUrl(text: string): string {
  parseBusUrl(text, 'bind')
  return text
}

export function destination(text: string): Endpoint {
  return parseDestination(text)
}

export function listenAddress(text: string): Endpoint {
  return parseListenAddress(text)
}

function invalid(text: string, form: string): never {
  throw new UsageError(`'${text}' is not ${form}`)
}

import { PUBLISH_QUEUE, type QueueLimits } from '../../../core/bounded-queue.ts'
import { type Endpoint, parseBusUrl, parseDestination, parseListenAddress } from '../../../core/endpoint.ts'
import { UsageError } from '../../../core/errors.ts'
import { didYouMean } from '../../../core/nearest.ts'

// Readers of the values of options and arguments. Each throws a UsageError that quotes the value and names the form.

/** Reads a value from its text. */
export interface Reader<T> {
  (text: string): T
  /** A shell completes the value with these words, the names of files, or the topics that flow on the bus. */
  readonly completion?: readonly string[] | 'files' | 'topics'
}

const MS_OF_UNIT = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const
const BYTES_OF_UNIT = { '': 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3 } as const

/** The longest delay of a Node timer, in ms. */
const MAX_TIMER = 2 ** 31 - 1

/** A decimal number of 0 or more, `5`, `1.5` or `1e9`; NaN for any other text. */
export function decimal(text: string): number {
  return /^(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN
}

/** A duration in ms, from `500ms`, `5s`, `1.5m`, `1h` or a bare number of seconds. */
export function duration(text: string): number {
  const [, amount = '', unit = 's'] = /^(.*?)(ms|s|m|h)?$/s.exec(text) ?? []
  const ms = decimal(amount) * MS_OF_UNIT[unit as keyof typeof MS_OF_UNIT]
  if (Number.isNaN(ms)) invalid(text, 'a duration such as 5 (seconds), 500ms, 2m or 1h')
  return ms <= MAX_TIMER ? ms : invalid(text, 'a duration of at most 596h')
}

/** A {@link duration} above 0. */
export function time(text: string): number {
  const ms = duration(text)
  return ms > 0 ? ms : invalid(text, 'a duration over 0')
}

/** A size in bytes, from `512`, `64K`, `8M` or `1G`. */
export function size(text: string): number {
  const bytes = bytesIn(text)
  return bytes <= Number.MAX_SAFE_INTEGER ? bytes : invalid(text, 'a size such as 512, 64K or 8M')
}

/** A size in bytes; NaN for any other text. */
function bytesIn(text: string): number {
  const [, amount = '', unit = ''] = /^(.*?)([KMG]?)$/s.exec(text) ?? []
  return Math.floor(decimal(amount) * BYTES_OF_UNIT[unit as keyof typeof BYTES_OF_UNIT])
}

/** `65536` messages, `32M` bytes, or both: `65536,32M`. A limit that is left out keeps its default. */
export function queueLimits(text: string): QueueLimits {
  const [, messages = '', bytes = ''] = /^([^,KMG]*)(?:(?:^|,)([^,]*[KMG]))?$/.exec(text) ?? []
  const limits = {
    messages: messages === '' ? PUBLISH_QUEUE.messages : decimal(messages),
    bytes: bytes === '' ? PUBLISH_QUEUE.bytes : bytesIn(bytes),
  }
  const isGiven = messages !== '' || bytes !== ''
  const isRight = Number.isSafeInteger(limits.messages) && limits.messages > 0 && limits.bytes > 0
  return isGiven && isRight
    ? limits
    : invalid(text, 'a queue such as 65536 (messages), 32M (bytes) or 65536,32M')
}

/** A whole number within limits, in decimal or, after `0x`, in hexadecimal. */
export function whole(least: number, most: number = Number.MAX_SAFE_INTEGER): Reader<number> {
  const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`
  return text => {
    const value = /^0x[\da-f]+$/i.test(text) ? Number(text) : decimal(text)
    const isWithin = Number.isInteger(value) && value >= least && value <= most
    return isWithin ? value : invalid(text, `a whole number ${range}`)
  }
}

/** A rate in messages a second: more than 0, or `max` for the highest possible. */
export const rate: Reader<number> = completing(['max'], text => {
  if (text === 'max') return Number.POSITIVE_INFINITY
  const value = decimal(text)
  return value > 0 ? value : invalid(text, "a number of messages a second, over 0, or 'max'", ['max'])
})

/** A topic: text that is not empty. */
export function topic(text: string): string {
  return text === '' ? invalid(text, 'a topic: text that is not empty') : text
}

/** A {@link topic} that usually flows on the bus already. */
export const topicOnBus: Reader<string> = completing('topics', topic)

/** Any text. */
export function text(value: string): string {
  return value
}

/** The name of a file. */
export const file: Reader<string> = completing('files', text)

/** One of these words. */
export function oneOf<const T extends string>(...words: readonly T[]): Reader<T> {
  return completing(
    words,
    text => words.find(word => word === text) ?? invalid(text, `one of ${words.join(', ')}`, words),
  )
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

/** A reader whose values a shell can complete. */
export function completing<T>(
  completion: Reader<T>['completion'] & {},
  read: (text: string) => T,
): Reader<T> {
  return Object.assign((text: string) => read(text), { completion })
}

/**
 * Refuses a value.
 * @param words candidates for the word that was meant
 * @throws {UsageError} always
 */
export function invalid(text: string, form: string, words: readonly string[] = []): never {
  throw new UsageError(`'${text}' is not ${form}`, didYouMean(text, words))
}

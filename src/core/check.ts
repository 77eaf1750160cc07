// Checks the options of a role's constructor. Each error names the option, the value and the expected form.
import { inspect } from 'node:util'
import type { QueueLimits } from './bounded-queue.ts'
import type { TopicSelection } from './bus/topic-filter.ts'
import {
  type Endpoint,
  formatEndpoint,
  parseBusUrl,
  parseDestination,
  parseListenAddress,
  type UrlUse,
} from './endpoint.ts'
import { UsageError } from './errors.ts'
import { isTopic, MAX_TOPIC } from './wire/utf8.ts'

/** Forms of a UDP address: a port on 127.0.0.1 as in AIT, a text, or an endpoint. */
export type AddressInput = number | string | Endpoint

/** @throws {UsageError} always */
export function refuse(option: string, value: unknown, form: string): never {
  if (value === undefined) throw new UsageError(`${option} is missing: it is ${form}`)
  throw new UsageError(`${option}: ${shown(value)} is not ${form}`)
}

function shown(value: unknown): string {
  const text = typeof value === 'string' ? `'${value}'` : inspect(value, { depth: 1, breakLength: Infinity })
  return text.length <= 80 ? text : `${text.slice(0, 79)}…`
}

/** Checks an optional whole number of at least `least`. */
export function checkWhole(option: string, value: unknown, least: number): void {
  if (value !== undefined && !(Number.isSafeInteger(value) && Number(value) >= least))
    refuse(option, value, `a whole number of at least ${least}`)
}

/** Checks an optional value against a list of allowed ones. */
export function checkOneOf(option: string, value: unknown, values: readonly string[]): void {
  if (value !== undefined && !values.includes(value as string))
    refuse(
      option,
      value,
      values
        .map(name => `'${name}'`)
        .join(', ')
        .replace(/, ([^,]*)$/, ' or $1'),
    )
}

export function checkFlag(option: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'boolean') refuse(option, value, 'true or false')
}

export function checkFunction(option: string, value: unknown): void {
  if (typeof value !== 'function') refuse(option, value, 'a function')
}

export function checkQueue(queue: QueueLimits | undefined): void {
  if (queue === undefined) return
  if (typeof queue !== 'object' || queue === null) refuse('queue', queue, '{ messages, bytes }')
  checkWhole('queue.messages', queue.messages ?? null, 1)
  checkWhole('queue.bytes', queue.bytes ?? null, 1)
}

/** Checks a topic, or a prefix of topics. */
export function checkTopic(option: string, value: unknown): void {
  if (!isTopic(value)) refuse(option, value, `a topic: text of at most ${MAX_TOPIC} bytes in UTF-8`)
}

export function checkSelection({ topics, prefixes, except }: TopicSelection): void {
  checkTopics('topics', topics)
  checkTopics('prefixes', prefixes)
  if (except === undefined) return
  if (typeof except !== 'object' || except === null) refuse('except', except, '{ topics, prefixes }')
  checkTopics('except.topics', except.topics)
  checkTopics('except.prefixes', except.prefixes)
}

function checkTopics(option: string, value: unknown): void {
  if (value === undefined) return
  if (!Array.isArray(value)) refuse(option, value, 'a list of topics')
  for (const [index, topic] of (value as unknown[]).entries())
    checkTopic(`${option}[${index}]`, topic ?? null)
}

/** Checks a URL of the bus and returns it in the form that ZeroMQ takes. */
export function busUrl(option: string, value: unknown, use: UrlUse): string {
  if (typeof value !== 'string') refuse(option, value, 'a URL: tcp://HOST:PORT or ipc://PATH')
  return named(option, () => parseBusUrl(value, use))
}

/** Checks the URLs that a broker binds on one side: one, or a list. */
export function bindUrls(option: string, value: unknown): string[] {
  const urls: unknown[] = Array.isArray(value) ? value : [value]
  if (urls.length === 0) refuse(option, value, 'a URL, or a list of at least one')
  return urls.map(url => busUrl(option, url ?? null, 'bind'))
}

/** Checks the address to listen on for datagrams. AIT's configuration has a list of one port here. */
export function listenAddress(option: string, value: unknown): Endpoint {
  const form = 'a port, HOST:PORT, { host, port } or a list of one of these'
  if (!Array.isArray(value)) return address(option, value, 0, form)
  if (value.length !== 1) refuse(option, value, form)
  return address(`${option}[0]`, value[0] ?? null, 0, form)
}

/** Checks one or several destinations of datagrams. */
export function destinations(option: string, value: unknown): Endpoint[] {
  const form = 'a port, HOST:PORT, { host, port } or a list of these'
  if (!Array.isArray(value)) return [address(option, value, 1, form)]
  if (value.length === 0) refuse(option, value, form)
  return value.map((item: unknown, index) => address(`${option}[${index}]`, item ?? null, 1, form))
}

/** Checks one destination of datagrams. */
export function destination(option: string, value: unknown): Endpoint {
  return address(option, value, 1, 'a port, HOST:PORT or { host, port }')
}

function address(option: string, value: unknown, least: 0 | 1, form: string): Endpoint {
  const parse = least === 0 ? parseListenAddress : parseDestination
  if (typeof value === 'number' || (typeof value === 'string' && /^\d+$/.test(value)))
    return named(option, () => parse(least === 0 ? String(value) : `127.0.0.1:${value}`))
  if (typeof value === 'string') return named(option, () => parse(value))
  if (typeof value !== 'object' || value === null) refuse(option, value, form)
  const { host, port } = value as Partial<Endpoint>
  if (typeof host !== 'string' || typeof port !== 'number') refuse(option, value, form)
  // An endpoint is taken as it is: it may have more to say than its text.
  named(option, () => parse(formatEndpoint({ host, port })))
  return value as Endpoint
}

function named<T>(option: string, parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    throw error instanceof UsageError ? new UsageError(`${option}: ${error.message}`) : error
  }
}

import { ANNOUNCEMENT_PREFIX } from '../announcement.ts'
import type { Followers, Forwarding, Route } from '../carrier.ts'
import type { Writer } from './writer.ts'

/** Send-queue limit for one subscriber, in bytes. Messages are batched, so their number does not matter. */
const QUEUE_BYTES = 16 * 1024 * 1024
/** Room beyond it that only statements take: they tell what was dropped, also of a publisher that has left since. */
const STATEMENT_BYTES = 1024 * 1024
/** So many messages may wait, whatever their size. */
const LEAST_MESSAGES = 4

/** A subscriber, as a route sees it. */
export interface Asker {
  readonly writer: Writer
  /** Whether it asks for a topic, as Latin-1. */
  asks(topic: string): boolean
  /** Whether it asks for a reserved topic, as Latin-1, by a prefix that is reserved itself. */
  follows(topic: string): boolean
  /** Grows whenever it takes a reserved subscription back, so that its next one begins with an opening statement. */
  readonly epoch: number
}

/** All subscribers of a socket. */
export interface Askers {
  /** Grows with every change of what they ask for. */
  readonly version: number
  readonly all: Iterable<Asker>
  /** Counts a message that an asker had no room for. */
  drop(asker: Asker): void
}

/** The way of one topic's messages to those who ask for it, and of its account to those who follow that. */
export class ZmtpRoute implements Route, Followers {
  readonly followers: Followers = this
  readonly #askers: Askers
  readonly #topic: Buffer
  readonly #statementTopic: Buffer
  #version = -1
  #asking: readonly Asker[] = []
  #following: readonly Asker[] = []
  /** Followers that have had an opening statement, and their epoch then. */
  readonly #opened = new Map<Asker, number>()
  #hasNew = false

  constructor(askers: Askers, topic: Buffer) {
    this.#askers = askers
    this.#topic = topic
    this.#statementTopic = Buffer.concat([Buffer.from(ANNOUNCEMENT_PREFIX), topic])
  }

  send(frame: Buffer): Forwarding {
    if (this.#version !== this.#askers.version) this.#lookUp()
    if (this.#asking.length === 0) return 'unheard'
    let taken = 0
    for (const asker of this.#asking) {
      if (hasRoom(asker, frame.length, QUEUE_BYTES)) {
        asker.writer.message(this.#topic, frame)
        taken += 1
      } else this.#askers.drop(asker)
    }
    return taken > 0 ? 'sent' : 'full'
  }

  get any(): boolean {
    if (this.#version !== this.#askers.version) this.#lookUp()
    return this.#following.length > 0
  }

  get hasNew(): boolean {
    if (this.#version !== this.#askers.version) this.#lookUp()
    return this.#hasNew
  }

  open(statement: Buffer): void {
    this.#hasNew = false
    for (const asker of this.#following) {
      if (this.#isOpened(asker)) continue
      if (this.#state(asker, statement)) this.#opened.set(asker, asker.epoch)
      else this.#hasNew = true
    }
  }

  tell(statement: Buffer): void {
    for (const asker of this.#following) if (this.#isOpened(asker)) this.#state(asker, statement)
  }

  #state(asker: Asker, statement: Buffer): boolean {
    const fits = hasRoom(asker, statement.length, QUEUE_BYTES + STATEMENT_BYTES)
    if (fits) asker.writer.statement(this.#statementTopic, statement)
    return fits
  }

  #isOpened(asker: Asker): boolean {
    return this.#opened.get(asker) === asker.epoch
  }

  #lookUp(): void {
    this.#version = this.#askers.version
    const [topic, statementTopic] = [this.#topic.toString('latin1'), this.#statementTopic.toString('latin1')]
    this.#asking = [...this.#askers.all].filter(asker => asker.asks(topic))
    this.#following = this.#asking.filter(asker => asker.follows(statementTopic))
    for (const asker of this.#opened.keys()) if (!this.#following.includes(asker)) this.#opened.delete(asker)
    this.#hasNew = this.#following.some(asker => !this.#isOpened(asker))
  }
}

function hasRoom({ writer: { messages, bytes } }: Asker, length: number, limit: number): boolean {
  return bytes + length <= limit || messages < LEAST_MESSAGES
}

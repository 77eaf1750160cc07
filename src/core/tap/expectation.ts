import type { TappedMessage } from './message.ts'
import { printableBytes } from '../format/printable.ts'
import { asBuffer } from '../wire/utf8.ts'
import type { Bounds } from './bounds.ts'
import { contains, type Pattern } from './pattern.ts'
import type { TopicSequences } from './sequences.ts'
import type { Traffic } from './traffic.ts'

/** All that a watch has seen, for an expectation to judge by. */
export interface Seen {
  readonly traffic: Traffic
  /** Undefined where they were not followed. */
  readonly sequences: TopicSequences | undefined
  /** The end of the watch, in ms on the monotonic clock. Undefined if it ended with a message, so without a silence. */
  readonly end: number | undefined
}

/** Something that has to be true of what passes. */
export interface Expectation {
  /** As the user wrote it. */
  readonly text: string
  /** Whether it is judged by sequence counts, so that these have to be followed. */
  readonly needsSequences?: boolean
  /** Called with every message, if messages have to be looked at. */
  readonly observe?: (message: TappedMessage) => void
  /** Whether it is met, and what was seen, in words. */
  readonly judge: (seen: Seen) => Verdict
}

export interface Verdict {
  readonly met: boolean
  readonly saw: string
}

/** Bytes of a payload that a verdict shows. */
const SHOWN_BYTES = 16

/** So many messages pass. */
export function expectCount(text: string, bounds: Bounds): Expectation {
  return {
    text,
    judge: ({ traffic: { messages } }) => ({ met: bounds.holds(messages), saw: messagesInWords(messages) }),
  }
}

/** Messages a second, as `Traffic` measures them. */
export function expectRate(text: string, bounds: Bounds): Expectation {
  return {
    text,
    judge({ traffic, end }) {
      const rate = traffic.rate(end)
      return {
        met: bounds.holds(rate),
        saw: `${rate.toFixed(2)} a second, ${messagesInWords(traffic.messages)}`,
      }
    },
  }
}

/** The longest time without a message between two of them, or after the last one, in seconds. */
export function expectInterval(text: string, bounds: Bounds): Expectation {
  return {
    text,
    judge({ traffic, end }) {
      if (traffic.messages === 0) return { met: false, saw: messagesInWords(0) }
      const longest = traffic.longestSilence(end)
      return { met: bounds.holds(longest), saw: `${longest.toFixed(3)}s` }
    },
  }
}

/** No gap in the CCSDS sequence counts; there has to be a packet at all. */
export function expectNoGaps(text: string): Expectation {
  return {
    text,
    needsSequences: true,
    judge({ sequences }) {
      const { packets, gaps, missing } = sequences?.toJSON() ?? { packets: 0, gaps: 0, missing: 0 }
      if (packets === 0) return { met: false, saw: 'no space packet' }
      return { met: missing === 0, saw: `${gaps} gaps with ${missing} missing in ${packets} packets` }
    },
  }
}

/** The sizes of payloads. */
export function expectSize(text: string, quantity: Quantity, bounds: Bounds): Expectation {
  return ofMessages(
    text,
    quantity,
    ({ size }) => bounds.holds(size),
    ({ size }) => `${size} bytes`,
  )
}

/** The application process of packets. */
export function expectApid(text: string, quantity: Quantity, bounds: Bounds): Expectation {
  return ofMessages(
    text,
    quantity,
    ({ apid }) => bounds.holds(apid ?? Number.NaN),
    ({ apid }) => (apid === undefined ? 'no space packet' : `APID ${apid}`),
  )
}

/** Bytes that stand in payloads. */
export function expectPayload(text: string, quantity: Quantity, pattern: Pattern): Expectation {
  return ofMessages(text, quantity, message => contains(message, pattern), shownPayload)
}

/** Of which messages a condition has to hold; in any case there has to be one. */
export type Quantity = 'all' | 'some'

/** A condition on messages. What it says that it saw is of the first that does not meet it. */
function ofMessages(
  text: string,
  quantity: Quantity,
  holds: (message: TappedMessage) => boolean,
  show: (message: TappedMessage) => string,
): Expectation {
  let messages = 0
  let met = 0
  let other: string | undefined
  return {
    text,
    observe(message) {
      messages += 1
      if (holds(message)) met += 1
      else other ??= show(message)
    },
    judge() {
      const enough = quantity === 'all' ? met === messages : met > 0
      const example = other === undefined ? '' : `; the first other: ${other}`
      const saw =
        messages === 0 ? messagesInWords(0) : `it in ${met} of ${messagesInWords(messages)}${example}`
      return { met: messages > 0 && enough, saw }
    },
  }
}

function shownPayload({ bytes, frame }: TappedMessage): string {
  const all = bytes ?? frame
  const head = all.subarray(0, SHOWN_BYTES)
  const more = all.length > SHOWN_BYTES ? '…' : ''
  return `${asBuffer(head).toString('hex')}${more} (${printableBytes(head)}${more})`
}

function messagesInWords(messages: number): string {
  if (messages === 0) return 'no message'
  return messages === 1 ? '1 message' : `${messages} messages`
}

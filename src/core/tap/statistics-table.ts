import { printable } from '../format/printable.ts'
import { textTable } from '../format/table.ts'
import type { TopicSequences } from './sequences.ts'
import type { Statistics, TopicStatistics } from './statistics.ts'

const HEAD = ['TOPIC', 'MESSAGES', 'BYTES', 'RATE', 'MIN', 'MEAN', 'MAX', 'CODEC', 'GAPS', 'JITTER']
const WORDS = [HEAD.indexOf('TOPIC'), HEAD.indexOf('CODEC')]

/**
 * Statistics as a table, a row a topic. RATE is messages a second. MIN, MEAN and MAX are sizes of payloads in bytes.
 * GAPS are gaps in CCSDS sequence counts and, in brackets, the packets that are missing; `-` if no packet has passed.
 * JITTER is the standard deviation of the time between one message and the next.
 * @param end the end of the watch, in ms on the monotonic clock: a silence at the end lowers the rate
 */
export function statisticsTable(statistics: Statistics, sequences?: TopicSequences, end?: number): string {
  const rows = statistics.topics.map(([topic, found]) => row(topic, found, gaps(topic, sequences), end))
  return textTable([HEAD, ...rows], { words: WORDS })
}

function row(topic: string, { traffic, codecs }: TopicStatistics, gaps: string, end?: number): string[] {
  const { messages, bytes, smallest, meanSize, largest, jitter } = traffic
  return [
    printable(topic),
    String(messages),
    String(bytes),
    traffic.rate(end).toFixed(1),
    String(smallest),
    meanSize.toFixed(1),
    String(largest),
    [...codecs].sort().join('+'),
    gaps,
    jitter === undefined ? '-' : `${(jitter * 1000).toFixed(3)}ms`,
  ]
}

function gaps(topic: string, sequences: TopicSequences | undefined): string {
  const found = sequences?.of(topic)
  if (found === undefined) return '-'
  return found.missing === 0 ? '0' : `${found.gaps} (${found.missing} missing)`
}

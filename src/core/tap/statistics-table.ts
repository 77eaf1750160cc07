import { printable } from '../format/printable.ts'
import type { TopicSequences } from './sequences.ts'
import type { Statistics, TopicStatistics } from './statistics.ts'

const HEAD = ['TOPIC', 'MESSAGES', 'BYTES', 'RATE', 'MIN', 'MEAN', 'MAX', 'CODEC', 'GAPS', 'JITTER']
/** Columns of words, which stand on the left; figures stand on the right. */
const WORDS = new Set(['TOPIC', 'CODEC'])

/**
 * Statistics as a table in columns, a row a topic. RATE is messages a second, MIN, MEAN and MAX are sizes of payloads in bytes.
 * GAPS are gaps in CCSDS sequence counts and, in brackets, how many packets are missing; `-` where no packet has passed.
 * JITTER is the standard deviation of the time between one message and the next.
 * @param end when the watch ended, in ms on the monotonic clock: a silence at the end lowers the rate
 */
export function statisticsTable(statistics: Statistics, sequences?: TopicSequences, end?: number): string {
  const rows = statistics.topics.map(([topic, found]) => row(topic, found, gaps(topic, sequences), end))
  const all = [HEAD, ...rows]
  const widths = HEAD.map((_, column) => Math.max(...all.map(cells => cells[column]?.length ?? 0)))
  const line = (cells: readonly string[]) => {
    const padded = cells.map((cell, column) => {
      const width = widths[column] ?? 0
      return WORDS.has(HEAD[column] ?? '') ? cell.padEnd(width) : cell.padStart(width)
    })
    return `${padded.join('  ').trimEnd()}\n`
  }
  return all.map(line).join('')
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

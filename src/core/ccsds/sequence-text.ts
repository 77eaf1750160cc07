import type { SequenceEvent, SequenceFinding } from './sequence-event.ts'

/** A {@link SequenceEvent} in words, its stream first. */
export function sequenceText(event: SequenceEvent): string {
  const { type, apid } = event
  return `${type === 'TC' ? 'TC ' : ''}APID ${apid}: ${findingText(event)}`
}

/** A {@link SequenceFinding} in words. */
export function findingText({ kind, count, expected, missing, revises }: SequenceFinding): string {
  const revision = revises === undefined ? '' : `, so the ${revises} before it was none`
  switch (kind) {
    case 'gap':
      return `${missing} missing before count ${count} (expected ${expected})${revision}`
    case 'duplicate':
      return `count ${count} again (expected ${expected})${revision}`
    case 'out-of-order':
      return `count ${count} came late (expected ${expected})${revision}`
    case 'restart':
      return `began anew at count ${count} (expected ${expected})${revision}`
  }
}

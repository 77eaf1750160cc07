import type { SequenceEvent } from './sequence-event.ts'

/** What a {@link SequenceEvent} found, in words. */
export function sequenceText({ kind, type, apid, count, expected, missing, revises }: SequenceEvent): string {
  const stream = `${type === 'TC' ? 'TC ' : ''}APID ${apid}`
  const revision = revises === undefined ? '' : `, so the ${revises} before it was none`
  switch (kind) {
    case 'gap':
      return `${stream}: ${missing} missing before count ${count} (expected ${expected})${revision}`
    case 'duplicate':
      return `${stream}: count ${count} again (expected ${expected})${revision}`
    case 'out-of-order':
      return `${stream}: count ${count} came late (expected ${expected})${revision}`
    case 'restart':
      return `${stream}: began anew at count ${count} (expected ${expected})${revision}`
  }
}

import type { TopicNames } from '../../core/tap/silence.ts'
import { selectionText } from '../shared/selection.ts'

/** Number of topics named in a sentence. */
const NAMED = 5

/** A sentence about topics that are silent while others flow. */
export function silenceText({ topics, prefixes }: TopicNames, flowing: readonly string[]): string {
  const names = flowing.slice(0, NAMED).map(name => `'${name}'`)
  const more = flowing.length > NAMED ? ` and ${flowing.length - NAMED} more` : ''
  const silent = selectionText({ topics: [...topics], prefix: [...prefixes] })
  return `no message of ${silent} so far; topics that flow: ${names.join(', ')}${more}`
}

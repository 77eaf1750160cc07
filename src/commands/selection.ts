import { UsageError } from '../core/errors.ts'
import type { OptionSpecs, Values } from './options.ts'
import { topic } from './values.ts'

/** The topics that a command takes in, as its arguments. */
export const selectionArguments = {
  topics: { describe: 'topics, each exactly as it is named', parse: topic, repeat: true },
} as const satisfies OptionSpecs

export const selectionOptions = {
  prefix: { describe: 'take every topic that begins with this; may be repeated', parse: topic, repeat: true },
} as const satisfies OptionSpecs

/** What was selected. */
export type Selection = Values<typeof selectionArguments & typeof selectionOptions>

/** For a command that must not take everything by mistake. @throws {UsageError} when nothing is selected */
export function requireSelection({ topics, prefix }: Selection): void {
  if (topics.length === 0 && prefix.length === 0) {
    throw new UsageError('missing argument: at least one TOPIC, or --prefix', {
      hint: 'everything on a bus includes commands, so it is not sent anywhere by default',
    })
  }
}

/** A selection in words. */
export function selectionText({ topics, prefix }: Selection): string {
  const parts = [...topics.map(name => `'${name}'`), ...prefix.map(start => `'${start}…'`)]
  return parts.length === 0 ? 'all topics' : parts.join(', ')
}

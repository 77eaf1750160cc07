import { UsageError } from '../../core/errors.ts'
import type { OptionSpecs, Values } from './command-line/options.ts'
import { topicOnBus } from './command-line/values.ts'

/** The arguments and options that select a command's topics. */
export const selectionArguments = {
  topics: { describe: 'topics, each exactly as it is named', parse: topicOnBus, repeat: true },
} as const satisfies OptionSpecs

export const selectionOptions = {
  prefix: {
    describe: 'take every topic that begins with this; may be repeated',
    parse: topicOnBus,
    repeat: true,
  },
} as const satisfies OptionSpecs

/** The selected topics. */
export type Selection = Values<typeof selectionArguments & typeof selectionOptions>

/** Guards a command that must not take everything by mistake. @throws {UsageError} if nothing is selected */
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

/**
 * Warns of topics that look like patterns of MQTT, NATS or a shell. Groundwire matches topics exactly. That may be meant, so
 * it is no error, but most users of such a pattern wait for messages that never come.
 */
export function patternWarnings({ topics, prefix }: Selection): string[] {
  return [...topics, ...prefix].flatMap(name => {
    const start = startOfPattern(name)
    if (start === undefined) return []
    const remedy =
      start === ''
        ? 'without TOPIC, tap takes every topic'
        : `--prefix ${start} takes every topic that begins with '${start}'`
    return [`'${name}' is taken as it stands, as there are no wildcards here; ${remedy}`]
  })
}

/** The text before the first wildcard; undefined without a wildcard. */
function startOfPattern(name: string): string | undefined {
  // MQTT: a level that is + or, at the end, #. NATS: a token that is * or, at the end, >. A shell: a * at the end.
  const at = /(?<=^|[/.])(?:[+*](?=$|[/.])|[#>]$)|\*$/.exec(name)?.index
  return at === undefined ? undefined : name.slice(0, at)
}

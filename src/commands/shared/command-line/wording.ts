export const MISSING_VALUE = 'missing value of option'
export const MISSING_ARGUMENT = 'missing argument'
export const UNKNOWN = 'unexpected argument'

/** yargs' sentences in our words. It takes a singular and a plural too, which its types don't know. */
export const STRINGS = {
  'Positionals:': 'Arguments:',
  'Unknown argument: %s': numberless(`${UNKNOWN}: %s`),
  'Unknown command: %s': numberless('unknown command: %s'),
  'Not enough arguments following: %s': `${MISSING_VALUE}: %s`,
  'Not enough non-option arguments: got %s, need at least %s': numberless(`${MISSING_ARGUMENT}: %s of %s`),
} as unknown as Record<string, string>

function numberless(text: string): { one: string; other: string } {
  return { one: text, other: text }
}

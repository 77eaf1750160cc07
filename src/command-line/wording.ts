/** Columns of the help: the same on every terminal and in every pipe. */
export const WIDTH = 110

export const EPILOGUE = `Every option can be given in the environment too: --max-message as GROUNDWIRE_MAX_MESSAGE.
Exit codes: 0 done, or stopped as asked; 1 it failed; 2 wrong command line; 3 no proxy or subscriber in time;
4 what was expected did not happen; 5 refused by the other side; 6 something was lost (--fail-on-loss).`

const MISSING_VALUE = 'missing value of option'

/** yargs' sentences in our words. It takes a singular and a plural too, which its types don't know. */
export const STRINGS = {
  'Unknown argument: %s': numberless('unknown option or argument: %s'),
  'Unknown command: %s': numberless('unknown command: %s'),
  'Not enough arguments following: %s': `${MISSING_VALUE}: %s`,
  'Not enough non-option arguments: got %s, need at least %s': numberless(
    'missing argument: %s given, %s needed',
  ),
} as unknown as Record<string, string>

function numberless(text: string): { one: string; other: string } {
  return { one: text, other: text }
}

/** Notes as the help wraps them: an empty line ends a paragraph, an indented line stays one. */
export function unwrapped(notes: string): string {
  const paragraphs = notes.split('\n\n').map(paragraph => paragraph.replaceAll(/\n(?! )/g, ' '))
  return paragraphs.join('\n')
}

/** Names the options in a sentence of yargs' as they were written: it knows `--count` as `count`, and `-c` as `c`. */
export function inTheUsersWords(message: string, argv: readonly string[]): string {
  const [, what, names = ''] = /^([^:]+): (.+)$/.exec(message) ?? []
  if (what === undefined) return argv[0] === undefined ? message : `${message}: '${argv[0]}' is none`
  const written = names.split(', ').map(name => {
    const option = name.length === 1 ? `-${name}` : `--${name}`
    return argv.some(word => word === option || word.startsWith(`${option}=`)) ? option : name
  })
  // yargs reads the words of a list once more, and takes a dash alone for the end of it.
  if (what === MISSING_VALUE && written[0] === names) return `'-' is none of the ${names} here`
  return `${what}: ${written.join(', ')}`
}

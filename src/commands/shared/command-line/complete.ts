import { type Command, commonOptions } from './command.ts'
import { commandIn, commands } from '../../index.ts'
import { type OptionSpecs, type ValueSpec, variableOf } from './options.ts'
import { parseWords } from './well-formed.ts'

/** Time to listen to the bus for its topics, in ms. It is short, as somebody waits at a prompt. */
const TOPICS_MS = 300
/** Number of topics offered. */
const MAX_TOPICS = 100

/** A topic that does not fit a prompt, or that would be read as an option. */
// oxlint-disable-next-line no-control-regex
const UNFIT = /^-|[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/

/** Stands for the next word. No shell can pass it. */
const NEXT = '\0'

/** A candidate for the next word, and its meaning. */
export interface Candidate {
  readonly word: string
  readonly meaning?: string
}

/** Candidates for the next word; or 'files', as the shell completes file names better. */
export type Completion = readonly Candidate[] | 'files'

/**
 * Answers a shell that asks for candidates: `--complete SHELL WORDS…`, where the first word is the program's name. The first
 * line of the answer is `words`, and they follow, or `files`; zsh also gets the meaning of each word. Some users have yargs'
 * script in their profile: it takes only words, and completes file names if it gets no words.
 */
export async function completionText(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  const [asking, ...rest] = argv
  const isOwn = asking === '--complete'
  const shell = isOwn ? rest.shift() : 'bash'
  const found = await complete(rest.slice(1), env)
  if (found === 'files') return isOwn ? 'files' : ''
  const lines = found.map(({ word, meaning }) => {
    if (shell !== 'zsh') return word
    const escaped = word.replaceAll(':', '\\:')
    return meaning === undefined ? escaped : `${escaped}:${meaning}`
  })
  return [...(isOwn ? ['words'] : []), ...lines].join('\n')
}

/**
 * Finds the candidates for the last word of a command line.
 * @param words those after the program's name; the last one is the word being written, and may be empty
 */
export async function complete(words: readonly string[], env: NodeJS.ProcessEnv): Promise<Completion> {
  const current = words.at(-1) ?? ''
  const before = words.slice(0, -1)
  const found = await candidates(current, before, env)
  return found === 'files' ? found : found.filter(({ word }) => word.startsWith(current))
}

async function candidates(
  current: string,
  before: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<Completion> {
  const name = before[0] === 'help' ? undefined : commandIn(before)
  const command = name === undefined ? undefined : (await commands[name]?.load())?.default
  if (name === undefined || command === undefined) return current.startsWith('-') ? OWN : commandNames(before)
  const line = readBefore(before.slice(before.indexOf(name) + 1), command)
  const topics = () => topicsOnBus(line, env)
  const [, option, start] = /^--([^=]+)(=)/.exec(current) ?? []
  if (option !== undefined) {
    const values = await valuesOf(valueSpec(line.options, option), topics)
    return values === 'files' ? values : values.map(({ word }) => ({ word: `--${option}${start}${word}` }))
  }
  if (line.wanting !== undefined) return valuesOf(line.wanting, topics)
  if (current.startsWith('-') && !line.isOver) return optionsOf(line)
  const values = await valuesOf(line.nextArgument, topics)
  return values === 'files' || values.length > 0 || current !== '' ? values : optionsOf(line)
}

const OWN: readonly Candidate[] = [
  { word: '--help', meaning: 'show the help' },
  { word: '--version', meaning: 'print the version' },
]

function commandNames(before: readonly string[]): Candidate[] {
  const all = Object.entries(commands).map(([word, { summary }]) => ({ word, meaning: summary }))
  const word = before.find(name => !name.startsWith('-'))
  if (word === undefined) return [...all, { word: 'help', meaning: 'show the help of a command' }]
  return word === 'help' && before.length === 1 ? all : []
}

/** The words between the command and the next word. */
interface WordsBefore {
  readonly options: OptionSpecs
  /** The texts of the options given. */
  readonly given: Readonly<Record<string, unknown>>
  /** The option whose value the next word is. */
  readonly wanting: ValueSpec<unknown> | undefined
  /** The argument that the next word is. */
  readonly nextArgument: ValueSpec<unknown> | undefined
  /** Whether no further option may come. */
  readonly isOver: boolean
}

/** Reads them as any command line, with a word at the end that nobody can write. The next word lands where that one does. */
function readBefore(words: readonly string[], command: Command): WordsBefore {
  const options = { ...command.options, ...commonOptions }
  const { _: args, '--': after = [], ...given } = parseWords([...words, NEXT], options).argv
  const wanting = Object.keys(options).find(name => lastText(given[name]) === NEXT)
  const specs = Object.values(command.arguments).flatMap(spec => ('flag' in spec ? [] : [spec]))
  const last = specs.at(-1)
  return {
    options,
    given,
    wanting: wanting === undefined ? undefined : valueSpec(options, wanting),
    nextArgument: specs[args.length + after.length - 1] ?? (last?.repeat ? last : undefined),
    isOver: after.includes(NEXT),
  }
}

/** An option that takes a value. */
function valueSpec(options: OptionSpecs, name: string): ValueSpec<unknown> | undefined {
  const spec = options[name]
  return spec === undefined || 'flag' in spec ? undefined : spec
}

function lastText(found: unknown): string | undefined {
  const last: unknown = [found].flat().at(-1)
  return typeof last === 'string' ? last : undefined
}

function optionsOf({ options, given }: WordsBefore): Candidate[] {
  const names = Object.entries(options).flatMap(([name, spec]) => {
    const mayComeAgain = !('flag' in spec) && spec.repeat
    if (given[name] !== undefined && !mayComeAgain) return []
    const isOn = 'flag' in spec && spec.default
    return [{ word: isOn ? `--no-${name}` : `--${name}`, meaning: spec.describe }]
  })
  return [...names, { word: '--help', meaning: 'show the help' }]
}

async function valuesOf(
  spec: ValueSpec<unknown> | undefined,
  topics: () => Promise<Candidate[]>,
): Promise<Completion> {
  const completion = spec?.parse.completion
  if (completion === undefined) return []
  if (completion === 'files') return 'files'
  return completion === 'topics' ? topics() : completion.map(word => ({ word }))
}

async function topicsOnBus({ given }: WordsBefore, env: NodeJS.ProcessEnv): Promise<Candidate[]> {
  const xpub = lastText(given['xpub']) || env[variableOf('xpub')] || undefined
  try {
    const { topicsNow } = await import('../../../core/bus/topics-now.ts')
    const topics = await topicsNow({ xpub, durationMs: TOPICS_MS, limit: MAX_TOPICS })
    return topics.filter(topic => !UNFIT.test(topic)).map(word => ({ word }))
  } catch {
    // A prompt has no place for an error, and an incomplete line need not be right yet.
    return []
  }
}

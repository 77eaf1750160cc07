import { type Command, commonOptions } from './command.ts'
import { commandIn, commands } from '../../index.ts'
import { type OptionSpecs, type ValueSpec, variableOf } from './options.ts'
import { DEFAULT_XPUB_URL } from '../../../core/endpoint.ts'

/** How long the bus is listened to for its topics, in ms: somebody waits for it at a prompt. */
const TOPICS_MS = 300
/** How many topics are offered. */
const MAX_TOPICS = 100

/** A topic that a prompt has no place for, or that would be read as an option. */
// oxlint-disable-next-line no-control-regex
const UNFIT = /^-|[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/

/** A word that may stand next, and what it means. */
export interface Candidate {
  readonly word: string
  readonly meaning?: string
}

/** Candidates for the next word; or 'files', as the shell completes file names better. */
export type Completion = readonly Candidate[] | 'files'

/**
 * Finds what may stand at the end of a command line.
 * @param words those after the program's name; the last one is what has been written of the next, and may be empty
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
  const line = new Line(before.slice(before.indexOf(name) + 1), command)
  const topics = () => topicsOnBus(line, env)
  const [, option, start] = /^--([^=]+)(=)/.exec(current) ?? []
  if (option !== undefined) {
    const values = await valuesOf(line.spec(option), topics)
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

/** The arguments given after the command so far. */
class Line {
  readonly options: OptionSpecs
  /** The last value of each option that is there. */
  readonly given = new Map<string, string>()
  /** The option that the next word is the value of. */
  readonly wanting: ValueSpec<unknown> | undefined
  /** Whether no further option may come. */
  readonly isOver: boolean
  readonly #arguments: readonly ValueSpec<unknown>[]
  #taken = 0

  constructor(words: readonly string[], command: Command) {
    this.options = { ...command.options, ...commonOptions }
    this.#arguments = Object.values(command.arguments).flatMap(spec => ('flag' in spec ? [] : [spec]))
    let wanting: string | undefined
    let isOver = false
    for (const word of words) {
      if (wanting !== undefined) {
        this.given.set(wanting, word)
        wanting = undefined
      } else if (isOver || !/^-./.test(word)) this.#taken += 1
      else if (word === '--') isOver = true
      else wanting = this.#option(word)
    }
    this.wanting = wanting === undefined ? undefined : this.spec(wanting)
    this.isOver = isOver
  }

  /** An option that takes a value. */
  spec(name: string): ValueSpec<unknown> | undefined {
    const spec = this.options[name]
    return spec === undefined || 'flag' in spec ? undefined : spec
  }

  /** The argument that the next word is. */
  get nextArgument(): ValueSpec<unknown> | undefined {
    const last = this.#arguments.at(-1)
    return this.#arguments[this.#taken] ?? (last?.repeat ? last : undefined)
  }

  /** @returns the option's name, where its value is the next word */
  #option(word: string): string | undefined {
    const [, long, value] = /^--(?:no-)?([^=]+)(?:=(.*))?$/s.exec(word) ?? []
    const name = long ?? this.#byAlias(word.at(-1) ?? '')
    if (name === undefined) return undefined
    this.given.set(name, value ?? '')
    return value === undefined && this.spec(name) !== undefined ? name : undefined
  }

  #byAlias(letter: string): string | undefined {
    return Object.entries(this.options).find(([, { alias }]) => alias === letter)?.[0]
  }
}

function optionsOf({ options, given }: Line): Candidate[] {
  const names = Object.entries(options).flatMap(([name, spec]) => {
    const mayComeAgain = !('flag' in spec) && spec.repeat
    if (given.has(name) && !mayComeAgain) return []
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

async function topicsOnBus({ given }: Line, env: NodeJS.ProcessEnv): Promise<Candidate[]> {
  const xpub = given.get('xpub') || env[variableOf('xpub')] || DEFAULT_XPUB_URL
  try {
    const { topicsNow } = await import('../../../core/bus/topics-now.ts')
    const topics = await topicsNow({ xpub, durationMs: TOPICS_MS, limit: MAX_TOPICS })
    return topics.filter(topic => !UNFIT.test(topic)).map(word => ({ word }))
  } catch {
    // At a prompt there is no place for an error: the line is not complete, and may not be right yet.
    return []
  }
}

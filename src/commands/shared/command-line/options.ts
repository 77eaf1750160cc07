import { UsageError } from '../../../core/errors.ts'
import type { Reader } from './values.ts'

/** An option or an argument that takes a value. yargs finds the text; only `parse` interprets it. */
export interface ValueSpec<T> {
  readonly describe: string
  /** Reads one value. Throws a UsageError that quotes the text and names the form. */
  readonly parse: Reader<T>
  readonly alias?: string
  /** Its text if neither the command line nor the environment gives one. */
  readonly default?: string
  /** May be given several times; its value is a list. */
  readonly repeat?: boolean
  /** The command line is wrong without it. An argument is required if it is `<in angle brackets>` in the usage. */
  readonly required?: boolean
}

/** An option that is either given or not. */
export interface FlagSpec {
  readonly describe: string
  readonly flag: true
  readonly alias?: string
  readonly default?: boolean
}

export type OptionSpecs = Readonly<Record<string, ValueSpec<unknown> | FlagSpec>>

type ValueOf<S> = S extends FlagSpec
  ? boolean
  : S extends { parse: (text: string) => infer T; repeat: true }
    ? T[]
    : S extends
          | { parse: (text: string) => infer T; default: string }
          | { parse: (text: string) => infer T; required: true }
      ? T
      : S extends { parse: (text: string) => infer T }
        ? T | undefined
        : never

/** The values of a command's options and arguments, one each. */
export type Values<S extends OptionSpecs> = { readonly [K in keyof S]: ValueOf<S[K]> }

/** The environment variable of an option: `--max-message` is GROUNDWIRE_MAX_MESSAGE. */
export function variableOf(option: string): string {
  return `GROUNDWIRE_${option.toUpperCase().replaceAll('-', '_')}`
}

/**
 * Makes a command's values from the texts that yargs found, from the environment, and from the defaults, in this order.
 * @throws {UsageError} naming the option or the variable, its value and the form; or a missing option
 */
export function readValues(
  found: Readonly<Record<string, unknown>>,
  options: OptionSpecs,
  args: OptionSpecs,
  env: NodeJS.ProcessEnv,
): Record<string, unknown> {
  const values: Record<string, unknown> = {}
  const given = withWordsAfterDashes(found, args)
  for (const [name, spec] of Object.entries(args)) {
    values[name] = 'flag' in spec ? undefined : readValue(name.toUpperCase(), spec, given[name])
  }
  for (const [name, spec] of Object.entries(options)) {
    const variable = variableOf(name)
    const text = env[variable]
    if (found[name] !== undefined)
      values[name] = 'flag' in spec ? found[name] : readValue(`--${name}`, spec, found[name])
    else if (text !== undefined && text !== '') values[name] = readVariable(variable, spec, text)
    else if ('flag' in spec) values[name] = spec.default ?? false
    else if (spec.required) throw new UsageError(`missing option: --${name} (${spec.describe})`)
    else values[name] = readValue(`--${name}`, spec, undefined)
  }
  return values
}

/**
 * Assigns the words after `--`, which yargs leaves aside, to their arguments. These words may begin with a dash.
 * @throws {UsageError} for a word too many
 */
function withWordsAfterDashes(
  found: Readonly<Record<string, unknown>>,
  args: OptionSpecs,
): Readonly<Record<string, unknown>> {
  const [, ...words] = [found['_'] ?? []].flat().map(String)
  if (words.length === 0) return found
  const given = { ...found }
  for (const [name, spec] of Object.entries(args)) {
    const before = given[name]
    if (!('flag' in spec) && spec.repeat) given[name] = [before ?? [], words.splice(0)].flat()
    else if (before === undefined) given[name] = words.shift()
  }
  if (words.length > 0) throw new UsageError(`unexpected argument: ${words.join(', ')}`)
  return given
}

/** yargs gives a text, a list if the option was given several times, or nothing. */
function readValue(label: string, spec: ValueSpec<unknown>, found: unknown): unknown {
  const texts = found === undefined || found === null ? [] : [found].flat().map(String)
  if (texts.length === 0 && spec.default !== undefined) texts.push(spec.default)
  if (spec.repeat) return texts.map(text => parseAs(label, spec, text))
  // The last of several holds, so that a wrapper script's option can be overridden.
  const last = texts.at(-1)
  return last === undefined ? undefined : parseAs(label, spec, last)
}

function readVariable(variable: string, spec: ValueSpec<unknown> | FlagSpec, text: string): unknown {
  if (!('flag' in spec)) {
    return readValue(variable, spec, spec.repeat ? text.split(/[\s,]+/).filter(part => part !== '') : text)
  }
  if (/^(1|true|yes|on)$/i.test(text)) return true
  if (/^(0|false|no|off)$/i.test(text)) return false
  throw new UsageError(`${variable}: '${text}' is not one of 1, true, yes, on, 0, false, no, off`)
}

function parseAs<T>(label: string, spec: ValueSpec<T>, text: string): T {
  try {
    return spec.parse(text)
  } catch (cause) {
    if (!(cause instanceof UsageError)) throw cause
    const hint = cause.hint === undefined ? {} : { hint: cause.hint }
    throw new UsageError(`${label}: ${cause.message}`, { cause, ...hint })
  }
}

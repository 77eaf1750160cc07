import type { Argv } from 'yargs'
import type { Options as ParserOptions } from 'yargs-parser'
import type { OptionSpecs } from './options.ts'

// The same specs, declared to yargs and to yargs' parser alone. What the one is told, the other has to be told too.

/** How words become options, whatever the command. */
export const PARSER_CONFIGURATION = {
  'parse-numbers': false,
  'parse-positional-numbers': false,
  'dot-notation': false,
  'camel-case-expansion': false,
}

/** What yargs has of itself on every command line. */
export const OWN_ALIASES = { help: 'h', version: 'V' } as const

/** Tells yargs which options there are, so that it finds their texts, completes and explains them. */
export function declareOptions(yargs: Argv, specs: OptionSpecs): void {
  for (const [name, spec] of Object.entries(specs)) {
    const shared = { describe: described(spec), ...(spec.alias === undefined ? {} : { alias: spec.alias }) }
    if ('flag' in spec) yargs.option(name, { ...shared, type: 'boolean' })
    else yargs.option(name, { ...shared, type: 'string', requiresArg: true })
  }
}

/** Tells yargs of the arguments that stand in a command's usage. */
export function declareArguments(yargs: Argv, specs: OptionSpecs): void {
  for (const [name, spec] of Object.entries(specs)) {
    if ('flag' in spec) continue
    yargs.positional(name, { describe: described(spec), type: 'string' })
    // Without it, the word - is an option without a name, and empty.
    yargs.nargs(name, 1)
  }
}

/** What yargs tells its parser once the options have been declared to it; arguments are left out. */
export function parserOptions(specs: OptionSpecs): Partial<ParserOptions> {
  const names = Object.keys(specs)
  const isFlag = (name: string) => 'flag' in (specs[name] ?? {})
  const values = names.filter(name => !isFlag(name))
  const aliases = Object.entries(specs).flatMap(([name, { alias }]) =>
    alias === undefined ? [] : [[name, [alias]]],
  )
  return {
    boolean: [...Object.keys(OWN_ALIASES), ...names.filter(isFlag)],
    string: values,
    // This is how yargs writes that a value is required.
    narg: Object.fromEntries(values.map(name => [name, Number.NaN])),
    alias: { ...OWN_ALIASES, ...Object.fromEntries(aliases) },
    configuration: { ...PARSER_CONFIGURATION, 'populate--': true },
  }
}

/** An option's help text, with its default: yargs would put that into a column of its own and break words there. */
function described(spec: OptionSpecs[string]): string {
  if ('flag' in spec) return spec.describe
  if (spec.default !== undefined) return `${spec.describe} (default: ${spec.default})`
  return spec.required ? `${spec.describe} (required)` : spec.describe
}

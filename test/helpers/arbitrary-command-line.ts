import * as fc from 'fast-check'
import { type Command, commonOptions } from '../../src/commands/shared/command-line/command.ts'
import { commands } from '../../src/commands/index.ts'
import type { OptionSpecs } from '../../src/commands/shared/command-line/options.ts'

/** All options of a command. */
export function optionsOf(command: Command): OptionSpecs {
  return { ...command.options, ...commonOptions }
}

/** Words that have broken command-line parsers before. */
const ODD = [
  ...'- -- --- ---=x -5 -.5 -5x = --= --=x -= --no- --no -q- " \' "" a.b --a.b -f.g=1 0x10 1e3 true false'.split(
    ' ',
  ),
  ...'help --help -h --help=false --no-help -V --version completion --get-yargs-completions'.split(' '),
  ...'--_ --_=x --$0 --__proto__ --constructor --show-hidden --frob --frob=1 -z --no-frob'.split(' '),
  '',
  ' ',
]

/** A word after a command: one of its options in any form, a value, or neither. */
export function wordFor(command: Command): fc.Arbitrary<string> {
  const specs = Object.entries(optionsOf(command))
  const names = specs.map(([name]) => name)
  const letters = specs.flatMap(([, { alias }]) => alias ?? [])
  const value = fc.oneof(
    fc.constantFrom('telem', 'hello', '5s', '1', 'tcp://127.0.0.1:5559', '127.0.0.1:9', ...ODD),
    fc.string({ maxLength: 4 }),
  )
  const name = fc.constantFrom(...names, ...Object.keys(command.arguments))
  const cluster = fc
    .array(fc.constantFrom(...letters, 'h', '1', 'z'), { minLength: 1, maxLength: 3 })
    .map(some => `-${some.join('')}`)
  return fc.oneof(
    { weight: 4, arbitrary: value },
    { weight: 3, arbitrary: name.map(text => `--${text}`) },
    { weight: 2, arbitrary: fc.tuple(name, value).map(([text, of]) => `--${text}=${of}`) },
    { weight: 1, arbitrary: name.map(text => `--no-${text}`) },
    { weight: 2, arbitrary: cluster },
    { weight: 1, arbitrary: fc.tuple(cluster, value).map(([text, of]) => `${text}=${of}`) },
    { weight: 1, arbitrary: fc.tuple(cluster, value).map(([text, of]) => `${text}${of}`) },
    { weight: 1, arbitrary: fc.constantFrom(...Object.keys(commands)) },
  )
}

/** A command line that is usually valid: arguments, and options with suitable values. */
export function rightCommandLine(name: string, command: Command): fc.Arbitrary<string[]> {
  const text = fc.constantFrom('telem', 'hello', '5', '-', '', 'help', 'a=b', 'true', '-1')
  const options = Object.entries(optionsOf(command)).map(([option, spec]) => {
    const forms = spec.alias === undefined ? [`--${option}`] : [`--${option}`, `-${spec.alias}`]
    if ('flag' in spec) return fc.constantFrom(...forms, `--no-${option}`).map(form => [form])
    return fc
      .tuple(fc.constantFrom(...forms), text, fc.boolean())
      .map(([form, value, joined]) => (joined ? [`${form}=${value}`] : [form, value]))
  })
  const args = Object.values(command.arguments)
  const needed = args.filter(spec => 'required' in spec && spec.required).length
  const given = fc.array(text, { minLength: needed, maxLength: args.length })
  const parts = fc.array(fc.oneof(...options), { maxLength: 4 })
  return fc.tuple(given, parts, fc.nat(4)).map(([words, some, at]) => {
    const [before, after] = [some.slice(0, at), some.slice(at)]
    return [name].concat(before.flat(), words, after.flat())
  })
}

// The results of the parts of a run, as they are kept in bench/results: a part that is run again replaces its own.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { PROJECT } from '../scripts/project.ts'
import type { ChainResult, ColdResult } from './chains/result.ts'
import type { CommandResult } from './commands/commands.ts'
import type { FileResult } from './file/file.ts'
import type { ForeignFigures } from './foreign-load.ts'
import type { LoadLanguage } from './programs.ts'
import type { ScaleResult } from './scale/scale.ts'

/** A part of the bench, and when and where it was run. */
export interface PartResult<T> {
  readonly started: string
  readonly minutes: number
  readonly machine: string
  /** Time that a trial sends, in ms; null where there is no such time. */
  readonly trialMs: number | null
  /** Language of the load generator and the receiver; null where groundwire's own commands are the load. */
  readonly load: LoadLanguage | null
  /** Other load on the machine; null where that is not known. */
  readonly foreign: ForeignFigures | null
  /** What could not be run, with the reason. */
  readonly skipped: Readonly<Record<string, string>>
  readonly results: readonly T[]
}

/** One file of bench/results. */
export interface RunResult {
  readonly chains?: PartResult<ChainResult>
  readonly cold?: PartResult<ColdResult>
  readonly scale?: PartResult<ScaleResult>
  readonly file?: PartResult<FileResult>
  readonly commands?: PartResult<CommandResult>
}

/** The parts, in the order in which they run. */
export const PARTS = ['chains', 'cold', 'scale', 'file', 'commands'] as const
export type PartName = (typeof PARTS)[number]

/**
 * The parts that `--only` names: 'scale,file'. All without it.
 * @throws {TypeError} for a name that is none
 */
export function partsOf(only: string | undefined): readonly PartName[] {
  if (only === undefined) return PARTS
  return only.split(',').map(name => {
    const part = PARTS.find(each => each === name)
    if (part === undefined) throw new TypeError(`--only is for ${PARTS.join(', ')}, not '${name}'`)
    return part
  })
}

/** Reads a file of bench/results. A file that does not exist yet has no parts. */
export function readResult(name: string): RunResult {
  try {
    return JSON.parse(readFileSync(resultFile(name, 'json'), 'utf8')) as RunResult
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {}
    throw error
  }
}

export function resultFile(name: string, ending: 'json' | 'md'): string {
  return path.join(PROJECT, 'bench', 'results', `${name}.${ending}`)
}

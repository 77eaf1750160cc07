import { textTable } from '../../src/core/format/table.ts'
import type { CarrierName } from '../../src/core/bus/carrier.ts'

/** The outcome of one cell or scenario. */
export interface Result {
  readonly kind: 'cell' | 'scenario'
  readonly name: string
  readonly carrier: CarrierName
  /** All measurements, for `--json`. */
  readonly figures: unknown
  /** Figures for people, in the order of the table's columns. */
  readonly row: readonly string[]
  /** One sentence per broken rule. Empty: it passed. */
  readonly failures: readonly string[]
}

/** A cell or a scenario to run. */
export interface Job extends Pick<Result, 'kind' | 'name' | 'carrier'> {
  readonly run: () => Promise<Result>
}

/** Runs a job. A job that throws has failed, with its error as the reason. */
export async function outcomeOf({ kind, name, carrier, run }: Job): Promise<Result> {
  try {
    return await run()
  } catch (error) {
    const reason = `it broke off: ${error instanceof Error ? error.message : String(error)}`
    return { kind, name, carrier, figures: null, row: [], failures: [reason] }
  }
}

/** Formats cells as a table. */
export function tableOf(cells: readonly Result[], columns: readonly string[]): string {
  const rows = cells.map(({ name, carrier, row, failures }) => [
    name,
    carrier,
    ...columns.map((_, column) => row[column] ?? ''),
    verdictOf(failures),
  ])
  return textTable([['', 'carrier', ...columns, 'verdict'], ...rows])
}

/** Formats scenarios as one line each: their figures have nothing in common. */
export function linesOf(scenarios: readonly Result[]): string {
  return scenarios
    .map(
      ({ name, carrier, row, failures }) =>
        `${verdictOf(failures).padEnd(4)}  ${name} over ${carrier}: ${row.join('; ')}\n`,
    )
    .join('')
}

/** Formats one line per broken rule. */
export function failuresOf(results: readonly Result[]): string {
  return results
    .flatMap(({ name, carrier, failures }) =>
      failures.map(failure => `FAIL  ${name} over ${carrier}: ${failure}\n`),
    )
    .join('')
}

function verdictOf(failures: readonly string[]): string {
  return failures.length === 0 ? 'ok' : 'FAIL'
}

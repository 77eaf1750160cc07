import { textTable } from '../../src/core/format/table.ts'
import type { CarrierName } from '../../src/core/bus/carrier.ts'

/** The outcome of one cell or scenario. */
export interface Result {
  readonly kind: 'cell' | 'scenario'
  readonly name: string
  readonly carrier: CarrierName
  /** All that was measured, for `--json`. */
  readonly figures: unknown
  /** The figures that a person looks at, in the order of the table's columns. */
  readonly row: readonly string[]
  /** A sentence for every rule that was broken. None: it has passed. */
  readonly failures: readonly string[]
}

/** Something to run. */
export interface Job extends Pick<Result, 'kind' | 'name' | 'carrier'> {
  readonly run: () => Promise<Result>
}

/** Runs a job. One that breaks off has failed with its error as the reason. */
export async function outcomeOf({ kind, name, carrier, run }: Job): Promise<Result> {
  try {
    return await run()
  } catch (error) {
    const reason = `it broke off: ${error instanceof Error ? error.message : String(error)}`
    return { kind, name, carrier, figures: null, row: [], failures: [reason] }
  }
}

/** Cells as a table. */
export function tableOf(cells: readonly Result[], columns: readonly string[]): string {
  const rows = cells.map(({ name, carrier, row, failures }) => [
    name,
    carrier,
    ...columns.map((_, column) => row[column] ?? ''),
    verdictOf(failures),
  ])
  return textTable([['', 'carrier', ...columns, 'verdict'], ...rows])
}

/** Scenarios, a line each: their figures have nothing in common. */
export function linesOf(scenarios: readonly Result[]): string {
  return scenarios
    .map(
      ({ name, carrier, row, failures }) =>
        `${verdictOf(failures).padEnd(4)}  ${name} over ${carrier}: ${row.join('; ')}\n`,
    )
    .join('')
}

/** A line for each rule that was broken. */
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

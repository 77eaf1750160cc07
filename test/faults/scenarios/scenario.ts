import type { CarrierName } from '../../../src/core/bus/carrier.ts'
import type { Arrivals } from '../arrivals.ts'
import type { Result } from '../result.ts'
import type { Role } from '../role.ts'
import { until, untilStill } from '../wait.ts'

/** Outcome of a scenario: figures for people, and one sentence per broken rule. */
export interface Outcome {
  readonly figures: Readonly<Record<string, number | string | readonly number[]>>
  readonly failures: readonly string[]
}

/** A situation from an operator's life, with its own rule. */
export interface Scenario {
  readonly name: string
  readonly carriers: readonly CarrierName[]
  /** Whether `--short` includes it, in its short form. */
  readonly inShort: boolean
  readonly run: (carrier: CarrierName, short: boolean) => Promise<Outcome>
}

export async function resultOf(
  { name, run }: Scenario,
  carrier: CarrierName,
  short: boolean,
): Promise<Result> {
  const { figures, failures } = await run(carrier, short)
  const row = Object.entries(figures).map(([figure, value]) => `${figure} ${String(value)}`)
  return { kind: 'scenario', name, carrier, figures, row, failures }
}

/** Silence after which nothing more is in transit, in ms. */
const QUIET_MS = 700
const LIMIT_MS = 30_000

/** Waits until arrivals have stopped. */
export async function quiet(...arrivals: readonly Arrivals[]): Promise<void> {
  await untilStill(() => arrivals.reduce((sum, { count }) => sum + count, 0), QUIET_MS, LIMIT_MS)
}

/** Waits until each receiver has a message with at least this sequence number. @throws if it does not come */
export async function reached(sequence: number, arrivals: readonly Arrivals[], source = 0): Promise<void> {
  const isThere = await until(() => arrivals.every(seen => seen.latest(source) >= sequence), LIMIT_MS)
  if (!isThere) throw new Error(`message ${sequence} did not come`)
}

/** Starts roles, in this order, and waits until all are ready. */
export async function startAll(...roles: readonly Role[]): Promise<void> {
  for (const role of roles) role.start()
  for (const role of roles) await role.ready()
}

/** Stops publishers, then after the last arrival receivers, and last the proxy. */
export async function endAll(
  publishers: readonly Role[],
  receivers: readonly Role[],
  proxy: Role,
  arrivals: readonly Arrivals[],
): Promise<void> {
  await quiet(...arrivals)
  for (const role of publishers) await role.stop()
  await quiet(...arrivals)
  for (const role of [...receivers, proxy]) await role.stop()
}

// The rules for judging a trial. Each returns one sentence per violation; an empty list is a pass.
import { balanceOf } from '../helpers/ledger.ts'
import { claimOf, lastLedger, type Missing, type ReceiverFigures, type RoleFigures } from './figures.ts'

/** Rules for the roles: SIGTERM ends each with exit 0 (or `code`), its books are closed, and they balance. */
export function judgeRole(role: RoleFigures, code = 0): string[] {
  const { name } = role
  const ledger = lastLedger(role)
  const failures: string[] = []
  if (role.code === null) failures.push(`${name} does not end after SIGTERM`)
  else if (role.code !== code) failures.push(`${name} exits with ${role.code}, not ${code}`)
  if (ledger === undefined || ledger.stopped === null) return [...failures, `${name} leaves no closed ledger`]
  const balance = balanceOf(ledger)
  if (balance !== 0) failures.push(`the books of ${name} do not balance: ${balance} in hand`)
  return failures
}

/**
 * The main rule: a receiver reports how many messages it misses.
 *
 * - It passes if `lost.bus` is that number, or lies between its least and most possible value.
 * - It passes if the receiver reports its account as inexact, and claims no more than the most that can be missing. If
 *   some are missing, its `lost.bus` must be greater than 0 or null.
 * - `lost.bus` 0 with messages missing never passes.
 *
 * @param exact whether nothing keeps the ends from knowing the number; then only the number passes
 */
export function judgeLoss(
  { role, missing }: Pick<ReceiverFigures, 'role' | 'missing'>,
  exact: boolean,
): string[] {
  const { lost, state } = claimOf(role)
  const { least, most } = missing
  if (lost !== null && lost >= least && lost <= most) return []
  const isHonest = state !== 'accounted' && (lost === null || (lost > 0 && lost <= most))
  if (isHonest && !exact) return []
  return [`${role.name} misses ${rangeText(missing)}, and says ${lost ?? 'null'} (${state})`]
}

/** Rules for a receiver's output: every message that it reports as sent arrived, once and in order. */
export function judgeDelivery({ role, handedOn, misplaced }: ReceiverFigures): string[] {
  const failures: string[] = []
  if (misplaced > 0) failures.push(`${misplaced} messages of ${role.name} came twice or out of order`)
  const sent = lastLedger(role)?.sent.messages
  // A kill loses the final count.
  if (role.kills === 0 && sent !== handedOn)
    failures.push(`${role.name} says that it sent ${sent ?? 'nothing'}, and ${handedOn} arrived behind it`)
  return failures
}

/** Receivers cut off together miss the same messages, but for a handful: one's return takes nothing from the others. */
export function judgeEqual(receivers: readonly Pick<ReceiverFigures, 'role'>[], handful: number): string[] {
  const received = receivers.map(({ role }) => lastLedger(role)?.received.messages ?? 0)
  const apart = Math.max(...received) - Math.min(...received)
  return apart <= handful ? [] : [`one receiver got ${apart} messages more than another one`]
}

/** The flow returns in time after the end of the fault. */
export function judgeReturn({ role, backMs }: ReceiverFigures, limitMs: number): string[] {
  if (backMs === undefined) return [`nothing comes to ${role.name} after the fault`]
  return backMs <= limitMs
    ? []
    : [`the flow to ${role.name} returns after ${seconds(backMs)} s, not within ${seconds(limitMs)} s`]
}

/** udp-in has received, or lost to its kernel, each datagram of its source. A killed one can't tell. */
export function judgeIntake(published: number, udpIn: RoleFigures): string[] {
  const ledger = lastLedger(udpIn)
  if (udpIn.kills > 0 || ledger === undefined) return []
  const taken = ledger.received.messages + (ledger.lost.kernel ?? 0)
  return taken === published
    ? []
    : [`${published} datagrams were sent to udp-in, and it accounts for ${taken}`]
}

/** Rules for `unheard`: it is reported on standard error when it happens, and it stays 0 if receivers waited all the time. */
export function judgeUnheard(
  udpIn: RoleFigures,
  { told, wanted }: { told: boolean; wanted: boolean },
): string[] {
  const unheard = lastLedger(udpIn)?.unheard ?? 0
  const failures: string[] = []
  if (unheard > 0 && !told) failures.push(`udp-in does not tell of ${unheard} unheard before its end`)
  if (unheard > 0 && wanted) failures.push(`${unheard} are unheard, though their receivers waited for them`)
  return failures
}

/** `12`, or `12 to 15`. */
export function rangeText({ least, most }: Missing): string {
  return least === most ? String(least) : `${least} to ${most}`
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1)
}

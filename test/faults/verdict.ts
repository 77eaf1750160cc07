// The rules by which a trial is judged. Each returns a sentence for everything that breaks it, so none is a pass.
import { balanceOf } from '../helpers/ledger.ts'
import { claimOf, lastLedger, type Missing, type ReceiverFigures, type RoleFigures } from './figures.ts'

/** Rules about the roles themselves: SIGTERM ends each with exit 0 (or `code`), its books are closed, and balance. */
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
 * The rule of the whole issue: a receiver says how many messages it misses.
 *
 * - It passes where `lost.bus` is that number, or lies between the least and the most that it can be.
 * - It passes where the receiver says that its account is not exact, and claims no more than the most that can be
 *   missing; its `lost.bus` is then greater than 0 or null where something is missing.
 * - `lost.bus` 0 with messages missing never passes.
 *
 * @param exact whether nothing keeps the ends from knowing the number: then only the number passes
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

/** Rules about what a receiver hands on: all that it says, once and in order. */
export function judgeDelivery({ role, handedOn, misplaced }: ReceiverFigures): string[] {
  const failures: string[] = []
  if (misplaced > 0) failures.push(`${misplaced} messages of ${role.name} came twice or out of order`)
  const sent = lastLedger(role)?.sent.messages
  // A killed one took with it how many it had sent in the end.
  if (role.kills === 0 && sent !== handedOn)
    failures.push(`${role.name} says that it sent ${sent ?? 'nothing'}, and ${handedOn} arrived behind it`)
  return failures
}

/** Receivers that were cut off together miss the same, but for a handful: nobody's return takes from the others. */
export function judgeEqual(receivers: readonly Pick<ReceiverFigures, 'role'>[], handful: number): string[] {
  const received = receivers.map(({ role }) => lastLedger(role)?.received.messages ?? 0)
  const apart = Math.max(...received) - Math.min(...received)
  return apart <= handful ? [] : [`one receiver got ${apart} messages more than another one`]
}

/** The flow returns in time after the fault has ended. */
export function judgeReturn({ role, backMs }: ReceiverFigures, limitMs: number): string[] {
  if (backMs === undefined) return [`nothing comes to ${role.name} after the fault`]
  return backMs <= limitMs
    ? []
    : [`the flow to ${role.name} returns after ${seconds(backMs)} s, not within ${seconds(limitMs)} s`]
}

/** udp-in has taken in, or lost to its kernel, each datagram that its source sent. A killed one cannot tell. */
export function judgeIntake(published: number, udpIn: RoleFigures): string[] {
  const ledger = lastLedger(udpIn)
  if (udpIn.kills > 0 || ledger === undefined) return []
  const taken = ledger.received.messages + (ledger.lost.kernel ?? 0)
  return taken === published
    ? []
    : [`${published} datagrams were sent to udp-in, and it accounts for ${taken}`]
}

/**
 * Rules about `unheard`: it is told on standard error when it happens; and where receivers waited for the messages all
 * the time there is none.
 */
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

import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { PROJECT } from '../../scripts/project.ts'

/** Where the project's shared vectors and telemetry lie: beside the repository, or where GROUNDWIRE_SHARED says. */
const shared = new URL(`${process.env['GROUNDWIRE_SHARED'] ?? path.join(PROJECT, '../shared')}/`, 'file:///')

/** The recorded telemetry, as its README describes it. */
export const TELEMETRY = [
  { file: 'telemetry/apid1216.tlm', packets: 944, size: 164, apid: 1216 },
  { file: 'telemetry/apid001.tlm', packets: 1448, size: 51, apid: 1 },
] as const

/**
 * Reads a shared file. Undefined if it is missing; the test then skips. A clone has no shared folder beside it, so a
 * missing file is an error only if GROUNDWIRE_SHARED is set.
 */
export function sharedFile(name: string): Buffer | undefined {
  const file = new URL(name, shared)
  if (existsSync(file)) return readFileSync(file)
  if (process.env['GROUNDWIRE_SHARED']) throw new Error(`${name} is not where GROUNDWIRE_SHARED says`)
  return undefined
}

import { formatEndpoint, type Endpoint } from '../endpoint.ts'
import { readSocketTable } from './socket-table.ts'

/** Packets or probes in a row without an answer. At least four are sent within 15 s, even over a satellite link. */
const UNANSWERED = 3
/** Time for which a reading of the tables is used, in ms: many connections may ask at once. */
const FRESH_MS = 1_000

let read: { readonly at: number; readonly connections: Promise<ReadonlySet<string>> } | undefined

/**
 * Whether the kernel has sent to the other end of a TCP connection again and again without an answer: its host is gone,
 * or the route to it. A host whose program merely does not read still answers. Linux only; false elsewhere.
 */
export async function isUnanswered(local: Endpoint, remote: Endpoint): Promise<boolean> {
  const now = performance.now()
  if (read === undefined || now - read.at > FRESH_MS) read = { at: now, connections: unansweredConnections() }
  return (await read.connections).has(keyOf(local, remote))
}

async function unansweredConnections(): Promise<ReadonlySet<string>> {
  const tables = await Promise.all([readSocketTable('tcp'), readSocketTable('tcp6')])
  const rows = tables.flatMap(table => table ?? []).filter(({ unanswered }) => unanswered >= UNANSWERED)
  return new Set(rows.map(({ local, remote }) => keyOf(local, remote)))
}

function keyOf(local: Endpoint, remote: Endpoint): string {
  return `${withoutZone(local)} ${withoutZone(remote)}`
}

/** Removes the zone, which the kernel's tables omit. */
function withoutZone({ host, port }: Endpoint): string {
  return formatEndpoint({ host: host.replace(/%.*/, ''), port })
}

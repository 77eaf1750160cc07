import { formatEndpoint } from '../../endpoint.ts'
import { readSocketTable } from '../../linux/socket-table.ts'
import type { Backlog } from '../carrier.ts'

/**
 * Bytes that the kernel holds for each connection to these ports (Linux: the send queue in /proc/net/tcp and tcp6). libzmq
 * itself does not tell for which peers it holds or drops messages.
 */
export async function sendQueues(ports: ReadonlySet<number>): Promise<Backlog[]> {
  const tables = await Promise.all([readSocketTable('tcp'), readSocketTable('tcp6')])
  return tables
    .flatMap(table => table ?? [])
    .filter(({ local }) => ports.has(local.port))
    .map(({ remote, sendQueue }) => ({ peer: formatEndpoint(remote), bytes: sendQueue }))
}

import type { Socket } from 'node:net'
import { isUnanswered } from '../../linux/unanswered.ts'
import { endpointOf } from './address.ts'

/** Errors by which the system ends a connection because nothing comes back: the network is cut off, or the host is down. */
const UNREACHABLE: ReadonlySet<string> = new Set(['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN'])

/** Whether a connection ended because nothing came back any more. */
export function isUnreachable(error: NodeJS.ErrnoException | undefined): boolean {
  return UNREACHABLE.has(error?.code ?? '')
}

/** Whether the host at the other end no longer answers; one on this machine is never gone. */
export async function isPeerUnanswered({
  localAddress,
  localPort,
  remoteAddress,
  remotePort,
}: Socket): Promise<boolean> {
  const [local, remote] = [endpointOf(localAddress, localPort), endpointOf(remoteAddress, remotePort)]
  return local !== undefined && remote !== undefined && isUnanswered(local, remote)
}

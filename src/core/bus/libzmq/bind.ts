import { lstatSync, rmSync } from 'node:fs'
import type { Socket } from 'zeromq'
import { isServed } from '../unix-socket.ts'

type Bindable = Pick<Socket, 'bind' | 'lastEndpoint'> & { ipv6: boolean }

/** The path of an `ipc://` URL. Undefined for any other URL, and for a name in the abstract namespace. */
function filePath(url: string): string | undefined {
  return /^ipc:\/\/([^@].*)$/.exec(url)?.[1]
}

/**
 * Binds a socket of libzmq. It refuses a path in use: libzmq itself would remove any file there, a listener's socket included.
 * @returns the bound URL, with the port that the system chose
 */
export async function bindSocket(socket: Bindable, url: string): Promise<string> {
  const path = filePath(url)
  if (path !== undefined && (await isTaken(path)))
    throw Object.assign(new Error(`${path} is in use`), { code: 'EADDRINUSE' })
  // On every interface: an IPv6 socket that takes IPv4 too. libzmq falls back to IPv4 on a host without IPv6.
  socket.ipv6 = url.includes('[') || url.startsWith('tcp://*')
  await socket.bind(url)
  return socket.lastEndpoint ?? url
}

/** Removes the files of bound sockets: libzmq leaves them if its process ends soon after. */
export function removeFiles(urls: Iterable<string>): void {
  for (const url of urls) {
    const path = filePath(url)
    if (path !== undefined) rmSync(path, { force: true })
  }
}

async function isTaken(path: string): Promise<boolean> {
  const stats = lstatSync(path, { throwIfNoEntry: false })
  return stats !== undefined && (!stats.isSocket() || (await isServed(path)))
}

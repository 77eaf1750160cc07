import { lstatSync, rmSync } from 'node:fs'
import type { Socket } from 'zeromq'
import { isServed } from '../unix-socket.ts'

type Bindable = Pick<Socket, 'bind' | 'lastEndpoint'> & { ipv6: boolean }

/** The path of an `ipc://` URL that names a file. A name in the abstract namespace has no path. */
function filePath(url: string): string | undefined {
  return /^ipc:\/\/([^@].*)$/.exec(url)?.[1]
}

/**
 * Binds a socket of libzmq. By itself it takes any socket's file away from whoever listens there, and removes any other file.
 * @returns the URL that was really bound
 */
export async function bindSocket(socket: Bindable, url: string): Promise<string> {
  const path = filePath(url)
  if (path !== undefined && (await isTaken(path)))
    throw Object.assign(new Error(`${path} is in use`), { code: 'EADDRINUSE' })
  // Every interface is one of IPv6 that takes in IPv4 too; libzmq falls back to IPv4 alone where there is no other.
  socket.ipv6 = url.includes('[') || url.startsWith('tcp://*')
  await socket.bind(url)
  return socket.lastEndpoint ?? url
}

/** Removes the files of the sockets that were bound: libzmq leaves them where its process ends soon after. */
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

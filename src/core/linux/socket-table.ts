import { readdir, readFile, readlink } from 'node:fs/promises'
import type { Endpoint } from '../endpoint.ts'

/** A table of sockets in /proc/net (proc(5)). */
export type SocketTableName = 'udp' | 'udp6' | 'tcp' | 'tcp6'

/** One socket in the kernel's list. */
export interface SocketRow {
  readonly local: Endpoint
  readonly remote: Endpoint
  /** Bytes written that the other side has not acknowledged. */
  readonly sendQueue: number
  /** Packets, or probes of a closed window, sent in a row without an answer; 0 in the tables of UDP. */
  readonly unanswered: number
  readonly inode: number
  /** Datagrams dropped for this socket; 0 in TCP's tables. */
  readonly drops: number
}

/** Reads a table. Undefined on a system other than Linux, which has no such table. */
export async function readSocketTable(name: SocketTableName): Promise<SocketRow[] | undefined> {
  const text = await readFile(`/proc/net/${name}`, 'latin1').catch(() => undefined)
  return text === undefined ? undefined : parseSocketTable(text)
}

/** Parses a table's text. Skips its first line, the heading, and every line of another form. */
export function parseSocketTable(text: string): SocketRow[] {
  const rows: SocketRow[] = []
  for (const line of text.split('\n').slice(1)) {
    const [, local, remote, , queues, , resent, , probes, inode, , , drops] = line.trim().split(/\s+/)
    const [from, to] = [parseAddress(local), parseAddress(remote)]
    if (from === undefined || to === undefined || queues === undefined) continue
    rows.push({
      local: from,
      remote: to,
      sendQueue: Number.parseInt(queues, 16),
      unanswered: Math.max(Number.parseInt(resent ?? '', 16) || 0, Number(probes) || 0),
      inode: Number(inode),
      drops: drops === undefined ? 0 : Number(drops) || 0,
    })
  }
  return rows
}

/** Inodes of the sockets that this process has open. */
export async function ownSocketInodes(): Promise<Set<number>> {
  const names = await readdir('/proc/self/fd').catch(() => [])
  const links = await Promise.all(names.map(name => readlink(`/proc/self/fd/${name}`).catch(() => '')))
  return new Set(links.flatMap(link => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []).map(Number))
}

/**
 * Parses an address: `0100007F:1389` is 127.0.0.1:5001. The address is in 32-bit words of the machine's byte order, the
 * port in hexadecimal.
 */
function parseAddress(text: string | undefined): Endpoint | undefined {
  const [, words, port] = /^((?:[\dA-F]{8}){1,4}):([\dA-F]{4})$/.exec(text ?? '') ?? []
  if (words === undefined || port === undefined) return undefined
  const bytes = Buffer.from(words, 'hex')
  if (LITTLE_ENDIAN) bytes.swap32()
  return { host: bytes.length === 4 ? bytes.join('.') : formatV6(bytes), port: Number.parseInt(port, 16) }
}

const LITTLE_ENDIAN = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1

/** Formats a v6 address in full, or as the v4 address that it maps (RFC 4291, section 2.5.5.2). */
function formatV6(bytes: Buffer): string {
  if (bytes.readUInt32BE(8) === 0xffff && bytes.readBigUInt64BE(0) === 0n) return bytes.subarray(12).join('.')
  const groups = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(2 * i).toString(16))
  // A URL's host follows RFC 5952.
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1)
}

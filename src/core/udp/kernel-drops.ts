import {
  ownSocketInodes,
  readSocketTable,
  type SocketRow,
  type SocketTableName,
} from '../linux/socket-table.ts'

/** Inodes of this process's sockets that are already followed. Two sockets may share a multicast group's port. */
const followed = new Set<number>()

/**
 * Counts the datagrams that the kernel dropped for one UDP socket because they were not read in time (Linux:
 * /proc/net/udp and udp6).
 */
export class KernelDrops {
  readonly #table: SocketTableName
  readonly #inode: number
  #last: number

  private constructor(table: SocketTableName, row: SocketRow) {
    this.#table = table
    this.#inode = row.inode
    this.#last = row.drops
    followed.add(row.inode)
  }

  /** Finds the socket of this process that was just bound to a port. Undefined on a system without these tables. */
  static async of(port: number, family: 4 | 6): Promise<KernelDrops | undefined> {
    const table = family === 6 ? 'udp6' : 'udp'
    const [rows, own] = await Promise.all([readSocketTable(table), ownSocketInodes()])
    const row = rows?.find(
      ({ local, inode }) => local.port === port && own.has(inode) && !followed.has(inode),
    )
    return row === undefined ? undefined : new KernelDrops(table, row)
  }

  /** Returns the datagrams dropped since the last call. */
  async take(): Promise<number> {
    const rows = await readSocketTable(this.#table)
    const drops = rows?.find(({ inode }) => inode === this.#inode)?.drops
    if (drops === undefined) return 0
    // The kernel counts in 32 bits.
    const more = (drops - this.#last) >>> 0
    this.#last = drops
    return more
  }

  close(): void {
    followed.delete(this.#inode)
  }
}

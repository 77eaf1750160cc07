import {
  ownSocketInodes,
  readSocketTable,
  type SocketRow,
  type SocketTableName,
} from '../linux/socket-table.ts'

/** Sockets of this process that are followed already: two of them may share a multicast group's port. */
const followed = new Set<number>()

/** Counts what the kernel drops for one UDP socket because nobody read it in time (Linux: /proc/net/udp and udp6). */
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

  /** Finds the socket of this process that has just been bound to a port. Undefined where the system doesn't tell. */
  static async of(port: number, family: 4 | 6): Promise<KernelDrops | undefined> {
    const table = family === 6 ? 'udp6' : 'udp'
    const [rows, own] = await Promise.all([readSocketTable(table), ownSocketInodes()])
    const row = rows?.find(
      ({ local, inode }) => local.port === port && own.has(inode) && !followed.has(inode),
    )
    return row === undefined ? undefined : new KernelDrops(table, row)
  }

  /** Datagrams that were dropped since this was last asked. */
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

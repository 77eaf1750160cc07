import type { ChildProcess } from 'node:child_process'
import { rmSync } from 'node:fs'
import { type Chain, closeAll } from '../../src/commands/bench/chain.ts'

/** @param processes in the order of a datagram's way */
export function chainOf(name: string, input: number, processes: Record<string, ChildProcess>): Chain {
  return {
    name,
    input,
    roles: Object.entries(processes).map(([role, { pid }]) => ({ name: role, pid: pid ?? 0 })),
    close: () => closeAll(Object.values(processes)),
  }
}

/** A chain whose folder goes with it. */
export function removing(folder: string, chain: Chain): Chain {
  const close = async () => {
    await chain.close()
    rmSync(folder, { recursive: true, force: true })
  }
  return { ...chain, close }
}

import { readdir, readFile, writeFile } from 'node:fs/promises'

/** The resources that a process has used. Undefined if the system doesn't tell: only Linux does, under /proc. */
export interface ProcessFigures {
  /** CPU time of all its threads, in ms. */
  readonly cpuMs: number
  /** Peak of its resident memory since {@link resetPeak}, in MiB. */
  readonly peakMiB: number
}

/** Unit of times in /proc/PID/stat: USER_HZ, 100 per second on every Linux that Node runs on (proc(5)). */
const TICK_MS = 10

/** Reads the figures of a process from /proc. Linux only; undefined elsewhere. */
export async function readFigures(pid: number): Promise<ProcessFigures | undefined> {
  try {
    const [stat, status] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'utf8'),
      readFile(`/proc/${pid}/status`, 'utf8'),
    ])
    // The second field, the name, may have spaces and brackets in it. The fields after its last bracket have no brackets.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const [user, system] = [Number(fields[11]), Number(fields[12])]
    const peak = Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1])
    return { cpuMs: (await readThreads(pid)) ?? (user + system) * TICK_MS, peakMiB: peak / 1024 }
  } catch {
    return undefined
  }
}

/**
 * CPU time of all threads that a process has now, in ms, to the nanosecond: /proc/PID/stat counts in steps of 10 ms.
 * Undefined where the kernel keeps no such statistics.
 */
async function readThreads(pid: number): Promise<number | undefined> {
  const threads = await readdir(`/proc/${pid}/task`)
  const texts = await Promise.all(
    threads.map(thread => readFile(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').catch(() => '')),
  )
  const ns = texts.reduce((sum, text) => sum + Number(text.split(' ')[0] || 0), 0)
  return ns > 0 ? ns / 1e6 : undefined
}

/** Starts the peak of a process's memory anew, if the system lets us. */
export async function resetPeak(pid: number): Promise<void> {
  await writeFile(`/proc/${pid}/clear_refs`, '5').catch(() => {})
}

/** Datagrams that the kernel ever dropped at sockets on this port of v4. Undefined if it doesn't tell. */
export async function readDrops(port: number): Promise<number | undefined> {
  const hex = port.toString(16).toUpperCase().padStart(4, '0')
  try {
    const table = await readFile('/proc/net/udp', 'utf8')
    return table
      .split('\n')
      .map(line => line.trim().split(/\s+/))
      .filter(([, local]) => local?.endsWith(`:${hex}`))
      .reduce((sum, fields) => sum + Number(fields.at(-1)), 0)
  } catch {
    return undefined
  }
}

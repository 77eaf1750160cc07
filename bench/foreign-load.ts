import { readdirSync, readFileSync } from 'node:fs'

/** CPU time that processes other than the bench's took while it measured, in processors: 0.5 is half of one. */
export interface ForeignFigures {
  /** Over the whole run. */
  readonly mean: number
  /** In the worst stretch of two seconds or more. */
  readonly worst: number
}

/** CPU time that others have taken since the machine's start, in ticks, and when that was read. */
export interface ForeignTime {
  readonly ticks: number
  readonly atMs: number
}

/** A mean above this may have changed a figure. */
const QUIET_MEAN = 0.05
/** A stretch above this may have spoiled a trial. */
const QUIET_STRETCH = 0.25
const LOOK_MS = 2000
const TICKS_PER_MS = 0.1

/** Watches for other load on the machine: a comparison under it is worth less, and says so. Linux only. */
export class ForeignLoad {
  readonly #timer: NodeJS.Timeout
  readonly #first = this.#look()
  #last = this.#first
  #worst = 0

  constructor() {
    this.#timer = setInterval(() => this.#stretch(), LOOK_MS)
    this.#timer.unref()
  }

  /** Ends the watch. @returns undefined if the system doesn't tell */
  stop(): ForeignFigures | undefined {
    clearInterval(this.#timer)
    const last = this.#look()
    if (last === undefined || this.#first === undefined) return undefined
    return { mean: rounded(foreignShare(this.#first, last)), worst: rounded(this.#worst) }
  }

  #stretch(): void {
    const now = this.#look()
    if (now !== undefined && this.#last !== undefined)
      this.#worst = Math.max(this.#worst, foreignShare(this.#last, now))
    this.#last = now
  }

  #look(): ForeignTime | undefined {
    try {
      return { ticks: foreignTicks(readProcesses(), process.pid) + readSteal(), atMs: performance.now() }
    } catch {
      return undefined
    }
  }
}

/** Processors that others took between two looks. */
export function foreignShare(from: ForeignTime, to: ForeignTime): number {
  return Math.max(0, to.ticks - from.ticks) / Math.max(1, (to.atMs - from.atMs) * TICKS_PER_MS)
}

/** A sentence on the other load of a run. */
export function foreignText(figures: ForeignFigures | null): string {
  if (figures === null) return 'Other load on the machine is not known.'
  const { mean, worst } = figures
  const share = `other processes took ${percentOf(mean)} of a processor on average, and ${percentOf(worst)} at worst`
  return mean > QUIET_MEAN || worst > QUIET_STRETCH
    ? `**The machine was not quiet: ${share}.**`
    : `The machine was quiet: ${share}.`
}

function percentOf(share: number): string {
  return `${Math.round(share * 100)} %`
}

function rounded(share: number): number {
  return Math.round(share * 1000) / 1000
}

/** A process in /proc: its parent, and the ticks of itself and of its children that have ended. */
export interface ProcessTimes {
  readonly pid: number
  readonly parent: number
  readonly ticks: number
}

/** The parent of the kernel's threads. They work for those who send and receive: the bench, for the most part. */
const KTHREADD = 2

/** The ticks of all processes that are not descendants of `root`, nor itself, nor the kernel's threads. */
export function foreignTicks(processes: readonly ProcessTimes[], root: number): number {
  const parents = new Map(processes.map(({ pid, parent }) => [pid, parent]))
  const isOwn = (pid: number) => {
    for (let at: number | undefined = pid; at !== undefined; at = parents.get(at))
      if (at === root || at === KTHREADD) return true
    return false
  }
  return processes.reduce((sum, { pid, ticks }) => (isOwn(pid) ? sum : sum + ticks), 0)
}

/** @throws where there is no /proc */
function readProcesses(): ProcessTimes[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .flatMap(pid => statOf(pid))
}

/** Ticks that a hypervisor gave to others. @throws where there is no /proc */
function readSteal(): number {
  const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n')
  return Number(line.split(/\s+/)[8] ?? 0)
}

function statOf(pid: string): ProcessTimes[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name, in brackets, may have spaces and brackets in it. The fields after its last bracket have none.
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number)
    const ticks = fields.slice(11, 15).reduce((sum, part) => sum + part, 0)
    return [{ pid: Number(pid), parent: fields[1] ?? 0, ticks }]
  } catch {
    // It has just ended.
    return []
  }
}

import type { Terminal } from './terminal.ts'

const INTERVAL_MS = 250
const BAR = 20

/** The figures of a progress line. */
export interface Progress {
  readonly messages: number
  readonly seconds: number
  /** From 0 to 1. Undefined if the end is not known. */
  readonly share: number | undefined
}

/** Count and rate, with a bar and the time left if the end is known: `1200 messages, 400/s ███░░░░ 30 %, 0:07 left`. */
export function progressLine({ messages, seconds, share }: Progress): string {
  const rate = seconds > 0 ? Math.round(messages / seconds) : 0
  const line = `${messages} message${messages === 1 ? '' : 's'}, ${rate}/s`
  if (share === undefined) return line
  const done = Math.min(1, share)
  const bar = '█'.repeat(Math.floor(done * BAR)).padEnd(BAR, '░')
  const left = done > 0 ? `, ${minutes(((1 - done) / done) * seconds)} left` : ''
  return `${line} ${bar} ${Math.floor(done * 100)} %${left}`
}

function minutes(seconds: number): string {
  const whole = Math.ceil(seconds)
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`
}

/** Shows the progress, on a terminal only. @returns a function that ends the display */
export function showProgress(terminal: Terminal, look: () => Omit<Progress, 'seconds'>): () => void {
  const started = performance.now()
  const timer = setInterval(() => {
    void terminal.wait(progressLine({ ...look(), seconds: (performance.now() - started) / 1000 }))
  }, INTERVAL_MS).unref()
  return () => {
    clearInterval(timer)
    terminal.settle()
  }
}

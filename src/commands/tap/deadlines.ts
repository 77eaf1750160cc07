/** When a tap ends by the clock; undefined is never. In ms. */
export interface DeadlineOptions {
  readonly timeout: number | undefined
  readonly duration: number | undefined
  readonly idle: number | undefined
}

/** The times at which a tap ends: in all, after it is ready, and after the last message. */
export class Deadlines {
  readonly #options: DeadlineOptions
  readonly #end: () => void
  readonly #timers: NodeJS.Timeout[] = []
  #lastMessage = 0
  #ready = false

  /** Begins with what counts in all. */
  constructor(options: DeadlineOptions, end: () => void) {
    this.#options = options
    this.#end = end
    if (options.timeout !== undefined) this.#timers.push(setTimeout(end, options.timeout))
  }

  /** Begins with what counts from when the tap is ready; a connection that comes back changes nothing. */
  ready(): void {
    if (this.#ready) return
    this.#ready = true
    const { duration, idle } = this.#options
    if (duration !== undefined) this.#timers.push(setTimeout(this.#end, duration))
    if (idle === undefined) return
    this.#lastMessage = performance.now()
    this.#watchIdle(idle, idle)
  }

  /** A message has come. */
  readonly message = (): void => {
    if (this.#options.idle !== undefined) this.#lastMessage = performance.now()
  }

  clear(): void {
    for (const timer of this.#timers) clearTimeout(timer)
  }

  /** A timer for every message would cost more than the message: one is set anew when it has run out. */
  #watchIdle(idle: number, wait: number): void {
    const timer = setTimeout(() => {
      const left = this.#lastMessage + idle - performance.now()
      this.#timers.splice(this.#timers.indexOf(timer), 1)
      if (left <= 0) this.#end()
      else this.#watchIdle(idle, left)
    }, wait)
    this.#timers.push(timer)
  }
}

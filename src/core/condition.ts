/** Options of everything that waits. */
export interface WaitOptions {
  /** Ends the wait: the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
}

/** Lets callers wait until something holds; whoever changes the state says so with {@link Condition.notify}. */
export class Condition {
  readonly #checks = new Set<() => void>()

  /** Looks again at what every waiting caller waits for. Costs nothing where nobody waits. */
  notify(): void {
    for (const check of this.#checks) check()
  }

  /** Resolves as soon as `holds` returns true; at once where it does already. */
  until(holds: () => boolean, { signal }: WaitOptions = {}): Promise<void> {
    if (holds()) return Promise.resolve()
    if (signal?.aborted) return Promise.reject(signal.reason)
    return new Promise((resolve, reject) => {
      const finish = (settle: () => void) => {
        this.#checks.delete(check)
        signal?.removeEventListener('abort', abort)
        settle()
      }
      const check = () => {
        if (holds()) finish(resolve)
      }
      const abort = () => finish(() => reject(signal?.reason))
      this.#checks.add(check)
      signal?.addEventListener('abort', abort, { once: true })
    })
  }
}

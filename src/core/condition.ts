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

/**
 * A signal that aborts after so many ms, or with `signal` where that is sooner. AbortSignal.any is no way to make one: on Node 20
 * it does not keep a timeout alive, and once that has been collected as garbage nothing aborts any more.
 */
export function deadline(ms: number, { signal }: WaitOptions = {}): AbortSignal {
  const controller = new AbortController()
  if (signal?.aborted) {
    controller.abort(signal.reason)
    return controller.signal
  }
  const timer = setTimeout(() => controller.abort(new DOMException('time is up', 'TimeoutError')), ms)
  timer.unref()
  controller.signal.addEventListener('abort', () => clearTimeout(timer), { once: true })
  signal?.addEventListener('abort', () => controller.abort(signal.reason), {
    once: true,
    signal: controller.signal,
  })
  return controller.signal
}

/** Settles as a promise does, or rejects with the signal's reason where that aborts first. */
export function unlessAborted<T>(promise: Promise<T>, { signal }: WaitOptions = {}): Promise<T> {
  if (signal === undefined) return promise
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    void promise.then(resolve, reject).then(() => signal.removeEventListener('abort', abort))
  })
}

/** Whether a value is a promise of any kind: what `await` waits for. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return false
  return typeof (value as { then?: unknown }).then === 'function'
}

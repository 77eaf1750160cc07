/** Options of every function that waits. */
export interface WaitOptions {
  /** Ends the wait: the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
}

/** Lets callers wait until something holds. The code that changes the state calls {@link Condition.notify}. */
export class Condition {
  readonly #checks = new Set<() => void>()

  /** Checks the condition of every waiting caller again. Costs nothing if nobody waits. */
  notify(): void {
    for (const check of this.#checks) check()
  }

  /** Resolves as soon as `holds` returns true; at once if it already does. */
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
 * Returns a signal that aborts after so many ms, or with `signal` if that is sooner. AbortSignal.any would not do: on
 * Node 20 it does not keep a timeout alive, and once the timeout is garbage-collected, nothing aborts any more.
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

/** Settles like the promise, or rejects with the signal's reason if that aborts first. */
export function unlessAborted<T>(promise: Promise<T>, { signal }: WaitOptions = {}): Promise<T> {
  if (signal === undefined) return promise
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    void promise.then(resolve, reject).then(() => signal.removeEventListener('abort', abort))
  })
}

/** Whether `await` would wait for a value: a promise of any kind. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return false
  return typeof (value as { then?: unknown }).then === 'function'
}

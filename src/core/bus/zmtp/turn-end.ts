/** Calls to make at the end of this turn of the event loop. */
let calls: (() => void)[] = []

/**
 * Calls a function once what has come in this turn of the event loop is read. One immediate serves all callers: hundreds of
 * connections have something to write in the same turn.
 */
export function atTurnsEnd(call: () => void): void {
  if (calls.push(call) === 1) setImmediate(callAll)
}

function callAll(): void {
  const due = calls
  calls = []
  for (const call of due) call()
}

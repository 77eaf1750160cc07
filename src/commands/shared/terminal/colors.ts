import type { ChalkInstance } from 'chalk'

let chalk: ChalkInstance | undefined

/** Loads chalk, which takes a tenth of the start-up: call it only if there is a terminal to show colours. */
export async function loadColors(): Promise<void> {
  const { Chalk } = await import('chalk')
  chalk = new Chalk({ level: 1 })
}

/** The colours, once loaded. The caller decides whether a stream may have them. */
export function colors(): ChalkInstance | undefined {
  return chalk
}

import type { ChalkInstance } from 'chalk'

let chalk: ChalkInstance | undefined

/** Loads what colours text: for a program that has a terminal to show it on, as it takes a tenth of the start-up. */
export async function loadColors(): Promise<void> {
  const { Chalk } = await import('chalk')
  chalk = new Chalk({ level: 1 })
}

/** The colours, once they are loaded. The caller decides whether a stream may have them. */
export function colors(): ChalkInstance | undefined {
  return chalk
}

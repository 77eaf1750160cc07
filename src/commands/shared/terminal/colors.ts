import type { ChalkInstance } from 'chalk'

let chalk: ChalkInstance | undefined

/** Loads what colours text: for a program that has a terminal to show it on, as it takes a tenth of the start-up. */
export async function loadColors(): Promise<void> {
  const { Chalk } = await import('chalk')
  chalk = new Chalk({ level: 1 })
}

/** What colours text, where it has been loaded. Whether a stream may have colour is for the caller to say. */
export function colors(): ChalkInstance | undefined {
  return chalk
}

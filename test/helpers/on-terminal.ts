import type { TestContext } from 'node:test'
import { type Exit, type RunOptions, shell } from './groundwire.ts'
import { tool } from './peers.ts'

/** Runs a line of shell on a terminal with so many columns. @returns its screen output; undefined without such a tool */
export async function onTerminal(
  t: TestContext,
  columns: number,
  line: string,
  env: RunOptions['env'] = {},
): Promise<Exit | undefined> {
  if (!tool('script')) {
    t.skip('script, of util-linux, is not installed')
    return undefined
  }
  return shell(t, `script -qec 'stty cols ${columns}; ${line}' /dev/null`, {
    env: { TERM: 'xterm-256color', ...env },
  }).exit
}

import type { LineStyle } from '../../../core/format/line.ts'
import type { Io } from '../session.ts'
import { colors as loadedColors } from './colors.ts'
import { allowsColor } from './terminal.ts'

/**
 * Style of the line form on a terminal: each line fits one row, and each topic keeps a colour of its own if colours are
 * allowed. Undefined if standard output is not a terminal.
 */
export function lineStyle({ stdout, env }: Io, wanted: boolean): LineStyle | undefined {
  if (!stdout.isTTY) return undefined
  // A terminal may be resized at any time; some have no width at all.
  const columns = () => (stdout.columns > 0 ? stdout.columns : undefined)
  const chalk = allowsColor(stdout, env, wanted) ? loadedColors() : undefined
  if (chalk === undefined) return { time: String, topic: String, note: String, columns }
  const colors = [chalk.cyan, chalk.green, chalk.magenta, chalk.yellow, chalk.blue]
  const topic = (text: string) => {
    const sum = Buffer.from(text).reduce((total, byte) => total + byte, 0)
    return (colors[sum % colors.length] ?? chalk.cyan)(text)
  }
  return { time: chalk.dim, topic, note: chalk.yellow, columns }
}

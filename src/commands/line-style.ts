import type { LineStyle } from '../core/format/line.ts'
import type { Io } from './session.ts'
import { colors as loadedColors } from './colors.ts'
import { allowsColor } from './terminal.ts'

/** The colours of the line form, for a standard output that shows them: each topic keeps one of its own. */
export function lineStyle(io: Io, wanted: boolean): LineStyle | undefined {
  if (!allowsColor(io.stdout, io.env, wanted)) return undefined
  const chalk = loadedColors()
  if (chalk === undefined) return undefined
  const colors = [chalk.cyan, chalk.green, chalk.magenta, chalk.yellow, chalk.blue]
  const topic = (text: string) => {
    const sum = Buffer.from(text).reduce((total, byte) => total + byte, 0)
    return (colors[sum % colors.length] ?? chalk.cyan)(text)
  }
  return { time: chalk.dim, topic, note: chalk.yellow }
}

import { runCell } from '../cell.ts'
import type { Scenario } from './scenario.ts'

/** The proxy's host is cut off for 40 s, several times, because the outcome varies. */
export const cutOff: Scenario = {
  name: 'cut-off',
  carriers: ['zmtp', 'libzmq'],
  inShort: false,
  async run(carrier) {
    const trials = [await runCell('down-40s', 'proxy', carrier), await runCell('down-40s', 'proxy', carrier)]
    return {
      figures: Object.fromEntries(trials.map(({ row }, index) => [`trial ${index + 1}:`, row.join(' ')])),
      failures: trials.flatMap(({ failures }) => failures),
    }
  },
}

import { CARRIERS } from '../../src/core/bus/carrier.ts'
import { FAULTS, runCell, VICTIMS } from './cell.ts'
import type { Job } from './result.ts'
import { SCENARIOS } from './scenarios/index.ts'
import { resultOf } from './scenarios/scenario.ts'

/** A selection of cells and scenarios. */
export interface Choice {
  /** Some cells and scenarios in short form, for CI. */
  readonly short: boolean
  /** Names, separated by commas: `kill/proxy`, `kill`, `proxy`, `start-up`, `matrix`, `scenarios`. */
  readonly only?: string | undefined
  readonly carrier?: string | undefined
}

const SHORT_CELLS = new Set(['zmtp kill/udp-in', 'zmtp kill/proxy', 'zmtp stop/tap', 'libzmq kill/proxy'])

/** @throws {TypeError} if the selection is empty */
export function chooseJobs({ short, only, carrier }: Choice): Job[] {
  const words = only?.split(',')
  const jobs = [...cells(short), ...scenarios(short)].filter(
    job =>
      (carrier === undefined || job.carrier === carrier) &&
      (words === undefined || words.some(word => namesOf(job).includes(word))),
  )
  if (jobs.length === 0)
    throw new TypeError(`nothing is called '${only ?? ''}' over '${carrier ?? 'any carrier'}'`)
  return jobs
}

function cells(short: boolean): Job[] {
  return CARRIERS.flatMap(carrier =>
    FAULTS.flatMap(fault =>
      VICTIMS.map((victim): Job => {
        const name = `${fault}/${victim}`
        return { kind: 'cell', name, carrier, run: () => runCell(fault, victim, carrier) }
      }),
    ),
  ).filter(({ carrier, name }) => !short || SHORT_CELLS.has(`${carrier} ${name}`))
}

function scenarios(short: boolean): Job[] {
  return SCENARIOS.filter(({ inShort }) => inShort || !short).flatMap(scenario =>
    (short ? scenario.carriers.slice(0, 1) : scenario.carriers).map(
      (carrier): Job => ({
        kind: 'scenario',
        name: scenario.name,
        carrier,
        run: () => resultOf(scenario, carrier, short),
      }),
    ),
  )
}

function namesOf({ kind, name }: Job): string[] {
  return kind === 'cell' ? ['matrix', name, ...name.split('/')] : ['scenarios', name]
}

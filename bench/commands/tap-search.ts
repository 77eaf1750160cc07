import { RateSearch, type RateSearchOptions } from '../../src/commands/bench/rate-search.ts'
import { shownAll, type TapTrial } from './tap-trial.ts'

/** The result of a search. */
export interface TapRate {
  /** The trial of the highest rate shown completely; undefined if none was. */
  readonly best: TapTrial | undefined
  /** The limit that ended the search, if it was not the tap: the tap may carry more then. */
  readonly limitedBy: TapTrial['limitedBy']
}

/** Searches for the highest rate at which a tap shows every message, starting with the first rate. */
export async function searchTapRate(
  run: (rate: number) => Promise<TapTrial>,
  options: RateSearchOptions,
): Promise<TapRate> {
  const search = new RateSearch(options)
  let best: TapTrial | undefined
  let limitedBy: TapTrial['limitedBy'] = null
  for (let rate = search.next; rate !== undefined; rate = search.next) {
    const trial = await run(rate)
    const isPassed = shownAll(trial)
    if (isPassed && (best === undefined || trial.offered > best.offered)) best = trial
    // A tap that loses messages is at its limit, even if less was offered than intended.
    limitedBy = isPassed ? trial.limitedBy : null
    search.record(isPassed, trial.limitedBy === null ? rate : trial.offered)
  }
  return { best, limitedBy }
}

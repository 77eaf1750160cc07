import { nearest } from '../../../core/nearest.ts'

/** The hint of an error about a word that is not among those that there are: the nearest of them, where one is near. */
export function didYouMean(word: string, candidates: Iterable<string>): { hint?: string } {
  const [meant] = nearest(word, candidates)
  return meant === undefined ? {} : { hint: `did you mean ${meant}?` }
}

/** Largest edit distance that counts as a typing error, however long the word. It also bounds the work. */
const MAX_DISTANCE = 8
/** Longest name to consider: nobody types a longer one, and a peer may invent any. */
const MAX_LENGTH = 128
/** Shortest beginning of a name that counts as its abbreviation. */
const MIN_ABBREVIATION = 2

/**
 * Finds the names that somebody who wrote `word` may have meant, closest first: names within a few typing errors, and
 * names that it abbreviates or extends. Upper and lower case are equal.
 *
 * A typing error is one added, missing or wrong character, or two swapped ones (Damerau-Levenshtein). A third of the
 * word's characters may be wrong, and always at least one.
 * @param candidates the existing names; a name equal to the word is left out
 * @param limit most names to return. Default 1
 */
export function nearest(word: string, candidates: Iterable<string>, limit = 1): string[] {
  if (word.length > MAX_LENGTH) return []
  const written = word.toLowerCase()
  const plausible = Math.min(MAX_DISTANCE, Math.max(1, Math.floor(written.length / 3)))
  const found: { readonly name: string; readonly distance: number }[] = []
  for (const name of new Set(candidates)) {
    if (name === word || name.length > MAX_LENGTH) continue
    const candidate = name.toLowerCase()
    const distance = abbreviates(written, candidate)
      ? Math.abs(written.length - candidate.length)
      : distanceWithin(written, candidate, plausible)
    if (distance === undefined) continue
    // With no right character at all, it is another word.
    if (distance < written.length || candidate.startsWith(written)) found.push({ name, distance })
  }
  found.sort((a, b) => a.distance - b.distance)
  return found.slice(0, limit).map(({ name }) => name)
}

/** The hint of an error about a word that is not among the candidates: the nearest of them, if one is near. */
export function didYouMean(word: string, candidates: Iterable<string>): { hint?: string } {
  const [meant] = nearest(word, candidates)
  return meant === undefined ? {} : { hint: `did you mean ${meant}?` }
}

function abbreviates(a: string, b: string): boolean {
  const shorter = Math.min(a.length, b.length)
  return shorter >= MIN_ABBREVIATION && (a.startsWith(b) || b.startsWith(a))
}

/**
 * Returns the edit distance of two texts, or undefined if it is over `most`. Computes only the cells of the matrix that
 * can lead to a distance within that.
 */
function distanceWithin(a: string, b: string, most: number): number | undefined {
  if (Math.abs(a.length - b.length) > most) return undefined
  const far = most + 1
  let [beforeLast, last] = [
    Array.from({ length: b.length + 1 }, () => far),
    Array.from({ length: b.length + 1 }, (_, j) => j),
  ]
  for (let i = 1; i <= a.length; i++) {
    const row = Array.from({ length: b.length + 1 }, () => far)
    if (i <= most) row[0] = i
    let least = row[0] ?? far
    for (let j = Math.max(1, i - most); j <= Math.min(b.length, i + most); j++) {
      const changed = (last[j - 1] ?? far) + (a[i - 1] === b[j - 1] ? 0 : 1)
      let cell = Math.min(changed, (last[j] ?? far) + 1, (row[j - 1] ?? far) + 1)
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      if (swapped) cell = Math.min(cell, (beforeLast[j - 2] ?? far) + 1)
      row[j] = cell
      least = Math.min(least, cell)
    }
    if (least > most) return undefined
    ;[beforeLast, last] = [last, row]
  }
  const distance = last[b.length] ?? far
  return distance > most ? undefined : distance
}

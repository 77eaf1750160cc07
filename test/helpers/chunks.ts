import * as fc from 'fast-check'

/** Cuts `bytes` at these places (any numbers, taken modulo its length), including empty chunks. */
export function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const at = [0, ...places.map(place => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
  return at.slice(1).map((end, i) => bytes.subarray(at[i], end))
}

/** Places for {@link cut}: from none to very many. */
export const places = fc.oneof(
  fc.array(fc.nat(), { maxLength: 8 }),
  fc.integer({ min: 1, max: 40 }).map(step => Array.from({ length: 1000 }, (_, i) => i * step)),
)

/** The output of a push parser for these chunks, copied, and the error that ended it. */
export function parseAll<T>(
  parser: { push(chunk: Uint8Array): Iterable<T>; end(): void },
  chunks: readonly Uint8Array[],
): { items: T[]; error?: unknown } {
  const items: T[] = []
  try {
    for (const chunk of chunks) for (const item of parser.push(chunk)) items.push(item)
    parser.end()
  } catch (error) {
    return { items, error }
  }
  return { items }
}

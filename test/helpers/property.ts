/** How many times more often than in `npm test` properties are run: `npm run proofs` sets it. */
const FACTOR = Number(process.env['PROPERTY_FACTOR'] ?? 1)

/** Options of fast-check for a property that is tried so many times in `npm test`, and more often in `npm run proofs`. */
export function runs(count: number): { readonly numRuns: number } {
  return { numRuns: count * FACTOR }
}

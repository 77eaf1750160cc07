/** How many times more often than in `npm test` properties are run: `npm run proofs` sets it. */
const FACTOR = Number(process.env['PROPERTY_FACTOR'] ?? 1)

/** How often a property is tried, for fast-check, so many times in `npm test` and more in `npm run proofs`. */
export function runs(count: number): { readonly numRuns: number } {
  return { numRuns: count * FACTOR }
}

/** A whole number for the eye, the same in every locale: `12,345`. A fraction is rounded. */
export function grouped(value: number): string {
  return String(Math.round(value)).replaceAll(/\B(?=(\d{3})+$)/g, ',')
}

/** A time in microseconds for the eye: `85 µs`, `1.3 ms`, `2.0 s`. */
export function microseconds(us: number): string {
  if (us < 1000) return `${Math.round(us)} µs`
  if (us < 100_000) return `${(us / 1000).toFixed(1)} ms`
  return us < 1e6 ? `${Math.round(us / 1000)} ms` : `${(us / 1e6).toFixed(1)} s`
}

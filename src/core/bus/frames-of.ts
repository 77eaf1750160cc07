/** A number of frames, in words. */
export function framesOf(frames: number): string {
  return `${frames} frame${frames === 1 ? '' : 's'}`
}

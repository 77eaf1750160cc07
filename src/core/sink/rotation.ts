import path from 'node:path'

/** A new file begins after so many bytes, or so many ms. */
export type Rotation = { readonly bytes: number } | { readonly ms: number }

/**
 * Names a file of a rotation by the second in UTC at which it begins: `pass.pcapng` becomes `pass-20261122T163412Z.pcapng`.
 * `attempt` tells further files of the same second apart: `pass-20261122T163412Z-2.pcapng`.
 */
export function rotatedName(file: string, time: Date, attempt: number): string {
  const { dir, name, ext } = path.parse(file)
  const second = time.toISOString().replaceAll(/[-:]|\.\d+/g, '')
  return path.join(dir, `${name}-${second}${attempt === 1 ? '' : `-${attempt}`}${ext}`)
}

import { readFileSync, readlinkSync } from 'node:fs'
import { GroundwireError } from '../../../core/errors.ts'
import type { Io } from '../session.ts'

const NAME = 'standard output'
const SHELLS = new Set(['sh', 'bash', 'dash', 'zsh', 'ksh', 'mksh', 'fish', 'ash', 'busybox'])
/** Matches O_RDWR in fdinfo: octal flags, with the access mode in the last two bits. */
const READ_AND_WRITE = /^flags:\s*[0-7]*2$/m

/**
 * Checks that standard output is open, for a command that writes its data there.
 * @throws {GroundwireError} IO, if the shell has closed it (`>&-`)
 */
export function requireStandardOutput({ stdout }: Io): void {
  if ('fd' in stdout && typeof stdout.fd === 'number' && isClosed(stdout.fd))
    throw new GroundwireError('IO', `${NAME} is closed`)
}

/**
 * Writes a text, and resolves once it is written.
 * @returns false if the reader has gone, which is no error: it has all it wanted
 * @throws {GroundwireError} IO
 */
export async function writeText(io: Io, text: string): Promise<boolean> {
  requireStandardOutput(io)
  const error = await new Promise<Error | null | undefined>(resolve => io.stdout.write(text, resolve))
  const failure = failureOf(error)
  if (failure !== undefined) throw failure
  return !error
}

/** The error that a failed write to standard output ends the command with; undefined if its reader has gone. */
export function failureOf(error: NodeJS.ErrnoException | null | undefined): GroundwireError | undefined {
  if (!error || error.code === 'EPIPE') return undefined
  return new GroundwireError('IO', `${NAME} can't be written: ${error.message}`, { cause: error })
}

/**
 * Whether a descriptor was closed when this process began. Node opens /dev/null in its place, for reading and writing. A
 * shell opens `>/dev/null` for writing only, but other programs may open it as Node does. So the descriptor counts as closed
 * only if the parent is a shell whose own descriptor is not such a /dev/null. False on systems other than Linux.
 */
function isClosed(descriptor: number): boolean {
  try {
    return (
      isOpenedAsByNode('self', descriptor) &&
      SHELLS.has(readFileSync(`/proc/${process.ppid}/comm`, 'utf8').trim()) &&
      !isOpenedAsByNode(process.ppid, descriptor)
    )
  } catch {
    return false
  }
}

function isOpenedAsByNode(pid: number | 'self', descriptor: number): boolean {
  try {
    if (readlinkSync(`/proc/${pid}/fd/${descriptor}`) !== '/dev/null') return false
    return READ_AND_WRITE.test(readFileSync(`/proc/${pid}/fdinfo/${descriptor}`, 'utf8'))
  } catch {
    // The shell itself was started without this descriptor.
    return false
  }
}

import type { ErrorCode } from '../../core/errors.ts'

/** The exit codes of commands. */
export const ExitCode = {
  /** Done, or stopped as asked. */
  OK: 0,
  /** Failed: an address in use, a file that can't be written. */
  FAILED: 1,
  /** The command line is wrong. */
  USAGE: 2,
  /** No proxy, or no subscriber, in time. */
  NOBODY: 3,
  /** An expectation was not met. */
  UNMET: 4,
  /** Refused by the other side: it does not admit our key. */
  REFUSED: 5,
  /** A message was lost, with --fail-on-loss. */
  LOSS: 6,
} as const

/** The exit code of an error that ends a command. */
export function exitCodeOf(code: ErrorCode): number {
  switch (code) {
    case 'USAGE':
      return ExitCode.USAGE
    case 'NO_PROXY':
    case 'NO_SUBSCRIBER':
      return ExitCode.NOBODY
    case 'UNCONFIRMED':
      return ExitCode.UNMET
    case 'REFUSED':
      return ExitCode.REFUSED
    default:
      return ExitCode.FAILED
  }
}

/** The kind of a failure, for a caller that branches. It is stable across versions, unlike the text of a message. */
export type ErrorCode =
  | 'USAGE'
  | 'NOT_IMPLEMENTED'
  | 'ADDRESS_IN_USE'
  | 'ADDRESS_NOT_AVAILABLE'
  | 'PERMISSION'
  | 'NAME_NOT_FOUND'
  | 'NO_PROXY'
  | 'NO_SUBSCRIBER'
  | 'UNCONFIRMED'
  | 'REFUSED'
  | 'NOT_ENCODABLE'
  | 'MALFORMED'
  | 'OVERSIZE'
  | 'TRUNCATED'
  | 'ALREADY_STARTED'
  | 'NOT_STARTED'
  | 'CLOSED'
  | 'NO_PUBLISHER'
  | 'EXISTS'
  | 'IO'

/** Details of a {@link GroundwireError} beside its message. */
export interface ErrorDetails {
  /** A remedy for the user, in one sentence. */
  hint?: string | undefined
  /** The error underneath, where there is one. */
  cause?: unknown
}

/** Any error that groundwire throws on purpose. The message is one sentence that names the thing and the limit. */
export class GroundwireError extends Error {
  override readonly name: string = 'GroundwireError'
  readonly code: ErrorCode
  readonly hint: string | undefined

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.hint = details.hint
  }
}

/** A malformed value: an address, a duration, an option. */
export class UsageError extends GroundwireError {
  override readonly name = 'UsageError'

  constructor(message: string, details: ErrorDetails = {}) {
    super('USAGE', message, details)
  }
}

/**
 * A file or a stream that can't be read further. Everything before the offset has been read.
 *
 * `MALFORMED`: not in its format. `OVERSIZE`: over one of groundwire's limits. `TRUNCATED`: ends in the middle of an
 * item.
 */
export class FormatError extends GroundwireError {
  override readonly name = 'FormatError'
  /** Start of the unreadable item, in bytes from the start of the input. */
  readonly offset: number

  constructor(
    code: 'MALFORMED' | 'OVERSIZE' | 'TRUNCATED',
    message: string,
    offset: number,
    details: ErrorDetails = {},
  ) {
    super(code, `${message}, at offset ${offset}`, details)
    this.offset = offset
  }
}

/** Thrown by the default `process` of a role. A subclass must define it, as in AIT. */
export class NotImplementedError extends GroundwireError {
  override readonly name = 'NotImplementedError'

  constructor(className: string) {
    super('NOT_IMPLEMENTED', `${className} does not implement process(): override it in a subclass`)
  }
}

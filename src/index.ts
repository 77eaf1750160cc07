export type { ErrorCode, ErrorDetails } from './core/errors.ts'
export { GroundwireError, NotImplementedError, UsageError } from './core/errors.ts'
export type { Message } from './core/message.ts'

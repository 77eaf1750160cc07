import { GroundwireError } from '../errors.ts'
import { kindOf, type PayloadInput } from './payload.ts'

/** Longest path that an error shows, in characters. */
const MAX_PATH = 200

/** A value that msgpack has no form for. Its place in the payload is collected on the way out. */
export class NotEncodable extends Error {
  readonly #what: string
  readonly #why: string | undefined
  #path = ''

  /** @param what the value in words: `a function` */
  constructor(what: string, why?: string) {
    super(what)
    this.#what = what
    this.#why = why
  }

  /** Adds the part of a list or a map that the value is, or is in. */
  isWithin(part: 'item' | 'key' | 'value', at: PayloadInput): void {
    if (this.#path.length > MAX_PATH) return
    const step = part === 'value' && typeof at === 'string' ? keyText(at) : `[${placeText(part, at)}]`
    this.#path = step + this.#path
  }

  toError(): GroundwireError {
    const path = this.#path.replace(/^\./, '')
    const where = path.length <= MAX_PATH ? path : `…${path.slice(-MAX_PATH)}`
    const what =
      path === ''
        ? `cannot encode ${this.#what} as msgpack`
        : `cannot encode as msgpack: ${where} is ${this.#what}`
    return new GroundwireError('NOT_ENCODABLE', this.#why === undefined ? what : `${what}: ${this.#why}`)
  }
}

/** `.name` if the key reads as a name, else the key in brackets. */
function keyText(key: string): string {
  return /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`
}

function placeText(part: 'item' | 'key' | 'value', at: PayloadInput): string {
  if (part === 'key') return 'a key'
  return typeof at === 'object' ? kindOf(at) : String(at)
}

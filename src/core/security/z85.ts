/** The digits of Z85 (RFC 32), in the order of their values. */
const DIGITS = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#'
const BASE = 85

/** Writes bytes as text in Z85 (RFC 32): five characters for each four bytes. Their number must be a multiple of four. */
export function encodeZ85(bytes: Uint8Array): string {
  const from = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  let text = ''
  for (let at = 0; at < from.length; at += 4) {
    const value = from.readUInt32BE(at)
    for (let power = BASE ** 4; power >= 1; power /= BASE)
      text += DIGITS.charAt(Math.floor(value / power) % BASE)
  }
  return text
}

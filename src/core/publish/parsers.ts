import { constants } from 'node:buffer'
import { FormatError, GroundwireError } from '../errors.ts'
import type { DelimitedSplitter } from '../framing/delimited-splitter.ts'
import { deframerOf, type Framing, lineSplitter } from '../framing/framing.ts'
import { parseMessage } from '../wire/json.ts'
import { asBuffer, decodeUtf8 } from '../wire/utf8.ts'
import { expandBytes, LateMessage } from './expand.ts'
import type { Encoder, MessageParser, Outgoing } from './outgoing.ts'

const SPACE = 0x20

/**
 * The parser for an input of payloads, each a frame of its stream.
 * @param expand replaces the fields of `expandText`, each payload being a text
 */
export function payloadParser(framing: Framing, encoder: Encoder, expand = false): MessageParser {
  const deframer = deframerOf(framing, encoder.maxMessage)
  let number = 0
  const message = (payload: Uint8Array): Outgoing => {
    if (!expand) return encoder.bytes(payload)
    const own = ++number
    return new LateMessage(() => encoder.bytes(expandBytes(payload, own)))
  }
  return {
    *push(chunk) {
      for (const payload of deframer.push(chunk)) yield message(payload)
    },
    *end() {
      for (const payload of deframer.end()) yield message(payload)
    },
  }
}

/**
 * The parser for what `formatMessage` writes: messages as JSON, one a line. Blank lines are passed over.
 *
 * A frame goes out as it was on the bus; a pickle is written anew as msgpack.
 * @param keepTopics each message keeps its own topic
 * @param recode writes all payloads with the encoder's codec, whatever each line says
 */
export function jsonParser(
  encoder: Encoder,
  { keepTopics, recode }: { keepTopics: boolean; recode: boolean },
): MessageParser {
  // A byte of a payload takes nine of a line at most (an empty extension, and its frame). The rest is the envelope.
  const limit = Math.min(9 * encoder.maxMessage + 256 * 1024, constants.MAX_STRING_LENGTH)
  const lines = lineSplitter(limit)
  const read = (line: Uint8Array): Outgoing | undefined => {
    if (isBlank(line)) return undefined
    try {
      const text = decodeUtf8(asBuffer(line))
      if (text === undefined) throw new GroundwireError('MALFORMED', 'the message is not UTF-8')
      const { topic, time, codec, payload, frame } = parseMessage(text, keepTopics ? {} : { topic: '' })
      const origin = { topic: keepTopics ? topic : undefined, time }
      const target = recode ? encoder.codec : codec === 'raw' ? 'raw' : 'msgpack'
      if (frame !== undefined && target === 'msgpack' && encoder.uid === undefined)
        return encoder.frame(frame, origin, payload instanceof Uint8Array ? payload.length : frame.length)
      return encoder.payload(payload, origin, target)
    } catch (error) {
      if (!(error instanceof GroundwireError)) throw error
      throw atLine(lines, error)
    }
  }
  return {
    *push(chunk) {
      for (const line of lines.push(chunk)) {
        const message = read(line)
        if (message !== undefined) yield message
      }
    },
    *end() {
      for (const line of lines.end()) {
        const message = read(line)
        if (message !== undefined) yield message
      }
    },
  }
}

/** Space, tab and carriage return: what JSON lets stand between its words. */
function isBlank(line: Uint8Array): boolean {
  return line.every(byte => byte === SPACE || byte === 0x09 || byte === 0x0d)
}

/** The error for a line that can't be read, with its number and offset. */
function atLine({ number, start }: DelimitedSplitter, cause: GroundwireError): FormatError {
  const code = cause.code === 'OVERSIZE' ? 'OVERSIZE' : 'MALFORMED'
  return new FormatError(code, `line ${number}: ${cause.message}`, start, { cause, hint: cause.hint })
}

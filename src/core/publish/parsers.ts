import { constants } from 'node:buffer'
import { PacketSplitter } from '../ccsds/delimit.ts'
import { MAX_PACKET_LENGTH } from '../ccsds/space-packet.ts'
import { GroundwireError } from '../errors.ts'
import { parseMessage } from '../wire/json.ts'
import { asBuffer, decodeUtf8 } from '../wire/utf8.ts'
import { expandBytes } from './expand.ts'
import type { Encoder, MessageParser, Outgoing } from './outgoing.ts'
import { DelimitedPieces, SizedPieces, type Splitter } from './pieces.ts'

const LINE_FEED = 0x0a
const SPACE = 0x20

/**
 * How an input becomes messages: one for each line, for each piece that ends with a NUL, for each space packet, or for so
 * many bytes.
 */
export type Split = 'lines' | 'nul' | 'ccsds' | number

/**
 * The parser for an input of payloads.
 * @param expand replaces the fields of `expandText`, each piece being a text
 */
export function splitParser(split: Split, encoder: Encoder, expand = false): MessageParser {
  const splitter = splitterOf(split, encoder.maxMessage)
  let number = 0
  const message = (piece: Uint8Array): Outgoing =>
    encoder.bytes(expand ? expandBytes(piece, ++number) : piece)
  return {
    *push(chunk) {
      for (const piece of splitter.push(chunk)) yield message(piece)
    },
    *end() {
      for (const piece of splitter.end()) yield message(piece)
    },
  }
}

function splitterOf(split: Split, maxMessage: number): Splitter {
  switch (split) {
    case 'lines':
      return new DelimitedPieces(LINE_FEED, maxMessage, 'line')
    case 'nul':
      return new DelimitedPieces(0, maxMessage, 'piece')
    case 'ccsds': {
      const packets = new PacketSplitter({ maxMessage: Math.min(maxMessage, MAX_PACKET_LENGTH) })
      return {
        push: chunk => packets.push(chunk),
        end() {
          packets.end()
          return []
        },
      }
    }
    default:
      return new SizedPieces(split)
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
  const lines = new DelimitedPieces(LINE_FEED, limit, 'line')
  const read = (line: Uint8Array): Outgoing | undefined => {
    if (isBlank(line)) return undefined
    try {
      const text = decodeUtf8(asBuffer(line))
      if (text === undefined) throw new GroundwireError('MALFORMED', 'the message is not UTF-8')
      const { topic, codec, payload, frame } = parseMessage(text, keepTopics ? {} : { topic: '' })
      const own = keepTopics ? topic : undefined
      const target = recode ? encoder.codec : codec === 'raw' ? 'raw' : 'msgpack'
      if (frame !== undefined && target === 'msgpack' && encoder.uid === undefined)
        return encoder.frame(frame, own, payload instanceof Uint8Array ? payload.length : frame.length)
      return encoder.payload(payload, own, target)
    } catch (error) {
      if (!(error instanceof GroundwireError)) throw error
      throw lines.describe(error)
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

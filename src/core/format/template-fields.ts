import { isSpacePacket, sequenceCountOf } from '../ccsds/space-packet.ts'
import type { TappedMessage } from '../tap/message.ts'
import { payloadToJson, toBase64 } from '../wire/json-payload.ts'
import { formatMicroseconds } from '../wire/json-time.ts'
import { asBuffer } from '../wire/utf8.ts'
import type { ByteBuilder } from './byte-builder.ts'
import type { ShownMessage } from './formatter.ts'
import { textOf } from './payload-forms.ts'
import { printable, printableJson } from './printable.ts'

/** A message, as the fields of a template see it. */
export interface TemplateContext {
  readonly shown: ShownMessage
  /** The time at which the message before it was seen, as {@link TappedMessage.at}. Undefined for the first. */
  readonly previous: number | undefined
}

interface TemplateField {
  readonly meaning: string
  readonly add: (context: TemplateContext, out: ByteBuilder) => void
}

/**
 * Fields of a template, by letter. For a payload that is neither bytes nor text, `%l`, `%x` and `%b` apply to its
 * frame, and `%s` is its JSON. `%a` and `%q` are `-` for a payload that is not a space packet. In `%t` and `%s`,
 * control characters become \xNN.
 */
export const TEMPLATE_FIELDS: Readonly<Record<string, TemplateField>> = {
  t: { meaning: 'topic', add: ({ shown }, out) => out.text(printable(shown.message.topic)) },
  l: { meaning: 'length in bytes', add: ({ shown }, out) => out.ascii(String(shown.message.size)) },
  x: {
    meaning: 'payload in hexadecimal',
    add: ({ shown }, out) => out.ascii(asBuffer(bytesOf(shown.message)).toString('hex')),
  },
  s: {
    meaning: 'payload as text',
    add: ({ shown }, out) => out.text(textOf(shown.message.decoded.payload)),
  },
  b: { meaning: 'payload in base64', add: ({ shown }, out) => out.ascii(toBase64(bytesOf(shown.message))) },
  j: {
    meaning: 'payload as JSON',
    add: ({ shown }, out) =>
      out.text(printableJson(JSON.stringify(payloadToJson(shown.message.decoded.payload)))),
  },
  T: { meaning: 'time', add: ({ shown }, out) => out.ascii(formatMicroseconds(shown.message.time)) },
  d: {
    meaning: 'seconds since the last one',
    add: ({ shown, previous }, out) => {
      const { at } = shown.message
      out.ascii(((at - (previous ?? at)) / 1000).toFixed(6))
    },
  },
  n: { meaning: 'count', add: ({ shown }, out) => out.ascii(String(shown.number)) },
  a: { meaning: 'APID', add: ({ shown }, out) => out.ascii(String(shown.message.apid ?? '-')) },
  q: { meaning: 'sequence count', add: ({ shown }, out) => out.ascii(sequenceCount(shown.message)) },
}

function bytesOf({ bytes, frame }: TappedMessage): Uint8Array {
  return bytes ?? frame
}

function sequenceCount({ packet }: TappedMessage): string {
  return packet !== undefined && isSpacePacket(packet) ? String(sequenceCountOf(packet)) : '-'
}

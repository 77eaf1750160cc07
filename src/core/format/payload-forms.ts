import { hexdumpBytes } from '../hex.ts'
import { payloadToJson, toBase64 } from '../wire/json-payload.ts'
import type { Payload } from '../wire/payload.ts'
import { asBuffer } from '../wire/utf8.ts'
import type { ByteBuilder } from './byte-builder.ts'
import type { Formatter } from './formatter.ts'
import { packetText } from './line.ts'
import { printable, printableBytes } from './printable.ts'

/** A form that is made of a payload's bytes alone: it has nothing for a value that is neither bytes nor text. */
function ofBytes(add: (bytes: Uint8Array, out: ByteBuilder) => void): Formatter {
  return {
    write({ message: { bytes } }, out) {
      if (bytes === undefined) return false
      add(bytes, out)
      return true
    },
  }
}

/** Writes payload bytes, each followed by the delimiter. */
export function rawFormatter(delimiter: Uint8Array): Formatter {
  return ofBytes((bytes, out) => {
    out.bytes(bytes)
    out.bytes(delimiter)
  })
}

export function hexFormatter(delimiter: Uint8Array): Formatter {
  return ofBytes((bytes, out) => {
    out.ascii(asBuffer(bytes).toString('hex'))
    out.bytes(delimiter)
  })
}

export function base64Formatter(delimiter: Uint8Array): Formatter {
  return ofBytes((bytes, out) => {
    out.ascii(toBase64(bytes))
    out.bytes(delimiter)
  })
}

/** Writes each payload like `hexdump -C`. With `ccsds`, a line with its header in words precedes each packet. */
export function hexdumpFormatter(ccsds: boolean, delimiter: Uint8Array): Formatter {
  return {
    write(shown, out) {
      const bytes = ccsds ? shown.message.packet : shown.message.bytes
      if (bytes === undefined) return false
      if (ccsds) out.text(`${packetText(shown)}\n`)
      out.bytes(hexdumpBytes(bytes))
      out.bytes(delimiter)
      return true
    },
  }
}

/** Writes the payload as text that can't drive a terminal. It can't be read back; `raw` and `json` can. */
export function textFormatter(delimiter: Uint8Array): Formatter {
  return {
    write({ message }, out) {
      out.text(textOf(message.decoded.payload))
      out.bytes(delimiter)
      return true
    },
  }
}

/** Returns a payload as text for people: text as it is, bytes decoded from UTF-8, any other value as JSON. */
export function textOf(payload: Payload): string {
  if (payload instanceof Uint8Array) return printableBytes(payload)
  return printable(typeof payload === 'string' ? payload : JSON.stringify(payloadToJson(payload)))
}

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

/** Payload bytes, each followed by the delimiter. */
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

/** Each payload as `hexdump -C` prints it; with `ccsds`, each packet after a line with its header in words. */
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

/** The payload as text that can't drive a terminal. Not for reading back: `raw` and `json` are. */
export function textFormatter(delimiter: Uint8Array): Formatter {
  return {
    write({ message }, out) {
      out.text(textOf(message.decoded.payload))
      out.bytes(delimiter)
      return true
    },
  }
}

/** A payload as text for the eye: its own, its bytes read as UTF-8, or its JSON. */
export function textOf(payload: Payload): string {
  if (payload instanceof Uint8Array) return printableBytes(payload)
  return printable(typeof payload === 'string' ? payload : JSON.stringify(payloadToJson(payload)))
}

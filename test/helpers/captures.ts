import { CaptureReader } from '../../src/core/capture/capture-reader.ts'
import type { CapturedPacket } from '../../src/core/capture/captured-packet.ts'
import { FormatError } from '../../src/core/errors.ts'
import { parseAll } from './chunks.ts'

/** A packet with its data in hexadecimal, for readable differences. */
export type ShownPacket = Omit<CapturedPacket, 'data'> & { readonly data: string }

/** The packets that a reader finds in a capture in these chunks, and the typed error that ended it. Any other error is thrown. */
export function readCapture(
  chunks: readonly Uint8Array[],
  reader: ConstructorParameters<typeof CaptureReader>[0] = {},
): { packets: ShownPacket[]; error: FormatError | undefined } {
  const { items, error } = parseAll(new CaptureReader(reader), chunks)
  if (error !== undefined && !(error instanceof FormatError)) throw error
  return { packets: items.map(show), error }
}

function show(packet: CapturedPacket): ShownPacket {
  return { ...packet, data: Buffer.from(packet.data).toString('hex') }
}

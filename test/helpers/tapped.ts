import { TappedMessage } from '../../src/core/tap/message.ts'
import { ByteBuilder } from '../../src/core/format/byte-builder.ts'
import type { Formatter } from '../../src/core/format/formatter.ts'
import { encodePayload } from '../../src/core/wire/encode-payload.ts'
import type { PayloadInput } from '../../src/core/wire/payload.ts'

/** 2026-11-22T12:34:56.789012345Z. */
export const TIME = 1_795_350_896_789_012_345n

/** Returns the monotonic clock at this wall-clock time. It started at {@link TIME}. */
function atOf(time: bigint): number {
  return Number(time - TIME) / 1e6
}

/** A message as a tap receives it. */
export function tapped(payload: PayloadInput, { topic = 'telem', time = TIME } = {}): TappedMessage {
  return new TappedMessage(time, topic, encodePayload(payload, 'msgpack'), 'auto', atOf(time))
}

/** A message with a given frame. */
export function tappedFrame(frame: Uint8Array, { topic = 'telem', time = TIME } = {}): TappedMessage {
  return new TappedMessage(time, topic, Buffer.from(frame), 'auto', atOf(time))
}

/** The output of a formatter for these messages, one after another; undefined for one that it leaves out. */
export function formatted(formatter: Formatter, ...messages: TappedMessage[]): (string | undefined)[] {
  return messages.map((message, i) => {
    const out = new ByteBuilder()
    return formatter.write({ message, number: i + 1 }, out) ? out.view().toString('latin1') : undefined
  })
}

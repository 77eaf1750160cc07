import { TelemetrySource } from '../../../src/core/ccsds/telemetry-source.ts'
import type { TappedMessage } from '../../../src/core/tap/message.ts'
import type { PayloadInput } from '../../../src/core/wire/payload.ts'
import type { Sent } from '../../helpers/local-bus.ts'

/** Packets as the simulator makes them: APID 42, 64 bytes, counted from 0. */
export function telemetry(count: number): Buffer[] {
  const source = new TelemetrySource({ apid: 42, size: 64 })
  return Array.from({ length: count }, (_, i) => source.next(BigInt(i)))
}

/** Payloads as messages of one topic. */
export function on(topic: string, payloads: readonly PayloadInput[]): Sent[] {
  return payloads.map(payload => [topic, payload])
}

/** Messages that have come, to compare with what was sent. */
export function received(messages: readonly TappedMessage[]): Sent[] {
  return messages.map(({ topic, decoded: { payload } }) => [
    topic,
    payload instanceof Uint8Array ? Buffer.from(payload) : payload,
  ])
}

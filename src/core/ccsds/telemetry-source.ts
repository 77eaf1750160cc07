import { UsageError } from '../errors.ts'
import { CDS_TIME_LENGTH, writeCdsTime } from './cds-time.ts'
import {
  IDLE_APID,
  MAX_PACKET_LENGTH,
  PRIMARY_HEADER_LENGTH,
  SEQUENCE_MODULUS,
  isSpacePacket,
  packetLengthOf,
  sequenceCountOf,
  writePrimaryHeader,
} from './space-packet.ts'

const USER_DATA = PRIMARY_HEADER_LENGTH + CDS_TIME_LENGTH

/** Length of the shortest packet from a {@link TelemetrySource}: both headers and one octet of user data. */
export const MIN_TELEMETRY_LENGTH = USER_DATA + 1

/** The packets that a {@link TelemetrySource} makes. */
export interface TelemetrySourceOptions {
  /** Application process identifier, 0 to 2046 (2047 is idle). */
  readonly apid: number
  /** Octets of the whole packet, 15 to 65,542. */
  readonly size: number
  /** Sequence count of the first packet, 0 to 16,383. Default 0. */
  readonly count?: number
}

/**
 * Generates test telemetry: CCSDS 133.0-B-2 packets, unsegmented, with consecutive sequence counts.
 *
 * The secondary header is a time stamp of eight octets ({@link readCdsTime}). The user data is a ramp that starts at
 * the sequence count's low octet, so that a receiver can detect damage: {@link hasTelemetryRamp}.
 */
export class TelemetrySource {
  readonly apid: number
  readonly size: number
  /** Every packet's ramp is a window of this one, so that a packet costs one copy. */
  readonly #ramp: Buffer
  #count: number

  /** @throws {UsageError} for a value out of range */
  constructor(options: TelemetrySourceOptions) {
    const { apid, size, count = 0 } = options
    requireWithin('an APID', apid, 0, IDLE_APID - 1)
    requireWithin('a packet size', size, MIN_TELEMETRY_LENGTH, MAX_PACKET_LENGTH)
    requireWithin('a sequence count', count, 0, SEQUENCE_MODULUS - 1)
    this.apid = apid
    this.size = size
    this.#count = count
    this.#ramp = Buffer.from(Uint8Array.from({ length: 0x100 + size - USER_DATA }, (_, i) => i & 0xff))
  }

  /** The sequence count of the next packet. */
  get count(): number {
    return this.#count
  }

  /**
   * Returns the next packet in a new buffer.
   *
   * @param time its time stamp, nanoseconds since 1970-01-01T00:00:00Z
   * @throws {UsageError} for a time outside 1958 to 2137; the count is then unchanged
   */
  next(time: bigint): Buffer {
    const packet = Buffer.allocUnsafe(this.size)
    writeCdsTime(packet, PRIMARY_HEADER_LENGTH, time)
    writePrimaryHeader(packet, {
      apid: this.apid,
      sequenceCount: this.#count,
      length: this.size,
      secondaryHeader: true,
    })
    const from = this.#count & 0xff
    this.#ramp.copy(packet, USER_DATA, from, from + this.size - USER_DATA)
    this.#count = (this.#count + 1) % SEQUENCE_MODULUS
    return packet
  }
}

/** Whether `packet` is complete and its user data is the ramp of a {@link TelemetrySource}. */
export function hasTelemetryRamp(packet: Uint8Array): boolean {
  if (!isSpacePacket(packet) || packet.length !== packetLengthOf(packet)) return false
  if (packet.length < MIN_TELEMETRY_LENGTH) return false
  const from = sequenceCountOf(packet) - USER_DATA
  for (let i = USER_DATA; i < packet.length; i++) if (packet[i] !== ((from + i) & 0xff)) return false
  return true
}

function requireWithin(what: string, value: number, low: number, high: number): void {
  if (Number.isInteger(value) && value >= low && value <= high) return
  throw new UsageError(`${what} is a whole number from ${low} to ${high}, not ${value}`)
}

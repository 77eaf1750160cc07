import { MAX_PACKET_LENGTH } from '../core/ccsds/space-packet.ts'
import { MIN_TELEMETRY_LENGTH } from '../core/ccsds/telemetry-source.ts'
import { formatEndpoint } from '../core/endpoint.ts'
import { Simulator } from '../core/simulator.ts'
import { defineCommand } from './shared/command-line/command.ts'
import { destination, rate, whole } from './shared/command-line/values.ts'
import { runRole } from './shared/run-role.ts'

export default defineCommand({
  arguments: {},
  options: {
    to: { describe: 'HOST:PORT to send to', parse: destination, required: true },
    apid: { describe: 'application process identifier, 0 to 2046', parse: whole(0, 2046), default: '42' },
    rate: { describe: "packets a second, or 'max'", parse: rate, default: '10' },
    size: {
      describe: `bytes of a packet, headers included, ${MIN_TELEMETRY_LENGTH} to ${MAX_PACKET_LENGTH}`,
      parse: whole(MIN_TELEMETRY_LENGTH, MAX_PACKET_LENGTH),
      default: '64',
    },
    count: { describe: 'end after this many packets', parse: whole(1), alias: 'c' },
  },
  examples: [
    ['simulate --to 127.0.0.1:3076', 'ten packets a second, until it is stopped'],
    ['simulate --to 127.0.0.1:3076 --apid 0x2a --rate 1000 --count 5000', 'a five-second pass'],
  ],
  notes: `Each datagram is one CCSDS space packet (CCSDS 133.0-B): telemetry, unsegmented, with a 14-bit sequence count
that wraps from 16383 to 0, and a CDS time stamp (CCSDS 301.0-B) as its secondary header.`,
  async run(values, session) {
    const simulator = new Simulator({ ...values, ledger: session.ledger })
    return runRole(session, simulator, {
      ready: () => `sending APID ${values.apid} to UDP ${formatEndpoint(values.to)}`,
      run: options => simulator.run(options),
    })
  },
})

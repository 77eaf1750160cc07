import { UdpIn } from '../core/client/udp-in.ts'
import { formatEndpoint } from '../core/endpoint.ts'
import {
  busOptions,
  carrierOption,
  defineCommand,
  maxMessageOption,
  queueOption,
  writeCodecOption,
  xsubOption,
} from './shared/command-line/command.ts'
import { grouped } from '../core/format/figures.ts'
import { Reporter } from './shared/reporter.ts'
import { runRole } from './shared/run-role.ts'
import { SequenceReporter } from './shared/sequence-reporter.ts'
import type { Session } from './shared/session.ts'
import { listenAddress, size, topic } from './shared/command-line/values.ts'

/** Number of sources named at their first datagram. Further sources are counted. */
const SOURCES = 4

export default defineCommand({
  arguments: {
    listen: {
      describe: 'PORT on 127.0.0.1, HOST:PORT or [V6]:PORT; a multicast group is joined',
      parse: listenAddress,
      required: true,
    },
    topic: { describe: 'the topic to publish to', parse: topic, required: true },
  },
  options: {
    'receive-buffer': {
      describe: 'the receive buffer to ask the kernel for, which limits it to net.core.rmem_max',
      parse: size,
      default: '4M',
    },
    ccsds: {
      describe: 'follow the sequence counts of CCSDS packets, and report missing packets',
      flag: true,
    },
    ...queueOption,
    ...writeCodecOption,
    ...xsubOption,
    ...carrierOption,
    ...maxMessageOption,
  },
  examples: [
    ['udp-in 3076 telem', 'datagrams to port 3076 of this host become messages of topic telem'],
    ['udp-in 0.0.0.0:3076 telem', 'the same from any host'],
    ['udp-in 239.1.2.3:3076 telem', 'join a multicast group'],
    [
      'udp-in 3076 telem --ccsds --fail-on-loss',
      'tell missing packets by their sequence counts; exit 6 if any are',
    ],
  ],
  async run(values, session) {
    const sequences = new SequenceReporter(session.terminal)
    const sources = new Reporter(session.terminal, {
      kinds: SOURCES,
      level: 'info',
      more: count => `first datagrams from ${grouped(count)} more source${count === 1 ? '' : 's'}`,
    })
    const role = new UdpIn({
      name: values.topic,
      input: values.listen,
      receiveBuffer: values['receive-buffer'],
      onSequence: values.ccsds ? event => sequences.report(event) : undefined,
      onSource: (source, bytes) => {
        const name = formatEndpoint(source)
        sources.report(name, () => `first datagram from ${name}, ${bytes} bytes`)
      },
      ...busOptions(values),
      encoding: values.codec,
      ledger: session.ledger,
    })
    const listening = () => `listening on UDP ${formatEndpoint(role.address)}`
    return runRole(session, role, {
      started: () => warnOfSmallBuffer(role, session),
      opened: listening,
      ready: () => `${listening()}, publishing '${values.topic}' to ${values.xsub}`,
      flush: () => {
        sequences.flush()
        sources.flush()
      },
    })
  },
})

function warnOfSmallBuffer({ receiveBuffer: { asked, granted } }: UdpIn, { terminal }: Session): void {
  if (granted === undefined || granted >= asked) return
  const remedy = `sysctl -w net.core.rmem_max=${asked}`
  terminal.warn(
    `the kernel gave a receive buffer of ${granted} bytes where ${asked} were asked for; to allow more: ${remedy}`,
  )
}

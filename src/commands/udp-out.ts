import { NOT_UNWRAPPED } from '../core/client/port-output-client.ts'
import { UdpOut } from '../core/client/udp-out.ts'
import { formatEndpoint } from '../core/endpoint.ts'
import {
  busOptions,
  carrierOption,
  defineCommand,
  maxMessageOption,
  readCodecOption,
  xpubOption,
} from './shared/command-line/command.ts'
import { runRole } from './shared/run-role.ts'
import {
  patternWarnings,
  requireSelection,
  selectionArguments,
  selectionOptions,
  selectionText,
} from './shared/selection.ts'
import { destination } from './shared/command-line/values.ts'

export default defineCommand({
  arguments: selectionArguments,
  options: {
    to: {
      describe: 'HOST:PORT to send to; may be repeated',
      parse: destination,
      repeat: true,
      required: true,
    },
    unwrap: {
      describe: "send the bytes of a (packet uid, bytes) tuple, as AIT's packet handlers publish it",
      flag: true,
    },
    ...selectionOptions,
    ...readCodecOption,
    ...xpubOption,
    ...carrierOption,
    ...maxMessageOption,
  },
  examples: [
    ['udp-out telem --to 127.0.0.1:3077', 'each message of topic telem as one datagram'],
    ['udp-out telem --to display:3077 --to [::1]:3078', 'to two places'],
    ['udp-out --prefix sat1. --to 239.1.2.3:3077', 'all topics that begin with sat1., to a multicast group'],
  ],
  check: requireSelection,
  run(values, session) {
    for (const warning of patternWarnings(values)) session.terminal.warn(warning)
    const role = new UdpOut({
      topics: values.topics,
      prefixes: values.prefix,
      output: values.to,
      unwrap: values.unwrap,
      decoding: values.codec,
      ...busOptions(values),
      ledger: session.ledger,
    })
    let isTold = false
    role.on('loss', ({ reason }) => {
      if (reason !== NOT_UNWRAPPED || isTold) return
      isTold = true
      session.terminal.warn('some payloads are (uid, bytes) tuples: --unwrap sends their bytes')
    })
    const destinations = values.to.map(formatEndpoint).join(', ')
    return runRole(session, role, {
      ready: () => `sending ${selectionText(values)} from ${values.xpub} to UDP ${destinations}`,
    })
  },
})

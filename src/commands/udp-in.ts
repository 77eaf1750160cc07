import { UdpIn } from '../core/client/udp-in.ts'
import { formatEndpoint } from '../core/endpoint.ts'
import { defineCommand, maxMessageOption, xsubOption } from './command.ts'
import { runRole } from './run-role.ts'
import { listenAddress, topic } from './values.ts'

export default defineCommand({
  arguments: {
    listen: {
      describe: 'PORT on 127.0.0.1, HOST:PORT or [V6]:PORT; a multicast group is joined',
      parse: listenAddress,
      required: true,
    },
    topic: { describe: 'the topic to publish to', parse: topic, required: true },
  },
  options: { ...xsubOption, ...maxMessageOption },
  examples: [
    ['udp-in 3076 telem', 'datagrams to port 3076 of this host become messages of topic telem'],
    ['udp-in 0.0.0.0:3076 telem', 'the same from any host'],
    ['udp-in 239.1.2.3:3076 telem', 'join a multicast group'],
  ],
  run(values, session) {
    const role = new UdpIn({
      name: values.topic,
      input: values.listen,
      xsub: values.xsub,
      maxMessage: values['max-message'],
      ledger: session.ledger,
    })
    const listening = () => `listening on UDP ${formatEndpoint(role.address)}`
    return runRole(session, role, {
      opened: listening,
      ready: () => `${listening()}, publishing '${values.topic}' to ${values.xsub}`,
    })
  },
})

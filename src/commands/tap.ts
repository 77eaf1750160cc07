import { Tap } from '../core/client/tap.ts'
import { FORMATS, formatterOf } from '../core/format/formats.ts'
import { count } from '../core/ledger.ts'
import { defineCommand, maxMessageOption, readCodecOption, xpubOption } from './command.ts'
import { ExitCode } from './exit-code.ts'
import { lineStyle } from './line-style.ts'
import type { OptionSpecs } from './options.ts'
import { Output } from './output.ts'
import { runRole } from './run-role.ts'
import { selectionArguments, selectionOptions, selectionText } from './selection.ts'
import { duration, oneOf, whole } from './values.ts'

const options = {
  format: {
    describe: `how messages are written: ${FORMATS.join(', ')}`,
    parse: oneOf(...FORMATS),
    alias: 'f',
    default: 'line',
  },
  count: { describe: 'end after so many messages', parse: whole(1), alias: 'c' },
  timeout: {
    describe: 'end after this time in all; exit 4 if that is before --count',
    parse: duration,
    alias: 'W',
  },
  ...selectionOptions,
  ...readCodecOption,
  ...xpubOption,
  ...maxMessageOption,
} as const satisfies OptionSpecs

export default defineCommand({
  arguments: selectionArguments,
  options,
  examples: [
    ['tap', 'a line for each message of every topic'],
    ['tap telem -f raw > pass.tlm', 'record the payloads of a topic, byte for byte'],
    ['tap telem -c 1 -W 5s', 'does telemetry flow? exit 0 if so, 4 if none came within 5 s'],
    ['tap -f json | jq .topic', 'messages as JSON, one a line'],
  ],
  async run(values, session) {
    const format = formatterOf(values.format, lineStyle(session.io, values.color))
    const output = new Output(session.io.stdout, {
      written: bytes => count(session.ledger.sent, bytes),
      dropped: () => session.lose('overflow', 'standard output is read too slowly: the oldest messages go'),
      closed: error => {
        role.stopReading()
        if (error === null) session.readerGone()
        else session.end(error)
      },
    })
    let left = values.count ?? Number.POSITIVE_INFINITY
    const role = new Tap({
      topics: values.topics,
      prefixes: values.prefix,
      decoding: values.codec,
      xpub: values.xpub,
      maxMessage: values['max-message'],
      ledger: session.ledger,
      onMessage: message => {
        const bytes = format(message)
        if (bytes === undefined)
          session.lose('undeliverable', `no bytes to write as ${values.format}: ${message.topic}`)
        else output.write(bytes, message.size)
        left -= 1
        if (left > 0) return
        role.stopReading()
        session.end()
      },
    })
    const timer = values.timeout === undefined ? undefined : setTimeout(() => session.end(), values.timeout)
    let connected = false
    role.on('link', event => {
      connected ||= event.type === 'connected'
    })
    try {
      return await runRole(session, role, {
        ready: () => `watching ${selectionText(values)} at ${values.xpub}`,
        flush: options => output.drain(options).finally(() => output.close()),
        code: () => {
          if (values.count === undefined || left === 0 || session.stoppedByUser) return ExitCode.OK
          return connected ? ExitCode.UNMET : ExitCode.NOBODY
        },
      })
    } finally {
      clearTimeout(timer)
    }
  },
})

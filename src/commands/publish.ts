import { readFile } from 'node:fs/promises'
import { ZMQClient } from '../core/client/zmq-client.ts'
import { deadline } from '../core/condition.ts'
import { GroundwireError, UsageError } from '../core/errors.ts'
import { parseHex } from '../core/hex.ts'
import { count } from '../core/ledger.ts'
import { defineCommand, maxMessageOption, xsubOption } from './command.ts'
import type { Session } from './session.ts'
import { duration, text, topic } from './values.ts'

export default defineCommand({
  arguments: {
    topic: { describe: 'the topic to publish to', parse: topic, required: true },
    message: { describe: 'the message, as text; without it, --file or standard input', parse: text },
  },
  options: {
    hex: { describe: 'the message, as hexadecimal digits', parse: parseHex },
    file: { describe: 'a file that is the message; - is standard input', parse: text },
    wait: {
      describe: 'how long to wait for somebody who has subscribed to the topic',
      parse: duration,
      default: '5s',
      alias: 'w',
    },
    ...xsubOption,
    ...maxMessageOption,
  },
  examples: [
    ['publish telem hello', 'one message, to whoever listens'],
    ['publish __commands__ --hex "18 2a c0 00 00 01 05 00"', 'a command to the spacecraft, byte for byte'],
    ['publish telem < packet.bin', 'one message from standard input'],
  ],
  async run(values, session) {
    const given = [values.message, values.hex, values.file].filter(source => source !== undefined)
    if (given.length > 1) throw new UsageError('give one of MESSAGE, --hex and --file, not several')
    const message = await readMessage(values, session)
    const client = new ZMQClient({
      name: values.topic,
      xsub: values.xsub,
      maxMessage: values['max-message'],
      ledger: session.ledger,
    })
    client.on('loss', session.losses.report)
    client.on('link', session.reportLink)
    try {
      await session.keepBooks()
      await client.start()
      await untilHeard(client, values, session)
      if (!session.stoppedByUser) {
        count(session.ledger.received, message.length)
        client.publish(message)
      }
    } catch (error) {
      await client.close()
      throw error
    }
    return session.finish(client)
  },
})

/** Waits for a listener. @throws {GroundwireError} NO_PROXY or NO_SUBSCRIBER, whichever of them was not there in time */
async function untilHeard(
  client: ZMQClient,
  values: { topic: string; xsub: string; wait: number },
  session: Session,
) {
  const signal = deadline(values.wait, { signal: session.ended })
  try {
    await client.heard(values.topic, { signal })
    session.terminal.detail(`ready: somebody listens to '${values.topic}' at ${values.xsub}`)
  } catch {
    if (session.stoppedByUser) return
    const time = `within ${values.wait / 1000} s`
    if (client.isConnected) {
      throw new GroundwireError('NO_SUBSCRIBER', `no subscriber asked for '${values.topic}' ${time}`, {
        hint: `the proxy at ${values.xsub} is there; nothing was sent`,
      })
    }
    throw new GroundwireError('NO_PROXY', `no proxy at ${values.xsub} ${time}`, { hint: 'nothing was sent' })
  }
}

async function readMessage(
  values: { message: string | undefined; hex: Buffer | undefined; file: string | undefined },
  session: Session,
): Promise<Buffer> {
  if (values.message !== undefined) return Buffer.from(values.message)
  if (values.hex !== undefined) return values.hex
  if (values.file === undefined || values.file === '-') {
    const chunks: Buffer[] = []
    for await (const chunk of session.io.stdin) chunks.push(Buffer.from(chunk))
    return Buffer.concat(chunks)
  }
  const { file } = values
  return readFile(file).catch((cause: Error) => {
    throw new GroundwireError('IO', `${file} can't be read: ${cause.message}`, { cause })
  })
}

import { once } from 'node:events'
import type { Batches } from '../../core/publish/input.ts'
import type { Outgoing } from '../../core/publish/outgoing.ts'
import { asBuffer } from '../../core/wire/utf8.ts'
import type { Session } from '../shared/session.ts'
import { failureOf, requireStandardOutput } from '../shared/terminal/standard-output.ts'

/** Prints the two frames of each message, separated by a space, as a line of hexadecimal digits, as fast as it is read. */
export async function printFrames(batches: Batches, topic: string, { io, ended }: Session): Promise<number> {
  requireStandardOutput(io)
  const { stdout } = io
  let gone: Error | undefined
  stdout.on('error', error => {
    gone = error
  })
  let messages = 0
  for await (const batch of batches) {
    for (const message of batch) {
      const failure = failureOf(gone)
      if (failure !== undefined) throw failure
      if (gone !== undefined || ended.aborted) return messages
      messages += 1
      if (stdout.write(lineOf(message, topic))) continue
      await once(stdout, 'drain', { signal: ended }).catch(() => {})
    }
  }
  const failure = failureOf(gone)
  if (failure !== undefined) throw failure
  return messages
}

function lineOf({ topic, frame }: Outgoing, own: string): string {
  return `${Buffer.from(topic ?? own).toString('hex')} ${asBuffer(frame).toString('hex')}\n`
}

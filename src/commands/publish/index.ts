import { PUBLISH_QUEUE } from '../../core/bounded-queue.ts'
import { GroundwireError } from '../../core/errors.ts'
import type { Pacer } from '../../core/pacing/pacer.ts'
import { Publication } from '../../core/publish/publication.ts'
import { busOptions, defineCommand } from '../shared/command-line/command.ts'
import { ExitCode } from '../shared/exit-code.ts'
import { checkTogether, hintOf, publishArguments, publishOptions, type PublishValues } from './options.ts'
import { openSource, type Source } from './source.ts'
import { WaitReporter } from './wait-reporter.ts'
import { runRole } from '../shared/run-role.ts'
import type { Session } from '../shared/session.ts'

/** Queue limits. The input is read as fast as the bus takes it: reading waits while half of the queue is full. */
const QUEUE = { messages: 8_192, bytes: PUBLISH_QUEUE.bytes }

export default defineCommand({
  arguments: publishArguments,
  options: publishOptions,
  examples: [
    ['publish telem hello', 'one message, to whoever listens'],
    [
      'publish __commands__ --hex "18 2a c0 00 00 01 05 00" --confirm',
      'a command, known to have passed the proxy',
    ],
    ['publish telem < packet.bin', 'one message from standard input'],
    ['publish telem --split ccsds --file pass.tlm --rate 10', 'a recording, ten packets a second'],
    ["publish beat 'beat %{n} at %{time}' --expand --interval 1s --repeat forever", 'one a second'],
    ['publish - --file pass.pcapng', 'what tap recorded, each message to its own topic'],
  ],
  notes: `publish sends nothing before somebody listens: without a subscriber within --wait it ends with exit 3. If messages have
topics of their own, the first waits like that for its subscriber, and all further ones until --wait after it. Messages
without a subscriber then count as unheard, and the exit code is 3 too. --wait 0 is 1 s, the time to see the subscribers.

--confirm listens for the echo of its messages, and ends with exit 4 after --wait without an echo. The messages may still
arrive then. While it listens, neither it nor another publisher can tell whether its own subscription to a topic is the last one.

An input that is damaged, cut off, or has a message over --max-message ends with exit 1 and the offset; all messages before
that are sent.`,
  check: checkTogether,
  async run(values, session) {
    if (values['dry-run']) return dryRun(values, session)
    const source = await openSource(values, session, reason => role.skip(reason))
    const waits = new WaitReporter(session.terminal)
    const role = new Publication({
      name: values.topic,
      ...busOptions(values),
      wait: values.wait,
      exact: values.exact,
      confirm: values.confirm,
      pacer: await pacerOf(values),
      onWait: isControlled(values, source) ? wait => waits.report(wait) : undefined,
      maxInFlight: source.maxInFlight,
      queue: QUEUE,
      ledger: session.ledger,
      onUnheard: name =>
        session.terminal.warn(`no subscriber asked for '${name}': its messages count as unheard`),
    })
    try {
      return await runPublication(role, source, values, session)
    } finally {
      await source.close()
    }
  },
})

/** Publishes the source, flushes it, and reports the outcome. The first failure gives the exit code. */
async function runPublication(
  role: Publication,
  source: Source,
  values: PublishValues,
  session: Session,
): Promise<number> {
  const { topic, wait, confirm } = values
  const { ledger, terminal } = session
  let failure: unknown
  let isFlushed = false
  const code = await runRole(session, role, {
    isOneOff: true,
    run: async ({ signal }) => {
      try {
        if (topic !== '-') await role.ready(topic, { signal })
        await publishAll(role, source, values, session)
      } catch (error) {
        const hinted = withHint(error, values)
        if (ledger.received.messages === 0) throw hinted
        failure = hinted
      }
      // After a signal, all of these share two seconds.
      isFlushed = await role.flush({ signal: session.flushEnded })
      failure = await confirmed(role, session, failure)
    },
    // The bus needs time for the last messages. A stopped command has less of it.
    linger: () => (session.stoppedByUser || failure !== undefined ? 0 : wait),
    code: () => (isFlushed || session.stoppedByUser ? ExitCode.OK : ExitCode.FAILED),
  })
  if (failure !== undefined) throw failure
  if (confirm) terminal.info('confirmed: all that was sent has passed the proxy')
  if (code === ExitCode.OK && ledger.unheard > 0 && !session.stoppedByUser) {
    const { unheard, received } = ledger
    throw new GroundwireError(
      'NO_SUBSCRIBER',
      `${unheard} of ${received.messages} messages had no subscriber`,
    )
  }
  return code
}

/** Waits for the last echoes. @returns the first failure */
async function confirmed(role: Publication, session: Session, failure: unknown): Promise<unknown> {
  // Do not wait a second time for an echo that has not come for so long.
  if (failure instanceof GroundwireError && failure.code === 'UNCONFIRMED') return failure
  return role.confirm({ signal: session.flushEnded }).then(
    () => failure,
    (error: unknown) => failure ?? error,
  )
}

async function publishAll(
  role: Publication,
  source: Source,
  { topic, xsub }: PublishValues,
  session: Session,
): Promise<void> {
  if (session.ended.aborted) return
  const what = topic === '-' ? 'each message to its own topic' : `'${topic}'`
  const sentence = `ready: publishing ${what} at ${xsub}`
  if (source.single) session.terminal.detail(sentence)
  else session.terminal.info(sentence)
  const { received } = session.ledger
  const stopProgress = source.single
    ? undefined
    : (await import('../shared/terminal/progress.ts')).showProgress(session.terminal, () => ({
        messages: received.messages,
        share: source.share(received.messages),
      }))
  try {
    await role.run(source.batches, { signal: session.ended })
  } finally {
    stopProgress?.()
  }
}

async function dryRun(values: PublishValues, session: Session): Promise<number> {
  const source = await openSource(values, session, reason => session.terminal.warn(`passed over: ${reason}`))
  const { printFrames } = await import('./dry-run.ts')
  try {
    const messages = await printFrames(source.batches, values.topic, session)
    session.terminal.info(`dry run: ${messages} message${messages === 1 ? '' : 's'}, nothing was sent`)
  } catch (error) {
    throw withHint(error, values)
  } finally {
    await source.close()
  }
  return ExitCode.OK
}

/** Whether a stream goes as fast as its subscribers take it. --confirm has a window of its own. */
function isControlled({ rate, interval, confirm }: PublishValues, { single }: Source): boolean {
  return !single && rate === undefined && interval === undefined && !confirm
}

/** Undefined for the rate at which the bus takes messages. A one-off message does not wait for the modules. */
async function pacerOf({ interval, rate }: PublishValues): Promise<Pacer | undefined> {
  if (interval !== undefined) {
    const { IntervalPacer } = await import('../../core/pacing/interval-pacer.ts')
    return new IntervalPacer(interval)
  }
  if (rate === undefined || rate === Number.POSITIVE_INFINITY) return undefined
  const { RatePacer } = await import('../../core/pacing/rate-pacer.ts')
  return new RatePacer(rate)
}

function withHint(error: unknown, values: PublishValues): unknown {
  if (!(error instanceof GroundwireError)) return error
  const { code, message } = error
  return new GroundwireError(code, message, { cause: error, hint: hintOf(error, values) })
}

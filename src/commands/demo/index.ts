import { formatLine } from '../../core/format/line.ts'
import { defineCommand } from '../shared/command-line/command.ts'
import { rate, time } from '../shared/command-line/values.ts'
import { ExitCode } from '../shared/exit-code.ts'
import { runRole } from '../shared/run-role.ts'
import { summaryOf } from '../shared/session.ts'
import { lineStyle } from '../shared/terminal/line-style.ts'
import { failureOf, requireStandardOutput } from '../shared/terminal/standard-output.ts'
import { DemoChain } from './chain.ts'
import type { TappedMessage } from '../../core/tap/message.ts'

export default defineCommand({
  arguments: {},
  options: {
    duration: { describe: 'time to run', parse: time, default: '3s' },
    rate: { describe: 'packets a second', parse: rate, default: '10' },
  },
  examples: [['demo', 'watch telemetry cross the bus']],
  notes: `It runs, in one process and on free ports:
  simulate ──UDP──▶ udp-in ──▶ proxy ──▶ tap, and udp-out ──UDP──▶ a socket that compares each packet with what was sent.`,
  async run(values, session) {
    const { io, terminal, ledger } = session
    requireStandardOutput(io)
    io.stdout.once('error', error => {
      const failure = failureOf(error)
      if (failure === undefined) session.readerGone()
      else session.end(failure)
    })
    const style = lineStyle(io, values.color)
    const onMessage = (message: TappedMessage) => io.stdout.write(formatLine(message, style))
    const chain = new DemoChain({ rate: values.rate, ledger, onMessage })
    const isComplete = () => chain.isComplete && (ledger.received.messages > 0 || session.stoppedByUser)
    let hasRun = false
    const code = await runRole(session, chain, {
      ready: ({ xsub, xpub }) =>
        `publishers at ${xsub}, subscribers at ${xpub}, ${values.rate} packets a second`,
      run: async options => {
        await chain.run(values.duration, options)
        hasRun = !session.isReaderGone
      },
      flush: () => {
        if (!hasRun) return
        for (const [name, account] of chain.ledgers) terminal.info(`${name}: ${summaryOf(account)}`)
      },
      code: () => (isComplete() ? ExitCode.OK : ExitCode.FAILED),
    })
    if (!hasRun) return code
    const [sent, arrived] = [ledger.received.messages, ledger.sent.messages]
    if (isComplete()) terminal.info(`all ${sent} packets that were sent arrived, byte for byte`)
    else terminal.error(`of ${sent} packets that were sent, ${arrived} arrived byte for byte`)
    return code
  },
})

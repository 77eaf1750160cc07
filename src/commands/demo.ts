import type { Socket } from 'node:dgram'
import { Broker } from '../core/bus/broker.ts'
import { Tap } from '../core/client/tap.ts'
import { UdpIn } from '../core/client/udp-in.ts'
import { UdpOut } from '../core/client/udp-out.ts'
import { Condition, deadline } from '../core/condition.ts'
import { GroundwireError } from '../core/errors.ts'
import { formatLine } from '../core/format/line.ts'
import { count, type Ledger } from '../core/ledger.ts'
import { Simulator } from '../core/simulator.ts'
import { listenOn } from '../core/udp/udp-socket.ts'
import { defineCommand } from './shared/command-line/command.ts'
import { ExitCode } from './shared/exit-code.ts'
import { lineStyle } from './shared/terminal/line-style.ts'
import { NOTHING_OPEN, type Session, summaryOf } from './shared/session.ts'
import { failureOf, requireStandardOutput } from './shared/terminal/standard-output.ts'
import { rate, time } from './shared/command-line/values.ts'

const TOPIC = 'telem'
/** How long the last packets may take to arrive, in ms. */
const ARRIVAL_MS = 2_000
const ANY_URL = 'tcp://127.0.0.1:*'
const ANY_PORT = { host: '127.0.0.1', port: 0 }

export default defineCommand({
  arguments: {},
  options: {
    duration: { describe: 'how long it runs', parse: time, default: '3s' },
    rate: { describe: 'packets a second', parse: rate, default: '10' },
  },
  examples: [['demo', 'watch telemetry cross the bus']],
  notes: `It runs, in one process and on free ports:
  simulate ──UDP──▶ udp-in ──▶ proxy ──▶ tap, and udp-out ──UDP──▶ a socket that compares each packet with what was sent.`,
  async run(values, session) {
    requireStandardOutput(session.io)
    await session.keepBooks()
    const opened: { close: () => unknown }[] = []
    session.io.stdout.once('error', error => {
      const failure = failureOf(error)
      if (failure === undefined) session.readerGone()
      else session.end(failure)
    })
    try {
      return await runChain(values, session, opened)
    } catch (error) {
      // Stopped before the chain was there: what was waited for is not what is wrong.
      if (error !== session.ended.reason || error instanceof GroundwireError) throw error
      return await session.finish(NOTHING_OPEN)
    } finally {
      for (const part of opened.reverse()) await part.close()
    }
  },
})

async function runChain(
  values: { duration: number; rate: number; color: boolean },
  session: Session,
  opened: { close: () => unknown }[],
): Promise<number> {
  const open = <T extends { close: () => unknown }>(part: T): T => {
    opened.push(part)
    return part
  }
  const { ledger, terminal, io } = session
  const broker = open(new Broker({ xsub: ANY_URL, xpub: ANY_URL }))
  const bound = await broker.start()
  const [xsub, xpub] = [bound.xsub.join(), bound.xpub.join()]
  const receiver = open(await listenOn(ANY_PORT))
  const comparison = new Comparison(receiver, ledger)

  const style = lineStyle(io, values.color)
  const udpIn = open(new UdpIn({ name: TOPIC, input: ANY_PORT, xsub }))
  const udpOut = open(new UdpOut({ topics: [TOPIC], xpub, output: receiver.address().port }))
  const tap: Tap = open(
    new Tap({
      topics: [TOPIC],
      xpub,
      accounts: true,
      onMessage: message => {
        io.stdout.write(formatLine(message, style))
        count(tap.ledger.sent, message.size)
      },
    }),
  )
  const roles = [udpIn, tap, udpOut]
  for (const role of roles) {
    role.on('loss', session.losses.report)
    role.on('listenerError', session.reportDefect)
    await role.start()
  }
  await Promise.all(roles.map(role => role.connected({ signal: session.ended })))
  await udpIn.heard(TOPIC, { signal: session.ended })

  const onPacket = (packet: Buffer) => comparison.expect(packet)
  const simulator = open(
    new Simulator({ to: udpIn.address, rate: values.rate, apid: 42, size: 64, onPacket }),
  )
  await simulator.start()
  terminal.info(`ready: publishers at ${xsub}, subscribers at ${xpub}, ${values.rate} packets a second`)
  await simulator.run({ signal: deadline(values.duration, { signal: session.ended }) })
  const complete =
    (await comparison.verdict(ARRIVAL_MS)) && (ledger.received.messages > 0 || session.stoppedByUser)
  if (session.isReaderGone) return session.finish(NOTHING_OPEN)
  if (session.ended.reason instanceof GroundwireError) throw session.ended.reason

  for (const role of roles) await role.drain()
  const books = { simulate: simulator, 'udp-in': udpIn, proxy: broker, tap, 'udp-out': udpOut }
  for (const [name, { ledger }] of Object.entries(books)) terminal.info(`${name}: ${summaryOf(ledger)}`)
  const code = await session.finish(NOTHING_OPEN, complete ? ExitCode.OK : ExitCode.FAILED)
  const [sent, arrived] = [ledger.received.messages, ledger.sent.messages]
  if (complete) terminal.info(`all ${sent} packets that were sent arrived, byte for byte`)
  else terminal.error(`of ${sent} packets that were sent, ${arrived} arrived byte for byte`)
  return code
}

/** Compares what arrives with what was sent. The demo's own books: received is what was sent to it, sent what arrived. */
class Comparison {
  readonly #ledger: Ledger
  /** Packets that were sent and have not arrived, by their bytes. */
  readonly #missing = new Set<string>()
  readonly #condition = new Condition()

  constructor(socket: Socket, ledger: Ledger) {
    this.#ledger = ledger
    socket.on('message', packet => this.#arrive(packet))
  }

  expect(packet: Buffer): void {
    this.#missing.add(packet.toString('latin1'))
    count(this.#ledger.received, packet.length)
  }

  /** Waits for the last ones. @returns whether every packet arrived, byte for byte */
  async verdict(withinMs: number): Promise<boolean> {
    const signal = AbortSignal.timeout(withinMs)
    await this.#condition.until(() => this.#missing.size === 0, { signal }).catch(() => {})
    if (this.#missing.size > 0) this.#ledger.lose('undeliverable', this.#missing.size)
    return this.#missing.size === 0
  }

  #arrive(packet: Buffer): void {
    if (!this.#missing.delete(packet.toString('latin1'))) return
    count(this.#ledger.sent, packet.length)
    this.#condition.notify()
  }
}

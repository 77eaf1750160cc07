import { fileURLToPath } from 'node:url'
import { type Chain, startGroundwireChain } from './chain.ts'
import { Load } from './load.ts'
import { LOAD_HEADER } from './load-datagram.ts'
import type { TrialOptions } from './measure.ts'
import { reportText } from './report-text.ts'
import { measureSize, type SizeReport } from './size-report.ts'
import { DEFAULT_XPUB_URL, DEFAULT_XSUB_URL } from '../../core/endpoint.ts'
import { MAX_DATAGRAM } from '../../core/udp/datagram-output.ts'
import { defineCommand } from '../shared/command-line/command.ts'
import { ExitCode } from '../shared/exit-code.ts'
import type { Session } from '../shared/session.ts'
import { requireStandardOutput, writeText } from '../shared/terminal/standard-output.ts'
import { busUrl, time, whole } from '../shared/command-line/values.ts'

/** Path of a module in the build, relative to this one. */
const modulePath = (place: string) => fileURLToPath(new URL(`${place}.js`, import.meta.url))

const START_RATE = 5_000

interface BenchValues {
  readonly sizes: readonly number[] | undefined
  readonly duration: number
  readonly quick: boolean
  readonly json: boolean
  readonly xsub: string | undefined
  readonly xpub: string | undefined
}

export default defineCommand({
  arguments: {},
  options: {
    sizes: {
      describe: 'bytes of a datagram, separated by commas; default 64,256,1400,8192, or 256 with --quick',
      parse: parseSizes,
    },
    duration: { describe: 'how long a trial sends', parse: time, default: '2s' },
    quick: {
      describe: 'one size, and a coarser search for the no-drop rate: 15 % instead of 5 %',
      flag: true,
    },
    json: { describe: 'print one JSON object instead of tables', flag: true },
    xsub: { describe: "a live bus: its proxy's side for publishers", parse: busUrl },
    xpub: { describe: "a live bus: its proxy's side for subscribers", parse: busUrl },
  },
  examples: [
    ['bench --quick', 'what this machine carries of datagrams of 256 bytes'],
    ['bench --json > bench.json', 'four sizes, in some minutes, for a program to read'],
    ['bench --xpub tcp://127.0.0.1:5560', 'through a bus that is there, beside its own traffic'],
  ],
  notes: `It runs udp-in, proxy and udp-out with their default settings on free ports, sends datagrams into the first and
takes them from the last. With --xsub or --xpub it runs udp-in and udp-out on that bus, under a topic of its own.
The no-drop rate is the highest at which every datagram arrives (RFC 2544): doubled, then bisected, and a rate has
failed when it did twice. Burst: the most datagrams back to back without loss. The figures are of this machine as
it is now: what else it runs counts.`,
  async run(values, session) {
    requireStandardOutput(session.io)
    const reports: SizeReport[] = []
    try {
      await runAll(values, session, reports)
    } catch (error) {
      if (!session.stoppedByUser) throw error
    } finally {
      session.terminal.settle()
    }
    const text = values.json ? `${JSON.stringify({ reports }, null, 2)}\n` : reportText(reports)
    if (reports.length > 0) await writeText(session.io, text)
    return ExitCode.OK
  },
})

async function runAll(values: BenchValues, session: Session, reports: SizeReport[]): Promise<void> {
  const load = await Load.start(modulePath('worker'))
  try {
    const chain = await startGroundwireChain({
      groundwire: [process.execPath, modulePath('../../cli')],
      env: session.io.env,
      output: load.port,
      bus: busOf(values),
      topic: `groundwire-bench-${process.pid}`,
    })
    try {
      await measureAll({ load, chain }, values, session, reports)
    } finally {
      await chain.close()
    }
  } finally {
    load.close()
  }
}

async function measureAll(
  { load, chain }: { load: Load; chain: Chain },
  values: BenchValues,
  session: Session,
  reports: SizeReport[],
): Promise<void> {
  const { terminal } = session
  const sizes = values.sizes ?? (values.quick ? [256] : [64, 256, 1400, 8192])
  await load.open(chain, { signal: session.ended })
  terminal.info(`ready: ${sizes.join(', ')} bytes, ${values.duration / 1000} s a trial`)
  let start = START_RATE
  for (const size of sizes) {
    const options: TrialOptions = {
      load,
      size,
      durationMs: values.duration,
      resolution: values.quick ? 0.15 : 0.05,
      signal: session.ended,
      onTrial: (what, { rate, sent, received }) => {
        const at = Number.isFinite(rate) ? `at ${Math.round(rate)}/s` : 'back to back'
        const text = `${size} bytes, ${what}: ${sent} ${at}, ${sent - received} lost`
        terminal.detail(text)
        void terminal.wait(text)
      },
    }
    const report = await measureSize(options, chain, start)
    reports.push(report)
    // The next size reaches a similar rate, so its search starts near this one.
    start = Math.max(START_RATE, Math.round(report.noDropRate / 2))
  }
}

function busOf({ xsub, xpub }: BenchValues): { xsub: string; xpub: string } | undefined {
  if (xsub === undefined && xpub === undefined) return undefined
  return { xsub: xsub ?? DEFAULT_XSUB_URL, xpub: xpub ?? DEFAULT_XPUB_URL }
}

function parseSizes(text: string): number[] {
  const parse = whole(LOAD_HEADER, MAX_DATAGRAM)
  return text.split(',').map(part => parse(part.trim()))
}

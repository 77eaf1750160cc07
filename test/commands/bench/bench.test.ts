import assert from 'node:assert/strict'
import { test } from 'node:test'
import { groundwire, startProxy } from '../../helpers/groundwire.ts'

/** Large datagrams: fewer fill the buffers on the way, so that a search for a rate or a burst ends soon. */
const QUICK = ['bench', '--quick', '--duration', '20ms']

interface Report {
  size: number
  noDropRate: number
  burst: number
  latency: { rate: number; p50: number; p99: number; p999: number; max: number }[]
  overload: { offered: number; delivered: number; recoveryMs: number }
  roles: Record<string, { cpuUs: number; peakMiB: number }>
}

test('bench measures udp-in, proxy and udp-out, and says so as JSON', async t => {
  const { code, stdout, stderr } = await groundwire(t, [...QUICK, '--sizes', '8192', '--json']).exit
  assert.equal(code, 0, stderr)
  const { reports } = JSON.parse(stdout.toString()) as { reports: Report[] }
  assert.deepEqual(
    reports.map(({ size }) => size),
    [8192],
  )
  const [report] = reports
  assert(report !== undefined && report.noDropRate > 0 && report.burst > 0)
  assert.equal(report.latency.length, 3)
  assert(report.overload.delivered > 0)
  if (process.platform === 'linux')
    assert.deepEqual(Object.keys(report.roles).sort(), ['proxy', 'udp-in', 'udp-out'])
})

test('bench goes through a live bus, and prints tables', async t => {
  const { xsub, xpub } = await startProxy(t)
  const { code, stdout, stderr } = await groundwire(t, [
    ...QUICK,
    '--sizes',
    '8192',
    '--xsub',
    xsub,
    '--xpub',
    xpub,
  ]).exit
  assert.equal(code, 0, stderr)
  assert.match(stdout.toString(), /^bytes +no-drop rate +Mbit\/s +burst/m)
  assert.match(stdout.toString(), /^8192 +(≥ )?[\d,]+\/s/m)
  assert.match(stdout.toString(), /latency over rate/)
  assert.doesNotMatch(stdout.toString(), /^8192 +proxy/m)
})

test('bench ends on a signal, with what it has', async t => {
  const run = groundwire(t, ['bench', '--duration', '1h'])
  await run.untilStderr(/ready: /)
  const { code, stdout } = await run.stop()
  assert.equal(code, 0)
  assert.equal(stdout.toString(), '')
})

test('malformed sizes are a usage error', async t => {
  const { code, stderr } = await groundwire(t, ['bench', '--sizes', '64,x']).exit
  assert.equal(code, 2)
  assert.match(stderr, /--sizes: 'x' is not a whole number from 16 to 65507/)
})

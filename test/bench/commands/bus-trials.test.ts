import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { publishLoad } from '../../../bench/commands/bus-generator.ts'
import { publishTrial, rateBetween, writeLines } from '../../../bench/commands/publish-trial.ts'
import { type BusTrialOptions, shownAll, tapTrial } from '../../../bench/commands/tap-trial.ts'
import { CLI, startProxy } from '../../helpers/groundwire.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'

async function startTrials(t: TestContext, topic: string): Promise<BusTrialOptions> {
  const { xsub, xpub, run } = await startProxy(t)
  return {
    run: { groundwire: [process.execPath, CLI], env: process.env },
    bus: { xsub, xpub, pid: run.pid },
    load: { pid: process.pid, publish: publishLoad },
    folder: temporaryFolder(t).path('.'),
    topic: () => topic,
  }
}

test('a trial of tap counts what it showed and what its processes used', async t => {
  const trials = await startTrials(t, 'tapped')
  const trial = await tapTrial(trials, ['-f', 'json'], { size: 64, rate: 1000, durationMs: 100 })
  // A generator that the machine keeps waiting ends before it has sent all.
  assert(trial.sent > 0 && trial.sent <= 100, `${trial.sent} were sent`)
  assert.equal(trial.shown, trial.sent)
  assert.deepEqual(trial.lost, {})
  assert(shownAll(trial))
  if (process.platform === 'linux')
    assert.deepEqual(Object.keys(trial.roles).sort(), ['generator', 'proxy', 'tap'])
  assert.deepEqual(readdirSync(trials.folder), [])
})

test('a trial has failed where not all was shown, or something was lost', () => {
  const whole = { rate: 1, offered: 1, sent: 10, shown: 10, lost: {}, roles: {}, limitedBy: null }
  assert(shownAll(whole))
  assert(!shownAll({ ...whole, shown: 9 }))
  assert(!shownAll({ ...whole, lost: { bus: 1 } }))
})

test('a trial of publish counts what was sent and what arrived', async t => {
  const trials = await startTrials(t, 'lines')
  const file = path.join(trials.folder, 'lines')
  writeLines(file, 500, 64)
  const trial = await publishTrial(trials, file, 500)
  assert.equal(trial.sent, 500)
  assert.equal(trial.arrived, 500)
  assert(trial.tookMs > 0)
  assert.deepEqual(readdirSync(trials.folder), ['lines'])
})

test('the rate of publish is that between a short and a long file', () => {
  const short = {
    messages: 100,
    sent: 100,
    arrived: 100,
    tookMs: 300,
    used: { publish: { cpuMs: 200, peakMiB: 60 } },
  }
  const long = {
    messages: 1100,
    sent: 1100,
    arrived: 1099,
    tookMs: 800,
    used: { publish: { cpuMs: 203, peakMiB: 80 } },
  }
  assert.deepEqual(rateBetween(short, long), {
    rate: 2000,
    messages: 1100,
    lost: 1,
    roles: { publish: { cpuUs: 3, peakMiB: 80 } },
  })
})

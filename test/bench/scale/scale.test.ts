import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ScaleBus, type ScaleProxy, startGroundwire } from '../../../bench/scale/bus.ts'
import type { ScaleCase } from '../../../bench/scale/cases.ts'
import { cBusLoad, costOf, typeScriptBusLoad } from '../../../bench/scale/scale.ts'
import { scaleTable } from '../../../bench/scale/table.ts'
import { CLI } from '../../helpers/groundwire.ts'

const SMALL: ScaleCase = {
  name: 'small',
  subscribers: 3,
  size: 64,
  rate: 1000,
  topics: 6,
  prefixes: 0,
  changes: 0,
  target: 2,
}

for (const load of [cBusLoad(), typeScriptBusLoad()]) {
  test(`a load in ${load?.language ?? 'C'} reaches each subscriber, by prefixes as well, while subscriptions change`, async t => {
    if (load === undefined) return t.skip("there is no C compiler with libzmq's headers")
    for (const scale of [SMALL, { ...SMALL, prefixes: 2, changes: 50 }]) {
      const proxy: ScaleProxy = await startGroundwire({
        groundwire: [process.execPath, CLI],
        env: process.env,
      })
      const bus = await ScaleBus.start(proxy, scale, load.words)
      t.after(() => bus.close())
      const { sent, delivered, offered, cpuUs } = await bus.run(100)
      assert(sent > 0 && sent <= 100)
      assert.equal(delivered, 1)
      assert.equal(offered, sent / 100)
      if (process.platform === 'linux') assert(cpuUs > 0)
    }
  })
}

const TRIAL = { cpuUs: 2, delivered: 1, sent: 100, offered: 1 }

test('a cost is the median, and what was delivered the share of all messages', () => {
  const trials = [
    TRIAL,
    { ...TRIAL, cpuUs: 4, delivered: 0.5, sent: 300 },
    { ...TRIAL, cpuUs: 3, offered: 0.5 },
  ]
  const { cpuUs, spread, delivered, offered } = costOf(trials)
  assert.equal(cpuUs, 3)
  assert.equal(spread, 0.667)
  assert.equal(delivered, (100 + 150 + 100) / 500)
  assert.equal(offered, 500 / 600)
})

function row(cpuUs: number, delivered: number): string {
  const proxies = { C: costOf([TRIAL]), groundwire: costOf([{ ...TRIAL, cpuUs, delivered }]) }
  return scaleTable([{ name: 'case', target: 1.1, proxies }]).split('\n')[2] ?? ''
}

test('the table says where a target is missed: by its cost, or by what was not delivered', () => {
  assert.match(row(2.1, 1), /\| +1\.05 \| +1\.1 \|$/)
  assert.match(row(2.4, 1), /\| +1\.20 \| +1\.1 \(missed\) \|$/)
  assert.match(row(2.1, 0.9999), /\| +99\.9 % \| +1\.05 \| +1\.1 \(missed\) \|$/)
})

test('a proxy without a C compiler beside it has figures and no ratio', () => {
  const table = scaleTable([{ name: 'case', target: 2, proxies: { groundwire: costOf([TRIAL]) } }])
  assert.match(table, /\| case .*\| +2\.0 µs \| +\| +100 % \| +\| +2\.0 \|\n$/)
})

test('a load that was not offered is said', () => {
  const table = scaleTable([
    { name: 'case', target: 2, proxies: { C: costOf([{ ...TRIAL, offered: 0.5 }]) } },
  ])
  assert.match(table, /100 % of 50 % offered/)
})

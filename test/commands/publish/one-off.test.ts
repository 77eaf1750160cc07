import assert from 'node:assert/strict'
import { test } from 'node:test'
import { localBus } from '../../helpers/local-bus.ts'
import { groundwire, ready } from '../../helpers/groundwire.ts'
import { closedLedger, lossesOf } from '../../helpers/ledger.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'

const PROCESSES = 20

test(`the message of each of ${PROCESSES} one-off publish processes reaches the one subscriber`, async t => {
  const folder = temporaryFolder(t)
  const proxy = await localBus(t)
  const tap = await ready(t, proxy, `tap telem -f hex -c ${PROCESSES} --ledger ${folder.path('tap.json')}`)
  const expected = []
  for (let i = 0; i < PROCESSES; i++) {
    const { code, stderr } = await groundwire(t, ['publish', 'telem', `message ${i}`], { env: proxy.env })
      .exit
    assert.equal(code, 0, stderr)
    expected.push(Buffer.from(`message ${i}`).toString('hex'))
  }
  const { code, stdout } = await tap.exit
  assert.equal(code, 0)
  assert.deepEqual(stdout.toString().trimEnd().split('\n'), expected)
  const ledger = closedLedger(folder.path('tap.json'))
  assert.equal(ledger.sent.messages, PROCESSES)
  assert.deepEqual(lossesOf(ledger), {})
})

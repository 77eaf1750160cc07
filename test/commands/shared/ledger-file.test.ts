import assert from 'node:assert/strict'
import { readFileSync, statSync } from 'node:fs'
import { test } from 'node:test'
import type { LedgerRecord } from '../../../src/core/ledger.ts'
import { localBus } from '../../helpers/local-bus.ts'
import { groundwire, Run, startProxy } from '../../helpers/groundwire.ts'
import { closedLedger } from '../../helpers/ledger.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'

test('the ledger file is there, whole and open, while the command runs, and closed at its end', async t => {
  const folder = temporaryFolder(t)
  const file = folder.path('proxy.json')
  const { run } = await startProxy(t, `--ledger ${file}`)
  const running = JSON.parse(readFileSync(file, 'utf8')) as LedgerRecord
  assert.equal(running.command, 'proxy')
  assert.equal(running.stopped, null)
  assert.equal((await run.stop()).code, 0)
  const { started, stopped, ...rest } = closedLedger(file)
  assert.match(started, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  assert(Date.parse(started) <= Date.parse(stopped ?? ''))
  const none = { messages: 0, bytes: 0 }
  assert.deepEqual(rest.received, none)
  assert.deepEqual(rest.sent, none)
  const causes = 'kernel refused overflow oversize malformed undeliverable failed bus'
  assert.deepEqual(Object.keys(rest.lost), causes.split(' '))
})

test('GROUNDWIRE_LEDGER names it too', async t => {
  const folder = temporaryFolder(t)
  const env = { GROUNDWIRE_LEDGER: folder.path('demo.json') }
  assert.equal((await groundwire(t, 'demo --duration 200ms', { env }).exit).code, 0)
  const { command, received, sent } = closedLedger(folder.path('demo.json'))
  assert.equal(command, 'demo')
  assert(received.messages > 0)
  assert.deepEqual(sent, received)
})

test('a ledger that goes to a pipe is written into it once, and leaves it a pipe', async t => {
  const folder = temporaryFolder(t)
  const pipe = folder.path('pipe')
  assert.equal((await new Run(t, 'mkfifo', [pipe]).exit).code, 0)
  const reader = new Run(t, 'cat', [pipe])
  const { code, stderr } = await groundwire(t, `demo --duration 200ms --ledger ${pipe}`).exit
  assert.equal(code, 0, stderr)
  const ledger = JSON.parse((await reader.exit).stdout.toString()) as LedgerRecord
  assert(ledger.stopped !== null)
  assert(statSync(pipe).isFIFO())
})

test('the ledger of a command that fails is closed too', async t => {
  const folder = temporaryFolder(t)
  const proxy = await localBus(t)
  const line = `publish telem hello --wait 100ms --ledger ${folder.path('publish.json')}`
  assert.equal((await groundwire(t, line, { env: proxy.env }).exit).code, 3)
  assert.equal(closedLedger(folder.path('publish.json')).sent.messages, 0)
})

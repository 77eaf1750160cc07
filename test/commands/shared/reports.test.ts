import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { RefusalReporter, UnheardReporter } from '../../../src/commands/shared/reports.ts'
import { Terminal } from '../../../src/commands/shared/terminal/terminal.ts'

/** A terminal whose lines are kept, and a clock that stands still. */
function terminalOf(t: TestContext): { terminal: Terminal; lines: string[] } {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const lines: string[] = []
  const stderr = { write: (line: string) => lines.push(line) }
  const flags = { quiet: false, verbose: false, color: false, timestamps: false }
  return { terminal: new Terminal({ stderr, env: {}, command: 'role', ...flags }), lines }
}

test('of refused connections the first of each reason is said, and then a count a second', t => {
  const { terminal, lines } = terminalOf(t)
  const refusals = new RefusalReporter(terminal)
  const refuse = (reason: string, times: number) => {
    for (let i = 0; i < times; i++)
      refusals.report(`at tcp://127.0.0.1:5559 (xsub) from 10.0.0.5:${i}`, { reason })
  }
  refuse('no ZMTP', 1926)
  refuse('too many', 2)
  t.mock.timers.tick(999)
  assert.deepEqual(lines.splice(0), [
    'role: warning: refused a connection at tcp://127.0.0.1:5559 (xsub) from 10.0.0.5:0: no ZMTP\n',
    'role: warning: refused a connection at tcp://127.0.0.1:5559 (xsub) from 10.0.0.5:0: too many\n',
  ])
  t.mock.timers.tick(1)
  assert.deepEqual(lines.splice(0), [
    'role: warning: refused 1,925 more connections: no ZMTP\n',
    'role: warning: refused 1 more connection: too many\n',
  ])
  t.mock.timers.tick(5_000)
  assert.deepEqual(lines, [])
})

test('reasons without end are not told apart without end', t => {
  const { terminal, lines } = terminalOf(t)
  const refusals = new RefusalReporter(terminal)
  for (let i = 0; i < 10_000; i++) refusals.report('here', { reason: `reason ${i}` })
  refusals.flush()
  assert.equal(lines.length, 17)
  assert.equal(lines.at(-1), 'role: warning: refused 9,984 more connections: other reasons\n')
})

test('a topic that nobody has asked for is said once; one that had been heard goes on to be counted', t => {
  const { terminal, lines } = terminalOf(t)
  const unheard = new UnheardReporter(terminal)
  for (let i = 0; i < 5_000; i++) unheard.report({ topic: 'telem', messages: 1, heardBefore: false })
  t.mock.timers.tick(5_000)
  assert.deepEqual(lines.splice(0), [
    "role: warning: nobody listens to 'telem': its messages count as unheard\n",
  ])
  unheard.report({ topic: 'telem', messages: 1, heardBefore: true })
  for (let i = 0; i < 3; i++) unheard.report({ topic: 'telem', messages: 500, heardBefore: true })
  t.mock.timers.tick(1_000)
  unheard.report({ topic: 'telem', messages: 1, heardBefore: true })
  unheard.flush()
  assert.deepEqual(lines, [
    "role: warning: nobody listens to 'telem' any more: its messages count as unheard\n",
    "role: warning: 1,500 more messages of 'telem' are unheard\n",
    "role: warning: 1 more message of 'telem' is unheard\n",
  ])
})

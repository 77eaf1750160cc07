import assert from 'node:assert/strict'
import { type Check, fencedBlocks, testExamples } from '../helpers/examples.ts'
import { shell } from '../helpers/groundwire.ts'
import { localBus, send } from '../helpers/local-bus.ts'
import { on, telemetry } from './checks/messages.ts'

/** Runs a session's command, and compares with its text all but times, the bus's address and the packets' own bytes. */
const session: Check = async (t, text) => {
  const [prompt = '', ...shown] = text.split('\n')
  const bus = await localBus(t)
  const run = shell(t, `exec 2>&1; ${prompt.replace(/^\$ /, '')}`, { env: bus.env })
  await send(bus, on('telem', telemetry(12).slice(10)))
  const { code, stdout } = await run.exit
  assert.equal(code, 0)
  const printed = stdout.toString().replace(bus.xpub, 'tcp://127.0.0.1:5560')
  assert.deepEqual(printed.trimEnd().split('\n').map(shapeOf), shown.map(shapeOf))
}

/** A line without what differs from run to run: its time, and the time stamp within the packet. */
function shapeOf(line: string): string {
  return line
    .replace(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z/, 'TIME')
    .replace(/ ([\da-f]{12})[\da-f]{16}([\da-f]+…)$/, ' $1 STAMP $2')
}

const sessions = fencedBlocks().flatMap(({ language, text }) => (language === 'console' ? [text] : []))
testExamples('session', sessions, Object.fromEntries(sessions.map(text => [text, session])))

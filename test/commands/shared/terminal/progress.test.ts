import assert from 'node:assert/strict'
import { test } from 'node:test'
import { progressLine } from '../../../../src/commands/shared/terminal/progress.ts'
import { localBus } from '../../../helpers/local-bus.ts'
import { collect } from '../../../helpers/collector.ts'
import { CLI, Run } from '../../../helpers/groundwire.ts'
import { findPython } from '../../../helpers/python.ts'

test('count and rate; where the end is known, a bar and the time left', () => {
  assert.equal(progressLine({ messages: 1, seconds: 0, share: undefined }), '1 message, 0/s')
  assert.equal(progressLine({ messages: 1200, seconds: 3, share: undefined }), '1200 messages, 400/s')
  assert.equal(
    progressLine({ messages: 1200, seconds: 30, share: 0.3 }),
    '1200 messages, 40/s ██████░░░░░░░░░░░░░░ 30 %, 1:10 left',
  )
  assert.equal(
    progressLine({ messages: 5, seconds: 5, share: 1 }),
    '5 messages, 1/s ████████████████████ 100 %, 0:00 left',
  )
  assert.match(progressLine({ messages: 0, seconds: 5, share: 0 }), /0 %$/)
})

test('it is shown on a terminal only, and on one that has columns', async t => {
  const python = findPython(t, 'pty')
  if (python === undefined) return
  const proxy = await localBus(t)
  await collect(t, proxy, { topics: ['telem'] })
  const words = `${process.execPath} ${CLI} publish telem x --rate 50 --repeat 60`
  const spawn = 'import pty, sys; sys.exit(pty.spawn(["sh", "-c", sys.argv[1]]) >> 8)'
  const onTerminal = async (columns: number) => {
    const line = `stty cols ${columns} rows 24; exec ${words}`
    const env = { ...proxy.env, TERM: 'xterm' }
    const { code, stdout } = await new Run(t, python, ['-c', spawn, line], { env, input: '' }).exit
    assert.equal(code, 0)
    return stdout.toString()
  }
  assert.match(await onTerminal(100), /\d+ messages, \d+\/s █+░+ \d+ %, 0:0\d left/)
  assert.doesNotMatch(await onTerminal(0), /░/)
  const piped = await new Run(t, 'sh', ['-c', words], { env: proxy.env, input: '' }).exit
  assert.match(
    piped.stderr,
    /^publish: ready: publishing 'telem' at \S+\npublish: received 60 \(60 bytes\), sent 60, unheard 0, lost 0\n$/,
  )
})

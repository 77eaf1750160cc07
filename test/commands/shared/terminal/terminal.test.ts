import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { groundwire, shell, type RunOptions } from '../../../helpers/groundwire.ts'
import { onTerminal } from '../../../helpers/on-terminal.ts'
import { unusedPort } from '../../../helpers/udp.ts'

const SPINNER = /[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]/
const ESCAPE = String.fromCharCode(27)
const COLOR = new RegExp(String.raw`${ESCAPE}\[\d*(;\d+)*m`)

/** Runs a tap that finds no proxy on a terminal of 100 columns, and gives all that it shows there. */
async function shownBy(
  t: TestContext,
  line: string,
  env: RunOptions['env'] = {},
): Promise<string | undefined> {
  const exit = await onTerminal(t, 100, line, env)
  if (exit === undefined) return undefined
  assert.equal(exit.code, 3, exit.stdout.toString())
  return exit.stdout.toString()
}

/** A command that waits for a proxy that never comes, and ends by itself. */
async function waitingTap(): Promise<string> {
  return `groundwire tap --timeout 1500ms --xpub tcp://127.0.0.1:${await unusedPort()}`
}

test('a terminal is shown colours, and a spinner while the proxy is waited for', async t => {
  const shown = await shownBy(t, await waitingTap())
  if (shown === undefined) return
  assert.match(shown, /waiting for the proxy at/)
  assert.match(shown, SPINNER)
  assert.match(shown, COLOR)
  assert.match(shown, /received 0 \(0 bytes\), sent 0, unheard 0, lost 0\r\n/)
})

test('NO_COLOR and --no-color leave a terminal without colours, the spinner too', async t => {
  for (const [option, env] of [
    ['', { NO_COLOR: '1' }],
    [' --no-color', {}],
    ['', { GROUNDWIRE_COLOR: 'no' }],
  ] as const) {
    const shown = await shownBy(t, `${await waitingTap()}${option}`, env)
    if (shown === undefined) return
    assert.match(shown, SPINNER)
    assert.doesNotMatch(shown, COLOR)
  }
})

test('no spinner is drawn on a terminal that is dumb, or has no width', async t => {
  for (const [line, env] of [
    ['', { TERM: 'dumb' }],
    ['stty cols 0; ', {}],
  ] as const) {
    const shown = await shownBy(t, line + (await waitingTap()), env)
    if (shown === undefined) return
    assert.equal(shown.match(/waiting for the proxy at/g)?.length, 1)
    assert.doesNotMatch(shown, SPINNER)
  }
})

test('a pipe is shown the same lines, without colours or spinner', async t => {
  const { code, stdout, stderr } = await shell(t, await waitingTap(), { env: { FORCE_COLOR: '3' } }).exit
  assert.equal(code, 3)
  assert.equal(stdout.length, 0)
  assert.match(
    stderr,
    /^tap: waiting for the proxy at \S+\ntap: received 0 \(0 bytes\), sent 0, unheard 0, lost 0\ntap: error: no proxy at \S+ in time\n$/,
  )
})

test('--quiet leaves errors only', async t => {
  const url = `tcp://127.0.0.1:${await unusedPort()}`
  const { code, stderr } = await groundwire(t, `publish telem hello -q --wait 100ms --xsub ${url}`).exit
  assert.equal(code, 3)
  assert.equal(stderr, `publish: error: no proxy at ${url} within 0.1 s (nothing was sent)\n`)
})

test('no spinner is drawn from the background, where somebody types on the terminal', async t => {
  const shown = await shownBy(t, `set -m; ${await waitingTap()} & wait $!`)
  if (shown === undefined) return
  assert.equal(shown.match(/waiting for the proxy at/g)?.length, 1)
  assert.doesNotMatch(shown, SPINNER)
  // Nor is anything wiped off.
  assert.doesNotMatch(shown, new RegExp(String.raw`${ESCAPE}\[\d*[AGK]`))
})

test('--timestamps puts the time before each line of standard error, and before that of a usage error', async t => {
  const line = await waitingTap()
  const time = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z`
  for (const [words, env] of [
    [`${line} --timestamps`, {}],
    [line, { GROUNDWIRE_TIMESTAMPS: '1' }],
  ] as const) {
    const before = Date.now()
    const { code, stdout, stderr } = await shell(t, words, { env }).exit
    assert.equal(code, 3)
    assert.equal(stdout.length, 0)
    const lines = ['waiting .*', 'received 0 .*', 'error: no proxy .*'].map(text => `${time} tap: ${text}\n`)
    assert.match(stderr, new RegExp(`^${lines.join('')}$`))
    const said = Date.parse(stderr.slice(0, 24))
    assert(said >= before && said <= Date.now())
    const wrong = await shell(t, words.replace('1500ms', 'soon'), { env }).exit
    assert.equal(wrong.code, 2)
    assert.match(wrong.stderr, new RegExp(`^${time} tap: error: `))
  }
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { groundwire } from '../helpers/groundwire.ts'
import { runMain } from '../helpers/run-main.ts'

const LISTEN = 'is not of the form PORT, HOST:PORT or [V6]:PORT with a port from 0 to 65535'
const DESTINATION = 'is not of the form HOST:PORT or [V6]:PORT with a port from 1 to 65535'
const CONNECT = 'is not of the form tcp://HOST:PORT or ipc://PATH'
const DURATION = 'is not a duration such as 500ms, 5s, 2m or 1h'

/** Command lines that are wrong, and the one line that each gets. */
const WRONG: readonly (readonly [line: string, answer: string | RegExp])[] = [
  ['udp-in 99999 x', `udp-in: error: LISTEN: '99999' ${LISTEN}`],
  ['udp-in abc x', `udp-in: error: LISTEN: 'abc' ${LISTEN}`],
  ['udp-in 0x10 x', `udp-in: error: LISTEN: '0x10' ${LISTEN}`],
  ['udp-in ::1:3076 x', `udp-in: error: LISTEN: '::1:3076' ${LISTEN}`],
  ['udp-in 1.2.3:3076 x', `udp-in: error: LISTEN: '1.2.3:3076' ${LISTEN}`],
  ['udp-in 3076', 'udp-in: error: missing argument: 1 given, 2 needed (see groundwire udp-in --help)'],
  ['udp-in 3076 x y', 'udp-in: error: unknown option or argument: y (see groundwire udp-in --help)'],
  ['udp-in 3076 x --xsub localhost:5559', `udp-in: error: --xsub: 'localhost:5559' ${CONNECT}`],
  ['udp-in 3076 x --xsub tcp://127.0.0.1:*', `udp-in: error: --xsub: 'tcp://127.0.0.1:*' ${CONNECT}`],
  [
    'udp-in 3076 x --max-message 1Q',
    "udp-in: error: --max-message: '1Q' is not a size such as 512, 64K or 8M",
  ],
  ['udp-out x --to nowhere', `udp-out: error: --to: 'nowhere' ${DESTINATION}`],
  ['udp-out x --to 127.0.0.1:0', `udp-out: error: --to: '127.0.0.1:0' ${DESTINATION}`],
  ['udp-out x --to 127.0.0.1:1 --to nowhere', `udp-out: error: --to: 'nowhere' ${DESTINATION}`],
  ['udp-out x', 'udp-out: error: missing option: --to (HOST:PORT to send to; may be repeated)'],
  [
    'udp-out --to 127.0.0.1:1',
    'udp-out: error: missing argument: at least one TOPIC, or --prefix (everything on a bus includes commands, so it is not sent anywhere by default)',
  ],
  ['tap --count -1', "tap: error: --count: '-1' is not a whole number of at least 1"],
  ['tap --count=-1', "tap: error: --count: '-1' is not a whole number of at least 1"],
  ['tap -c 1.5', "tap: error: --count: '1.5' is not a whole number of at least 1"],
  ['tap -c abc', "tap: error: --count: 'abc' is not a whole number of at least 1"],
  ['tap -c', 'tap: error: missing value of option: -c (see groundwire tap --help)'],
  ['tap --count', 'tap: error: missing value of option: --count (see groundwire tap --help)'],
  ['tap --timeout 5', `tap: error: --timeout: '5' ${DURATION}`],
  ['tap --timeout 1000h', "tap: error: --timeout: '1000h' is not a duration of at most 596h"],
  ['tap --frob', 'tap: error: unknown option or argument: --frob (see groundwire tap --help)'],
  [
    'tap --frob --nicate',
    'tap: error: unknown option or argument: --frob, --nicate (see groundwire tap --help)',
  ],
  ['tap --frob=1', 'tap: error: unknown option or argument: --frob (see groundwire tap --help)'],
  ['tap -', "tap: error: '-' is none of the topics here (see groundwire tap --help)"],
  ['tap -z', 'tap: error: unknown option or argument: -z (see groundwire tap --help)'],
  ['publish', 'publish: error: missing argument: 0 given, 1 needed (see groundwire publish --help)'],
  ['publish a b c', 'publish: error: unknown option or argument: c (see groundwire publish --help)'],
  ['publish a b --wait soon', `publish: error: --wait: 'soon' ${DURATION}`],
  ['publish a --hex 0', /^publish: error: --hex: .*'0'|odd/],
  ['publish a --hex zz', /^publish: error: --hex: /],
  ['simulate', 'simulate: error: missing option: --to (HOST:PORT to send to)'],
  [
    'simulate --to [::1]:1 --apid 2047',
    "simulate: error: --apid: '2047' is not a whole number from 0 to 2046",
  ],
  [
    'simulate --to [::1]:1 --rate 0',
    /^simulate: error: --rate: '0' is not a number of messages a second, over 0/,
  ],
  [
    'proxy --xsub tcp://127.0.0.1',
    /^proxy: error: --xsub: 'tcp:\/\/127.0.0.1' is not of the form tcp:\/\/HOST:PORT/,
  ],
  ['frob', 'groundwire: error: unknown command: frob (see groundwire --help)'],
  ['--frob', "groundwire: error: missing command: '--frob' is none (see groundwire --help)"],
  ['', 'groundwire: error: missing command (see groundwire --help)'],
]

for (const [line, answer] of WRONG) {
  test(`'groundwire ${line}' is one line on standard error, and exit 2`, async () => {
    const { code, stdout, stderr } = await runMain(line === '' ? [] : line.split(' '))
    if (typeof answer === 'string') assert.equal(stderr, `${answer}\n`)
    else assert.match(stderr, answer)
    assert.equal(stderr.split('\n').length, 2)
    assert.equal(stdout, '')
    assert.equal(code, 2)
  })
}

test('the process of a wrong command line ends with the same line, and exit 2', async t => {
  const { code, stdout, stderr } = await groundwire(t, 'udp-in 99999 x').exit
  assert.equal(stderr, `udp-in: error: LISTEN: '99999' ${LISTEN}\n`)
  assert.equal(stdout.length, 0)
  assert.equal(code, 2)
})

test('a wrong value in the environment is named by its variable, and exit 2', async () => {
  const { code, stderr } = await runMain(['tap'], { GROUNDWIRE_COUNT: '-1' })
  assert.equal(stderr, "tap: error: GROUNDWIRE_COUNT: '-1' is not a whole number of at least 1\n")
  assert.equal(code, 2)
})

test('a variable that the command has no option for is no error', async () => {
  const { code, stderr } = await runMain(['publish'], { GROUNDWIRE_COUNT: '-1', GROUNDWIRE_FROB: '1' })
  assert.match(stderr, /missing argument/)
  assert.equal(code, 2)
})

test('help goes to standard output, and exit 0', async () => {
  for (const line of ['--help', '-h', 'tap --help', 'udp-in -h']) {
    const { code, stdout, stderr } = await runMain(line.split(' '))
    assert.match(stdout, /^groundwire .*Options:/s)
    assert.equal(stderr, '')
    assert.equal(code, 0)
  }
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { groundwire } from '../../helpers/groundwire.ts'
import { runMain } from '../../helpers/run-main.ts'

const LISTEN = 'is not of the form PORT, HOST:PORT or [V6]:PORT with a port from 0 to 65535'
const DESTINATION = 'is not of the form HOST:PORT or [V6]:PORT with a port from 1 to 65535'
const CONNECT = 'is not of the form tcp://HOST:PORT or ipc://PATH'
const DURATION = 'is not a duration such as 5 (seconds), 500ms, 2m or 1h'

/** Command lines that are wrong, and the one line that each gets. */
const WRONG: readonly (readonly [line: string, answer: string | RegExp])[] = [
  ['udp-in 99999 x', `udp-in: error: LISTEN: '99999' ${LISTEN}`],
  ['udp-in abc x', `udp-in: error: LISTEN: 'abc' ${LISTEN}`],
  ['udp-in 0x10 x', `udp-in: error: LISTEN: '0x10' ${LISTEN}`],
  ['udp-in ::1:3076 x', `udp-in: error: LISTEN: '::1:3076' ${LISTEN}`],
  ['udp-in 1.2.3:3076 x', `udp-in: error: LISTEN: '1.2.3:3076' ${LISTEN}`],
  ['udp-in 3076', 'udp-in: error: missing argument: TOPIC (see groundwire udp-in --help)'],
  ['udp-in 3076 x y', 'udp-in: error: unexpected argument: y (see groundwire udp-in --help)'],
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
  ['tap --timeout 5d', `tap: error: --timeout: '5d' ${DURATION}`],
  ['tap --timeout 0x5', `tap: error: --timeout: '0x5' ${DURATION}`],
  ['tap --timeout -5', `tap: error: --timeout: '-5' ${DURATION}`],
  ['tap --timeout 1000h', "tap: error: --timeout: '1000h' is not a duration of at most 596h"],
  ['tap --frob', 'tap: error: unknown option: --frob (see groundwire tap --help)'],
  ['tap --frob --nicate', 'tap: error: unknown options: --frob, --nicate (see groundwire tap --help)'],
  ['tap --frob=1', 'tap: error: unknown option: --frob (see groundwire tap --help)'],
  [
    'tap -',
    "tap: error: a '-' alone is read as an option here: to be one of the topics, it has to stand after -- (see groundwire tap --help)",
  ],
  ['tap -z', 'tap: error: unknown option: -z (usage: groundwire tap [topics..]; see groundwire tap --help)'],
  ['publish', 'publish: error: missing argument: TOPIC (see groundwire publish --help)'],
  ['publish a b c', 'publish: error: unexpected argument: c (see groundwire publish --help)'],
  ['publish a b --wait soon', `publish: error: --wait: 'soon' ${DURATION}`],
  ['publish a --hex 0', /^publish: error: --hex: '0' at character 1 has 1 digit, not two a byte\n$/],
  ['publish a --hex zz', /^publish: error: --hex: 'z' at character 1 is no hexadecimal digit\n$/],
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
  ['--frob', 'groundwire: error: unknown option: --frob (see groundwire --help)'],
  ['--quiet', 'groundwire: error: missing command (see groundwire --help)'],
  [
    'pubish telem x',
    'groundwire: error: unknown command: pubish (did you mean publish? see groundwire --help)',
  ],
  ['help frob', 'groundwire: error: unknown command: frob (see groundwire --help)'],
  ['help tpa', 'groundwire: error: unknown command: tpa (did you mean tap? see groundwire --help)'],
  ['tpa --help', 'groundwire: error: unknown command: tpa (did you mean tap? see groundwire --help)'],
  ['tap --cuont 3', 'tap: error: unknown option: --cuont (did you mean --count? see groundwire tap --help)'],
  [
    'tap --cuont=3 -q',
    'tap: error: unknown option: --cuont (did you mean --count? see groundwire tap --help)',
  ],
  [
    'publish -t telem -m hello',
    'publish: error: unknown options: -t, -m (usage: groundwire publish <topic> [message]; see groundwire publish --help)',
  ],
  [
    'tap --codec msgpak',
    "tap: error: --codec: 'msgpak' is not one of auto, msgpack, pickle, raw (did you mean msgpack?)",
  ],
  [
    'publish a --split line',
    "publish: error: --split: 'line' is not one of lines, nul, ccsds and none, or a size such as 512 or 64K (did you mean lines?)",
  ],
  [
    'tap --expect cuont>=3',
    /^tap: error: --expect: 'cuont>=3' is not an expectation such as .* \(did you mean count\?\)/,
  ],
  ['tap --min-size 10 --max-size 5', 'tap: error: --min-size 10 is over --max-size 5: no payload is both'],
  [
    'tap --min-size 2M',
    'tap: error: --min-size 2097152 is over --max-message 1048576: no such payload is taken in (raise --max-message)',
  ],
  ['tap telem --exclude telem', 'tap: error: --exclude leaves out every TOPIC asked for'],
  ['tap sat1/a sat1/b --exclude sat1/*', 'tap: error: --exclude leaves out every TOPIC asked for'],
  ['tap --idle 1000d', `tap: error: --idle: '1000d' ${DURATION}`],
  ['bench --duration 0', "bench: error: --duration: '0' is not a duration over 0"],
  ['udp-in 3076 x --queue 1.5', /^udp-in: error: --queue: '1.5' is not a queue such as/],
]

for (const [line, answer] of WRONG) {
  test(`'groundwire ${line}' is one line on standard error, and exit 2`, async () => {
    const { code, stdout, stderr } = await runMain(line.split(' '))
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
  for (const line of [
    '--help',
    '-h',
    'tap --help',
    'udp-in -h',
    'tap help',
    'help',
    'help tap',
    '--quiet tap --help',
    '',
  ]) {
    const { code, stdout, stderr } = await runMain(line.split(' ').filter(word => word !== ''))
    assert.match(stdout, /^groundwire .*Options:/s)
    assert.equal(stderr, '')
    assert.equal(code, 0)
  }
})

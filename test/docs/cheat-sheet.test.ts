import assert from 'node:assert/strict'
import type { PayloadInput } from '../../src/core/wire/payload.ts'
import { type Check, put, tableCommands, testExamples } from '../helpers/examples.ts'
import { listeningPort, shell } from '../helpers/groundwire.ts'
import { hear, keepSending, localBus, send, type Sent } from '../helpers/local-bus.ts'
import { receiveUdp, sendUdp } from '../helpers/udp.ts'
import { on, received, telemetry } from './checks/messages.ts'
import { capture, captured, playBack, record } from './checks/recordings.ts'

const LINE = (topic: string, payload: string) =>
  `\\S+Z ${topic} ${payload.length} ${Buffer.from(payload).toString('hex')}\\b.*\\n`

const LINES = ['one', 'two', 'three']
const PACKET = Buffer.from([0, 255, 10, 13, 0])

/** A tap that writes this of what is sent, and ends after so many messages: its own --count, or what it is to show. */
function writes(sent: readonly Sent[], output: RegExp | string, count?: number): Check {
  return async (t, line) => {
    const { stdout } = await record(t, await localBus(t), line, sent, count)
    if (typeof output === 'string') assert.equal(stdout.toString(), output)
    else assert.match(stdout.toString(), output)
  }
}

/** A publish whose messages, of topic x, are these; with a file of its own to read. */
function publishes(payloads: readonly PayloadInput[], name = 'unused', content: Buffer | string = ''): Check {
  return (t, line) => playBack(t, line, { name, content }, on('x', payloads))
}

const bytes = (...texts: string[]) => texts.map(text => Buffer.from(text))
const ELEVEN = Array.from({ length: 11 }, (_, i) => Buffer.from(i.toString(16)))
const lines: Check = publishes(bytes(...LINES), 'lines.txt', `${LINES.join('\n')}\n`)

testExamples('cheat sheet', tableCommands('docs/cheat-sheet.md', /^You know/), {
  'groundwire tap telem': writes(
    [...on('telemetry', bytes('other')), ...on('telem', bytes('hello'))],
    new RegExp(`^${LINE('telem', 'hello')}$`),
    1,
  ),
  'groundwire tap telem -c 1 -W 5': writes(
    on('telem', bytes('a', 'b')),
    new RegExp(`^${LINE('telem', 'a')}$`),
  ),
  "groundwire tap --prefix sat1/ -F '%t %s'": writes(
    [...on('sat1/telem', bytes('a')), ...on('sat2/telem', bytes('b')), ...on('sat1/beacon', bytes('c'))],
    'sat1/telem a\nsat1/beacon c\n',
    2,
  ),
  "groundwire tap --exclude 'sat2/*'": writes(
    [...on('sat1/telem', bytes('a')), ...on('sat2/telem', bytes('b')), ...on('events', bytes('c'))],
    new RegExp(`^${LINE('sat1/telem', 'a')}${LINE('events', 'c')}$`),
    2,
  ),
  'groundwire publish x hello': publishes(bytes('hello')),
  'groundwire publish x --split lines < lines.txt': lines,
  'groundwire publish x --split lines --file lines.txt': lines,
  'groundwire publish x --file packet.bin': publishes([PACKET], 'packet.bin', PACKET),
  'groundwire publish x < packet.bin': publishes([PACKET], 'packet.bin', PACKET),
  "groundwire tap telem -c 10 -F '%t %s\\n'": writes(on('telem', ELEVEN), /^(telem \d\n){10}$/),
  'groundwire tap telem -f json': writes(
    on('telem', [PACKET]),
    /^\{"time":"[^"]+Z","topic":"telem","codec":"msgpack","payload":\{"\$bytes":"AP8KDQA="\}\}\n$/,
  ),
  'groundwire tap --prefix sat1. -c 10': writes(
    [...on('sat1.x', ELEVEN.slice(0, 1)), ...on('sat2.x', bytes('-')), ...on('sat1.x', ELEVEN.slice(1))],
    /^(\S+ sat1\.x 1 \S.*\n){10}$/,
  ),
  "groundwire publish x 'beat %{n}' --expand --repeat 5 --interval 100ms": publishes(
    bytes('beat 1', 'beat 2', 'beat 3', 'beat 4', 'beat 5'),
  ),
  'groundwire tap -f hexdump': writes(on('telem', bytes('hello')), /00000000 {2}68 65 6c 6c 6f +\|hello\|/),
  'groundwire tap | head -n 1': async (t, line) => {
    const bus = await localBus(t)
    await keepSending(t, bus, 'telem')
    const { code, stdout, stderr } = await shell(t, `set -o pipefail; ${line}`, { env: bus.env }).exit
    assert.equal(code, 0)
    assert.match(stdout.toString(), /^\S+ telem .*\n$/)
    assert.doesNotMatch(stderr, /error|warning/)
  },
  'groundwire tap -o pass.pcapng': async (t, line) => {
    const messages = [...on('telem', telemetry(3)), ...on('events', bytes('up'))]
    const recorded = await record(t, await localBus(t), line, messages)
    assert.deepEqual(captured(recorded.read('pass.pcapng')), messages)
  },
  'groundwire publish - --file pass.pcapng --rate 100': async (t, line) => {
    const messages = telemetry(5).map(packet => ['x', packet] as const)
    await playBack(t, line, { name: 'pass.pcapng', content: capture(messages) }, messages)
  },
  'groundwire tap telem -f raw': async (t, line) => {
    const { stdout } = await record(t, await localBus(t), line, on('telem', [PACKET, PACKET]))
    assert.deepEqual(stdout, Buffer.concat([PACKET, PACKET]))
  },
  'groundwire udp-in 3076 telem': async (t, line) => {
    const bus = await localBus(t)
    const heard = await hear(t, bus, 'telem')
    const run = shell(t, put(line, { 3076: 0 }), { env: bus.env })
    await run.untilStderr(/: ready: /)
    await sendUdp(await listeningPort(run), [PACKET])
    assert.deepEqual(received(await heard.atLeast(1)), on('telem', [PACKET]))
    assert.equal((await run.stop()).code, 0)
  },
  'groundwire udp-out telem --to 127.0.0.1:3077': async (t, line) => {
    const [bus, receiver] = [await localBus(t), await receiveUdp(t)]
    const run = shell(t, put(line, { 3077: receiver.port }), { env: bus.env })
    await send(bus, on('telem', [PACKET]))
    assert.deepEqual(await receiver.atLeast(1), [PACKET])
    assert.equal((await run.stop()).code, 0)
  },
})

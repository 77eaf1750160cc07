import assert from 'node:assert/strict'
import { test } from 'node:test'
import { groundwire, ready } from '../../helpers/groundwire.ts'
import { hear, localBus, send } from '../../helpers/local-bus.ts'
import { runMain } from '../../helpers/run-main.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'

const PACKET = Buffer.from('082ac0000001abcd', 'hex')
const LINE = /^\S+Z telem 8 082ac0000001abcd\n$/
const JSON_LINE =
  /^\{"time":"\S+","topic":"telem","codec":"msgpack","payload":\{"\$bytes":"CCrAAAABq80="\}\}\n$/
const RAW = PACKET.toString('latin1')
const PCAPNG = /^\n\r\r\n[^]*telem/

const NOTE = /^tap: writing lines of text to (\S+); -f chooses another form$/m

for (const [name, options, content] of [
  ['pass.pcapng', '', PCAPNG],
  ['PASS.PCAPNG', '', PCAPNG],
  ['pass.json', '', JSON_LINE],
  ['pass.jsonl', '', JSON_LINE],
  ['pass.tlm', '', RAW],
  ['pass.bin', '', RAW],
  ['pass.txt', '', LINE],
  ['pass.pcapng', ' -f hex', /^082ac0000001abcd\n$/],
  ['pass.pcap', ' -f raw', RAW],
  ['pass.pcap', ' -F %t', /^telem\n$/],
  ['pass.log', '', LINE],
  ['pass', '', LINE],
] as const) {
  test(`what tap -o ${name}${options} writes`, async t => {
    const bus = await localBus(t)
    const folder = temporaryFolder(t)
    const run = await ready(t, bus, `tap telem -c 1 -o ${folder.path(name)}${options}`)
    await send(bus, [['telem', PACKET]])
    const { code, stdout, stderr } = await run.exit
    assert.equal(code, 0, stderr)
    assert.equal(stdout.length, 0)
    const written = folder.read(name).toString('latin1')
    if (typeof content === 'string') assert.equal(written, content)
    else assert.match(written, content)
    // If the name does not tell the form, a message does.
    const isTold = options !== '' || /\./.test(name.replace('.log', ''))
    assert.equal(NOTE.exec(stderr)?.[1], isTold ? undefined : folder.path(name))
  })
}

for (const [words, says] of [
  [
    ['tap', '-o', 'x.pcap'],
    "tap does not write pcap, as 'x.pcap' would be: it writes pcapng (name the file .pcapng, or say with -f what is to be in it)",
  ],
  [['tap', '-o', 'x.pcapng', '-0'], 'a delimiter has no place in the form pcapng'],
] as const) {
  test(`${words.join(' ')} is refused before a file is there`, async () => {
    const { code, stdout, stderr } = await runMain(words)
    assert.equal(stderr, `tap: error: ${says}\n`)
    assert.equal(stdout, '')
    assert.equal(code, 2)
  })
}

for (const name of ['pass.pcapng', 'pass.jsonl', 'pass.json']) {
  test(`publish - --file ${name} sends what tap -o wrote, each message to its own topic`, async t => {
    const [bus, folder] = [await localBus(t), temporaryFolder(t)]
    const recorder = await ready(t, bus, `tap -c 2 -o ${folder.path(name)}`)
    await send(bus, [
      ['telem', PACKET],
      ['events', 'up'],
    ])
    assert.equal((await recorder.exit).code, 0)
    const heard = await hear(t, bus, 'telem', 'events')
    const { code, stderr } = await groundwire(t, `publish - --file ${folder.path(name)}`, { env: bus.env })
      .exit
    assert.equal(code, 0, stderr)
    const messages = await heard.atLeast(2)
    assert.deepEqual(
      messages.map(({ topic, decoded }) => [topic, decoded.payload]),
      [
        ['telem', PACKET],
        ['events', 'up'],
      ],
    )
  })
}

test('a capture under a topic is its packets; with --split none, and any other file, it is one message', async t => {
  const [bus, folder] = [await localBus(t), temporaryFolder(t)]
  const recorder = await ready(t, bus, `tap -c 2 -o ${folder.path('pass.pcapng')}`)
  await send(bus, [
    ['telem', PACKET],
    ['telem', PACKET],
  ])
  assert.equal((await recorder.exit).code, 0)
  folder.write('one.json', '{"a": 1}')
  const heard = await hear(t, bus, 'x')
  for (const options of ['pass.pcapng', 'pass.pcapng --split none', 'one.json']) {
    const { code, stderr } = await groundwire(t, `publish x --file ${folder.path(options)}`, { env: bus.env })
      .exit
    assert.equal(code, 0, stderr)
  }
  const messages = await heard.atLeast(4)
  assert.deepEqual(
    messages.map(({ decoded }) => Buffer.from(decoded.payload as Uint8Array)),
    [PACKET, PACKET, folder.read('pass.pcapng'), Buffer.from('{"a": 1}')],
  )
})

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { LinkType } from '../../../src/core/capture/captured-packet.ts'
import { PcapngWriter } from '../../../src/core/capture/pcapng-writer.ts'
import { ZMQClient } from '../../../src/core/client/zmq-client.ts'
import { encode } from '../../../src/core/wire/msgpack-encode.ts'
import { localBus } from '../../helpers/local-bus.ts'
import { collect, type CollectedMessage } from '../../helpers/collector.ts'
import { type Bus, groundwire, PATIENCE_MS, shell, startProxy } from '../../helpers/groundwire.ts'
import { sharedFile, TELEMETRY } from '../../helpers/shared.ts'
import { vectorPayload, wireVectors } from '../../helpers/wire-vectors.ts'

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

interface Sent {
  readonly topic: string
  readonly frame: Buffer
}

/** Every frame of the vectors, msgpack and pickle, alternating between two topics. */
const VECTORS = wireVectors().flatMap(({ msgpack, pickle, value }, i) =>
  [msgpack, pickle].flatMap(frame => {
    if (frame === undefined) return []
    return [
      {
        topic: `vector ${i % 2}`,
        frame: Buffer.from(frame, 'hex'),
        payload: vectorPayload(value),
        isPickle: frame === pickle,
      },
    ]
  }),
)

function telemetry(): Sent[] | undefined {
  const all = TELEMETRY.map(({ file, size }) => {
    const bytes = sharedFile(file)
    return (
      bytes && Array.from({ length: bytes.length / size }, (_, i) => bytes.subarray(i * size, (i + 1) * size))
    )
  })
  const [first, second] = all
  if (!first || !second) return undefined
  return [...first, ...second].map((packet, i) => ({ topic: `telem ${i % 3}`, frame: encode(packet) }))
}

/** Publishes frames on one bus, through `tap FORM | publish FORM`, and returns the messages of a second bus. */
async function pipe(
  t: TestContext,
  messages: readonly Sent[],
  tap: string,
  publish: string,
): Promise<readonly CollectedMessage[]> {
  const [from, to] = await Promise.all([startProxy(t), startProxy(t)])
  const collector = await collect(t, to)
  const run = shell(
    t,
    `groundwire tap --xpub ${from.xpub} -c ${messages.length} ${tap} | groundwire publish --xsub ${to.xsub} ${publish}`,
  )
  await run.untilStderr(/tap: ready: /)
  await publishFrames(from, messages)
  const { code, stderr } = await run.exit
  assert.equal(code, 0, stderr)
  await collector.atLeast(messages.length)
  assert.equal(collector.messages.length, messages.length)
  return collector.messages
}

async function publishFrames(bus: Bus, messages: readonly Sent[]): Promise<void> {
  await using client = new ZMQClient({ xsub: bus.xsub, encoding: 'raw' })
  await client.start()
  await client.heard(messages[0]?.topic, { signal: AbortSignal.timeout(PATIENCE_MS) })
  for (const { topic, frame } of messages) client.publish(frame, topic)
  await client.drain()
  await client.close({ linger: PATIENCE_MS })
}

function assertSame(arrived: readonly Sent[], sent: readonly Sent[]): void {
  assert.deepEqual(
    arrived.map(({ topic, frame }) => `${topic} ${hex(frame)}`),
    sent.map(({ topic, frame }) => `${topic} ${hex(frame)}`),
  )
}

test('tap -f json | publish - -f json: each msgpack vector, frame for frame', async t => {
  const frames = VECTORS.filter(({ isPickle }) => !isPickle)
  assertSame(await pipe(t, frames, '-f json', '- -f json'), frames)
})

test('tap --codec pickle -f json | publish - -f json: each pickle vector becomes the msgpack of its value', async t => {
  const pickles = VECTORS.filter(({ isPickle }) => isPickle)
  const arrived = await pipe(t, pickles, '--codec pickle -f json', '- -f json')
  assertSame(
    arrived,
    pickles.map(({ topic, payload }) => ({ topic, frame: encode(payload) })),
  )
})

test('tap -f pcapng | publish - -f pcapng: each vector frame for frame, pickles too', async t => {
  assertSame(await pipe(t, VECTORS, '-f pcapng', '- -f pcapng'), VECTORS)
})

for (const form of ['json', 'pcapng']) {
  test(`tap -f ${form} | publish - -f ${form}: each packet of the shared telemetry, in order`, async t => {
    const packets = telemetry()
    if (!packets) return t.skip('the shared telemetry is not here')
    assertSame(await pipe(t, packets, `-f ${form}`, `- -f ${form}`), packets)
  })
}

test('tap -f raw | publish telem --split ccsds: each packet of the shared telemetry, in order', async t => {
  const packets = telemetry()
  if (!packets) return t.skip('the shared telemetry is not here')
  const arrived = await pipe(t, packets, '-f raw', 'telem --split ccsds')
  assertSame(
    arrived,
    packets.map(({ frame }) => ({ topic: 'telem', frame })),
  )
})

test('with a topic of its own, that is where all messages go; --codec overrides what each was', async t => {
  const lines = [
    '{"topic":"a","payload":{"$bytes":"AA=="}}',
    '{"topic":"b","codec":"raw","payload":{"$bytes":"AQ=="}}',
    '',
    '{"topic":"c","codec":"pickle","payload":"x"}',
    '{"payload":2}',
  ]
  const input = `${lines.join('\n')}\r\n`
  const dry = async (options: string, text = input) => {
    const { code, stdout, stderr } = await groundwire(t, `publish ${options} -f json -n`, { input: text })
      .exit
    assert.equal(code, 0, stderr)
    return stdout.toString().trimEnd().split('\n')
  }
  assert.deepEqual(await dry('t'), ['74 c40100', '74 01', '74 a178', '74 02'])
  assert.deepEqual(await dry('t --codec msgpack'), ['74 c40100', '74 c40101', '74 a178', '74 02'])
  assert.deepEqual(await dry('- --codec raw', lines.slice(0, 2).join('\n')), ['61 00', '62 01'])
  assert.deepEqual(await dry('- --uid 7', lines[0]), ['61 c705019207c40100'])
})

test('a capture by another program: the UDP payloads go, and other packets are counted', async t => {
  const writer = new PcapngWriter()
  const udp = Buffer.concat([Buffer.from('0bb80bb9000c0000', 'hex'), Buffer.from('data')])
  const block = (data: Buffer, linkType: number = LinkType.ETHERNET) =>
    writer.message({ time: 0n, topic: 'eth0', data, linkType })
  const capture = [
    writer.sectionHeader(),
    block(ethernet(17, udp)),
    block(ethernet(6, udp)),
    block(ethernet(17, udp)),
  ]

  const proxy = await localBus(t)
  const collector = await collect(t, proxy)
  const words = 'publish telem -f pcapng --fail-on-loss'
  const run = groundwire(t, words, { env: proxy.env, input: Buffer.concat(capture) })
  const { code, stderr } = await run.exit
  assert.equal(code, 6, stderr)
  assert.match(stderr, /lost a message \(undeliverable\): packet 2 is not a whole UDP datagram \(not-udp\)/)
  assert.match(stderr, /received 3 \(8 bytes\), sent 2, unheard 0, lost 1 \(undeliverable 1\)/)
  await collector.atLeast(2)
  assert.deepEqual(
    collector.messages.map(({ frame }) => hex(frame)),
    Array(2).fill(hex(encode(Buffer.from('data')))),
  )

  const unknown = Buffer.concat([...capture.slice(0, 2), block(Buffer.from('?'), 195)])
  const other = await groundwire(t, 'publish telem -f pcapng', { env: proxy.env, input: unknown }).exit
  assert.equal(other.code, 1)
  assert.match(other.stderr, /error: packet 2 has link type 195, which is not read/)
  assert.match(other.stderr, /sent 1, unheard 0, lost 1 \(malformed 1\)/)
  await collector.atLeast(3)
})

/** An IPv4 packet over Ethernet. */
function ethernet(protocol: number, payload: Buffer): Buffer {
  const ip = Buffer.from('450000000000400040000000c0a80001c0a80002', 'hex')
  ip[9] = protocol
  ip.writeUInt16BE(20 + payload.length, 2)
  return Buffer.concat([Buffer.from(`${'00'.repeat(12)}0800`, 'hex'), ip, payload])
}

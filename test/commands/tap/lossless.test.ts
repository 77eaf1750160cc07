import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CaptureReader } from '../../../src/core/capture/capture-reader.ts'
import { LinkType } from '../../../src/core/capture/captured-packet.ts'
import type { WritableCodec } from '../../../src/core/wire/codec.ts'
import { encodePayload } from '../../../src/core/wire/encode-payload.ts'
import { parseMessage } from '../../../src/core/wire/json.ts'
import { encodeBin } from '../../../src/core/wire/msgpack-encode.ts'
import { localBus } from '../../helpers/local-bus.ts'
import { parseAll } from '../../helpers/chunks.ts'
import { ready } from '../../helpers/groundwire.ts'
import { heardPublisher } from '../../helpers/publisher.ts'
import { wireVectors } from '../../helpers/wire-vectors.ts'

const MIB = 1024 * 1024
const ALL_BYTES = Buffer.from(Uint8Array.from({ length: 256 }, (_, byte) => byte))
const PAYLOADS = [
  ALL_BYTES,
  Buffer.alloc(0),
  Buffer.from('\n'),
  Buffer.from('a\nb\r\n\n\0\\n"'),
  Buffer.alloc(255, ALL_BYTES),
  Buffer.alloc(65_536, ALL_BYTES),
  Buffer.alloc(MIB - 1, ALL_BYTES),
  Buffer.from('the last'),
]
/** Frames that are not bytes in their shortest form: some that AIT makes, and some that only others do. */
const FRAMES = [
  ...wireVectors().flatMap(({ msgpack }) => (msgpack === undefined ? [] : [Buffer.from(msgpack, 'hex')])),
  ...['', 'c5000141', 'd90161', 'ca3fc00000', 'c1', '80', '68656c6c6f'].map(hex => Buffer.from(hex, 'hex')),
]

/** Reads each form back into frames. */
const READERS: Record<'json' | 'pcapng', (output: Buffer) => Buffer[]> = {
  json: output =>
    output
      .toString()
      .split('\n')
      .slice(0, -1)
      .map(line => {
        const { frame, payload, codec } = parseMessage(line)
        return frame ?? encodePayload(payload, codec as WritableCodec)
      }),
  pcapng: output =>
    parseAll(new CaptureReader(), [output]).items.map(({ linkType, data }) =>
      linkType === LinkType.USER0 ? encodeBin(data) : Buffer.from(data),
    ),
}

for (const [form, read] of Object.entries(READERS)) {
  test(`${form} gives every frame again: all bytes, newlines, nothing, just under 1 MiB, and AIT's own`, async t => {
    const bus = await localBus(t)
    const frames = [...PAYLOADS.map(encodeBin), ...FRAMES]
    const tap = await ready(t, bus, `tap x -f ${form} -c ${frames.length}`)
    const publisher = await heardPublisher(t, bus, 'x', { encoding: 'raw', maxMessage: 2 * MIB })
    for (const frame of frames) publisher.publish(frame)
    const { code, stdout } = await tap.exit
    assert.equal(code, 0)
    assertSame(read(stdout), frames)
  })
}

for (const [options, end] of [
  ['', ''],
  ['--delimiter <\\xff>', '<\xff>'],
  ['-0', '\0'],
] as const) {
  test(`raw gives every payload again ${options && `, each followed by ${options}`}`, async t => {
    const bus = await localBus(t)
    const tap = await ready(t, bus, `tap x -f raw -c ${PAYLOADS.length} ${options}`.trim())
    const publisher = await heardPublisher(t, bus, 'x')
    for (const payload of PAYLOADS) publisher.publish(payload)
    const expected = PAYLOADS.flatMap(payload => [payload, Buffer.from(end, 'latin1')])
    assertSame([(await tap.exit).stdout], [Buffer.concat(expected)])
  })
}

for (const form of ['json', 'pcapng', 'raw'] as const) {
  test(`16 MB pass through ${form} with --max-message 32M`, async t => {
    const bus = await localBus(t)
    const payload = Buffer.alloc(16_000_000, ALL_BYTES)
    const tap = await ready(t, bus, `tap x -f ${form} -c 2 --max-message 32M`)
    const publisher = await heardPublisher(t, bus, 'x', { maxMessage: 32 * MIB })
    publisher.publish(payload)
    publisher.publish(payload)
    const { code, stdout } = await tap.exit
    assert.equal(code, 0)
    assertSame(payloadsOf(form, stdout), [payload, payload])
  })
}

function payloadsOf(form: 'json' | 'pcapng' | 'raw', output: Buffer): Buffer[] {
  if (form !== 'raw') return READERS[form](output).map(frame => frame.subarray(5))
  return [output.subarray(0, output.length / 2), output.subarray(output.length / 2)]
}

/** Compares without printing a megabyte of difference. */
function assertSame(actual: readonly Buffer[], expected: readonly Buffer[]): void {
  assert.equal(actual.length, expected.length)
  for (const [i, bytes] of expected.entries()) {
    assert(actual[i]?.equals(bytes), `${i}: ${actual[i]?.length} bytes where ${bytes.length} were expected`)
  }
}

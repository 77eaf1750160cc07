import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { LinkType } from '../../../src/core/capture/captured-packet.ts'
import { CaptureReader } from '../../../src/core/capture/capture-reader.ts'
import { ByteBuilder } from '../../../src/core/format/byte-builder.ts'
import { pcapngFormatter } from '../../../src/core/format/pcapng.ts'
import { encode, encodeBin } from '../../../src/core/wire/msgpack-encode.ts'
import type { TappedMessage } from '../../../src/core/tap/message.ts'
import { arbitraryPayload } from '../../helpers/arbitrary-payload.ts'
import { parseAll } from '../../helpers/chunks.ts'
import { tapped, tappedFrame } from '../../helpers/tapped.ts'

function capture(...messages: TappedMessage[]) {
  const out = new ByteBuilder()
  const formatter = pcapngFormatter(new Map())
  formatter.begin?.(out)
  for (const message of messages) formatter.write({ message, number: 1 }, out)
  formatter.end?.(out)
  return parseAll(new CaptureReader(), [out.view()]).items
}

/** The frame that publishing a captured packet gives. */
function frameOf({ linkType, data }: { linkType: number; data: Uint8Array }): Buffer {
  return linkType === LinkType.USER0 ? encodeBin(data) : Buffer.from(data)
}

test('bytes are data of link type 147; all else is the frame, of 148', () => {
  const longBin = Buffer.from('c5000141', 'hex') // bin 16 where bin 8 would do
  const packets = capture(
    tapped(Buffer.of(1, 2)),
    tapped(Buffer.alloc(0)),
    tapped('text'),
    tappedFrame(longBin),
    tappedFrame(Buffer.from('no msgpack')),
    tappedFrame(Buffer.alloc(0)),
  )
  assert.deepEqual(
    packets.map(({ linkType, data }) => [linkType, Buffer.from(data).toString('hex')]),
    [
      [147, '0102'],
      [147, ''],
      [148, 'a474657874'],
      [148, 'c5000141'],
      [148, Buffer.from('no msgpack').toString('hex')],
      [148, ''],
    ],
  )
})

test('any frame comes back as it was, with its topic and its time', () => {
  const frame = fc.oneof(
    arbitraryPayload.map(payload => encode(payload)),
    fc.uint8Array().map(bytes => Buffer.from(bytes)),
  )
  const topic = fc.string({ unit: 'binary', maxLength: 20 })
  const time = fc.bigInt({ min: 0n, max: 2n ** 63n })
  fc.assert(
    fc.property(frame, topic, time, (frame, topic, time) => {
      const [packet] = capture(tappedFrame(frame, { topic, time }))
      assert(packet)
      assert.deepEqual([frameOf(packet), packet.topic, packet.time], [frame, topic, time])
    }),
  )
})

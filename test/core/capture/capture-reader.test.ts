import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { CaptureReader } from '../../../src/core/capture/capture-reader.ts'
import { PcapngWriter } from '../../../src/core/capture/pcapng-writer.ts'
import { readCapture } from '../../helpers/captures.ts'
import { cut, places } from '../../helpers/chunks.ts'

test('the first four bytes tell the format, however they come', () => {
  const pcapng = new PcapngWriter().sectionHeader()
  const pcap = Buffer.from('d4c3b2a1020004000000000000000000ffff000093000000', 'hex')
  for (const [file, format] of [
    [pcapng, 'pcapng'],
    [pcap, 'pcap'],
  ] as const) {
    const reader = new CaptureReader()
    for (const [i, byte] of file.entries()) {
      assert.equal(reader.format, i < 4 ? undefined : format)
      assert.deepEqual([...reader.push(Buffer.of(byte))], [])
    }
    reader.end()
  }
})

test('what is no capture is refused at its start, and again at its end', () => {
  const reader = new CaptureReader()
  const refused = { code: 'MALFORMED', offset: 0, message: /neither pcapng nor pcap/ }
  assert.throws(() => [...reader.push(Buffer.from('{"time": 0}\n'))], refused)
  assert.throws(() => [...reader.push(Buffer.from('{"time": 1}\n'))], refused)
  assert.throws(() => reader.end(), refused)
})

test('nothing, or under four bytes, is cut short', () => {
  assert.match(readCapture([]).error?.message ?? '', /the capture is empty, at offset 0/)
  assert.match(readCapture([Buffer.of(0x0a, 0x0d)]).error?.message ?? '', /has only 2 bytes/)
})

test('property: any bytes are refused with the typed error', () => {
  fc.assert(fc.property(fc.uint8Array(), places, (bytes, at) => assert.ok(readCapture(cut(bytes, at)).error)))
})

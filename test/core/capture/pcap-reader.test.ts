import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { LinkType } from '../../../src/core/capture/captured-packet.ts'
import { PcapngWriter } from '../../../src/core/capture/pcapng-writer.ts'
import { readCapture } from '../../helpers/captures.ts'
import { cut, places } from '../../helpers/chunks.ts'
import { tool } from '../../helpers/peers.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'

/** A pcap file with one packet, 01 02 03 of 9 bytes, at 5 s and 7 units. */
function pcap(magic: number, littleEndian: boolean, network = 147, captured = 3): Buffer {
  const file = Buffer.alloc(24 + 16 + 3)
  const view = new DataView(file.buffer, file.byteOffset, file.length)
  view.setUint32(0, magic, littleEndian)
  view.setUint16(4, 2, littleEndian)
  view.setUint16(6, 4, littleEndian)
  view.setUint32(20, network, littleEndian)
  for (const [i, value] of [5, 7, captured, 9].entries()) view.setUint32(24 + 4 * i, value, littleEndian)
  file.set([1, 2, 3], 40)
  return file
}

for (const littleEndian of [true, false]) {
  for (const [magic, unit] of [
    [0xa1b2c3d4, 1000n],
    [0xa1b23c4d, 1n],
  ] as const) {
    test(`${littleEndian ? 'little' : 'big'} endian, ${unit} ns`, () => {
      const packet = { topic: 'interface 0', linkType: 147, data: '010203', originalLength: 9 }
      const expected = { packets: [{ time: 5_000_000_000n + 7n * unit, ...packet }], error: undefined }
      assert.deepEqual(readCapture([pcap(magic, littleEndian)]), expected)
      assert.deepEqual(
        readCapture([pcap(magic, littleEndian, 0xf400_0093)]),
        expected,
        'with a length of checksums',
      )
    })
  }
}

test('a file that is cut, or has a length over the limit, says where', () => {
  const file = pcap(0xa1b2c3d4, true)
  for (let length = 4; length < file.length; length++) {
    const { error } = readCapture([file.subarray(0, length)])
    assert.equal(error?.code, length === 24 ? undefined : 'TRUNCATED')
    assert.equal(error?.offset, length === 24 ? undefined : length < 24 ? 0 : 24)
  }
  const over = readCapture([pcap(0xa1b2c3d4, true, 147, 0x7fff_ffff)])
  assert.equal(over.error?.code, 'OVERSIZE')
  assert.equal(over.error?.offset, 24)
  const alien = pcap(0xa1b2c3d4, true)
  alien[4] = 3
  assert.match(readCapture([alien]).error?.message ?? '', /version 2, not 3/)
})

test('property: damage of any kind is read or refused with the typed error, in any chunks alike', () => {
  const file = Buffer.concat([pcap(0xa1b23c4d, false), pcap(0xa1b23c4d, false).subarray(24)])
  const damage = fc.array(fc.tuple(fc.nat(file.length - 1), fc.nat(255)), { maxLength: 4 })
  fc.assert(
    fc.property(damage, places, (changes, at) => {
      const damaged = Buffer.from(file)
      for (const [place, value] of changes) damaged[place] = value
      const whole = readCapture([damaged])
      const pieces = readCapture(cut(damaged, at))
      assert.deepEqual(pieces.packets, whole.packets)
      assert.equal(pieces.error?.message, whole.error?.message)
    }),
  )
})

for (const [format, unit] of [
  ['pcap', 1000n],
  ['nsecpcap', 1n],
  ['modpcap', undefined],
  ['pcapng', 1n],
] as const) {
  test(`what editcap makes of our pcapng, as ${format}`, t => {
    const editcap = tool('editcap')
    if (!editcap) return t.skip('editcap is not installed')
    const writer = new PcapngWriter()
    const blocks = [writer.sectionHeader()]
    const expected = []
    for (let i = 0; i < 50; i++) {
      const time = 1_700_000_000_123_456_789n + BigInt(i) * 1_000_003n
      const data = Buffer.alloc(i * 7, i)
      blocks.push(writer.message({ time, topic: 'telem', data, linkType: LinkType.USER0 }))
      const shown = { linkType: 147, data: data.toString('hex'), originalLength: data.length }
      const topic = format === 'pcapng' ? 'telem' : 'interface 0'
      if (unit) expected.push({ time: (time / unit) * unit, topic, ...shown })
    }
    const folder = temporaryFolder(t)
    const from = folder.write('a.pcapng', Buffer.concat(blocks))
    editcap.run('-F', format, from, folder.path('b'))
    const { packets, error } = readCapture([folder.read('b')])
    if (unit) assert.deepEqual({ packets, error }, { packets: expected, error: undefined })
    else
      assert.match(
        error?.message ?? '',
        /neither pcapng nor pcap/,
        'a variant with longer records is refused',
      )
  })
}

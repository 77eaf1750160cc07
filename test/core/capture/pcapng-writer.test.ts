import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LinkType } from '../../../src/core/capture/captured-packet.ts'
import { PcapngWriter } from '../../../src/core/capture/pcapng-writer.ts'
import { PacketSplitter } from '../../../src/core/framing/packet-splitter.ts'
import { parsePrimaryHeader } from '../../../src/core/ccsds/space-packet.ts'
import { tool } from '../../helpers/peers.ts'
import { TELEMETRY, sharedFile } from '../../helpers/shared.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'

const { USER0, USER1 } = LinkType
const CCSDS = 'uat:user_dlts:"User 0 (DLT=147)","ccsds","0","","0",""'

test('a section header, octet by octet', () => {
  assert.equal(
    new PcapngWriter().sectionHeader('me').toString('hex'),
    [
      '0a0d0d0a28000000', // type, total length
      '4d3c2b1a01000000ffffffffffffffff', // byte order, version 1.0, length unknown
      '040002006d650000', // shb_userappl
      '0000000028000000', // opt_endofopt, total length
    ].join(''),
  )
})

test('a first message is its interface and its packet, octet by octet; the next is a packet only', () => {
  const writer = new PcapngWriter()
  writer.sectionHeader()
  const message = {
    time: 0x0102_0304_0506_0708n,
    topic: 'telem',
    data: Buffer.of(1, 2, 3, 4, 5),
    linkType: USER0,
  }
  const packet = [
    '0600000028000000', // type, total length
    '0000000004030201080706050500000005000000', // interface, time (high half first), captured, original length
    '0102030405000000',
    '28000000',
  ].join('')
  const description = [
    '010000002c000000', // type, total length
    '9300000000000000', // LINKTYPE_USER0, no snap length
    '0200050074656c656d000000', // if_name
    '0900010009000000', // if_tsresol
    '000000002c000000', // opt_endofopt, total length
  ].join('')
  assert.equal(writer.message(message).toString('hex').replace(description, '').replace(packet, ''), '')
  assert.equal(writer.message(message).toString('hex'), packet)
})

test('what the format cannot hold is refused, and leaves no interface behind', () => {
  const writer = new PcapngWriter()
  writer.sectionHeader()
  const message = { time: 0n, topic: 't', data: Buffer.of(1), linkType: USER0 }
  const refused = { code: 'NOT_ENCODABLE' }
  assert.throws(() => writer.message({ ...message, topic: 'x'.repeat(65_536) }), refused)
  assert.throws(() => writer.message({ ...message, comment: 'x'.repeat(65_536) }), refused)
  assert.throws(() => writer.message({ ...message, time: -1n }), refused)
  assert.throws(() => writer.message({ ...message, time: 2n ** 64n }), refused)
  assert.throws(() => writer.message({ ...message, linkType: 65_536 }), { code: 'USAGE' })
  assert.equal(writer.message(message).readUInt32LE(0), 1, 'the first that is written describes interface 0')
})

test('tshark sees the topics, the times to the nanosecond, the data and the comments', t => {
  const tshark = tool('tshark')
  if (!tshark) return t.skip('tshark is not installed')
  const writer = new PcapngWriter()
  const messages = [
    {
      time: 1_700_000_000_123_456_789n,
      topic: 'telem',
      data: Buffer.from('0801c000000000', 'hex'),
      linkType: USER0,
    },
    { time: 1_700_000_000_123_456_790n, topic: '__tlmpkts__', data: Buffer.of(0x92, 1, 2), linkType: USER1 },
    {
      time: 1_700_000_001_000_000_000n,
      topic: 'telem',
      data: Buffer.of(),
      linkType: USER1,
      comment: 'größer',
    },
    { time: 0n, topic: 'Téléc “x”', data: Buffer.alloc(3000, 7), linkType: USER0 },
  ]
  const blocks = [writer.sectionHeader(), ...messages.map(m => writer.message(m)), writer.statistics()]
  const file = temporaryFolder(t).write('a.pcapng', Buffer.concat(blocks))
  const fields = [
    'frame.time_epoch',
    'frame.interface_name',
    'frame.interface_id',
    'frame.len',
    'frame.comment',
  ]
  const lines = tshark.run('-r', file, '-T', 'fields', ...fields.flatMap(field => ['-e', field]))
  assert.deepEqual(lines.split('\n').slice(0, -1), [
    '1700000000.123456789\ttelem\t0\t7\t',
    '1700000000.123456790\t__tlmpkts__\t1\t3\t',
    '1700000001.000000000\ttelem\t2\t0\tgrößer',
    '0.000000000\tTéléc “x”\t3\t3000\t',
  ])
})

test('capinfos sees the interfaces and their statistics', t => {
  const capinfos = tool('capinfos')
  if (!capinfos) return t.skip('capinfos is not installed')
  const writer = new PcapngWriter()
  const data = Buffer.of(1)
  const blocks = [
    writer.sectionHeader('the tests'),
    writer.message({ time: 5_000_000_000n, topic: 'a', data, linkType: USER0 }),
    writer.message({ time: 7_000_000_000n, topic: 'b', data, linkType: USER1 }),
    writer.message({ time: 9_000_000_000n, topic: 'a', data, linkType: USER0 }),
    writer.statistics(new Map([['a', 41]])),
  ]
  const report = capinfos.run(temporaryFolder(t).write('a.pcapng', Buffer.concat(blocks)))
  assert.match(report, /Capture application: +the tests/)
  assert.match(report, /Number of packets: +3/)
  assert.match(report, /Capture duration: +4\.000000000 seconds/)
  assert.match(report, /Number of interfaces in file: 2/)
  assert.match(report, /Name = a[^]*Time precision = nanoseconds \(9\)[^]*Number of stat entries = 1/)
})

for (const { file, packets: count, apid } of TELEMETRY) {
  test(`tshark's CCSDS dissector reads ${file} as we do`, t => {
    const tshark = tool('tshark')
    const bytes = sharedFile(file)
    if (!tshark || !bytes) return t.skip('tshark or the shared telemetry is not here')
    const writer = new PcapngWriter()
    const blocks = [writer.sectionHeader()]
    const expected: string[] = []
    for (const packet of new PacketSplitter().push(bytes)) {
      const time = 1_700_000_000_000_000_000n + BigInt(expected.length) * 1_000_001n
      blocks.push(writer.message({ time, topic: `telem-${apid}`, data: packet, linkType: USER0 }))
      const header = parsePrimaryHeader(packet)
      expected.push([`${time}`, `telem-${apid}`, apid, header?.sequenceCount, header?.dataLength].join('\t'))
    }
    const path = temporaryFolder(t).write('telemetry.pcapng', Buffer.concat(blocks))
    const fields = ['frame.time_epoch', 'frame.interface_name', 'ccsds.apid', 'ccsds.seqnum', 'ccsds.length']
    const lines = tshark.run(
      '-o',
      CCSDS,
      '-r',
      path,
      '-T',
      'fields',
      ...fields.flatMap(field => ['-e', field]),
    )
    assert.equal(expected.length, count)
    assert.deepEqual(lines.replaceAll('.', '').split('\n').slice(0, -1), expected)
  })
}

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { LinkType } from '../../../src/core/capture/captured-packet.ts'
import { PcapngReader } from '../../../src/core/capture/pcapng-reader.ts'
import { type PcapngMessage, PcapngWriter } from '../../../src/core/capture/pcapng-writer.ts'
import { readCapture } from '../../helpers/captures.ts'
import { cut, places } from '../../helpers/chunks.ts'
import { blocks } from '../../helpers/pcapng.ts'
import { runs } from '../../helpers/property.ts'

const { USER0, USER1 } = LinkType
const data = Buffer.from('abc')
const hex = data.toString('hex')

const message = fc.record(
  {
    time: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    topic: fc.oneof(fc.constantFrom('telem', '__tlmpkts__'), fc.string({ unit: 'binary', maxLength: 8 })),
    data: fc.uint8Array({ maxLength: 70 }),
    linkType: fc.constantFrom(USER0, USER1),
    comment: fc.string({ unit: 'binary', maxLength: 9 }),
  },
  { requiredKeys: ['time', 'topic', 'data', 'linkType'] },
)

function shown(written: PcapngMessage) {
  const { data: bytes, ...rest } = written
  return Object.assign(rest, { data: Buffer.from(bytes).toString('hex'), originalLength: bytes.length })
}

test('property: what is written is read again, in any chunks and over several sections', () => {
  fc.assert(
    fc.property(fc.array(fc.array(message), { minLength: 1, maxLength: 3 }), places, (sections, at) => {
      const writer = new PcapngWriter()
      const file = sections.flatMap(messages => [
        writer.sectionHeader(),
        ...messages.map(each => writer.message(each)),
        writer.statistics(),
      ])
      const { packets, error } = readCapture(cut(Buffer.concat(file), at))
      assert.equal(error, undefined)
      const expected = sections.flat().map(shown)
      assert.deepEqual(packets, expected)
    }),
  )
})

for (const littleEndian of [true, false]) {
  const { section, description, enhanced, obsolete, simple, option, block, u32, i64 } = blocks(littleEndian)
  const order = littleEndian ? 'little endian' : 'big endian'

  test(`${order}: every kind of packet block, and blocks that are passed over`, () => {
    const file = [
      section(),
      block(4, Buffer.alloc(20)), // names that were resolved
      description(147, 2, option(2, 'first')),
      description(1, 0),
      block(0x8000_0bad, Buffer.from('somebody\n\n\n\n')),
      enhanced(
        0,
        1_700_000_000_000_001n,
        data,
        option(4, Buffer.alloc(8)),
        option(1, 'said'),
        option(1, 'more'),
      ),
      obsolete(1, 9, 5n, data),
      simple(3, data.subarray(0, 2)),
      section(),
      description(148, 0, option(2, '')),
      enhanced(0, 6n, data),
    ]
    assert.deepEqual(readCapture(file), {
      packets: [
        {
          time: 1_700_000_000_000_001_000n,
          topic: 'first',
          linkType: 147,
          data: hex,
          originalLength: 3,
          comment: 'said',
        },
        { time: 5000n, topic: 'interface 1', linkType: 1, data: hex, originalLength: 3 },
        { time: 0n, topic: 'first', linkType: 147, data: hex.slice(0, 4), originalLength: 3 },
        { time: 6000n, topic: '', linkType: 148, data: hex, originalLength: 3 },
      ],
      error: undefined,
    })
  })

  /** Returns the time of a packet on an interface with these options. */
  const time = (resolution: number | undefined, units: bigint, offset?: bigint) => {
    const options = [
      ...(resolution === undefined ? [] : [option(9, Buffer.of(resolution))]),
      ...(offset === undefined ? [] : [option(14, i64(offset))]),
    ]
    return readCapture([section(), description(147, 0, ...options), enhanced(0, units, data)]).packets[0]
      ?.time
  }

  test(`${order}: time resolutions and offsets`, () => {
    assert.equal(time(undefined, 1_700_000_000_123_456n), 1_700_000_000_123_456_000n)
    assert.equal(time(0, 1_700_000_000n), 1_700_000_000_000_000_000n)
    assert.equal(time(9, 2n ** 64n - 1n), 2n ** 64n - 1n)
    assert.equal(time(12, 5_999n), 5n, 'what is finer is cut off')
    assert.equal(time(0x80 | 10, 1536n), 1_500_000_000n)
    assert.equal(time(0x80, 3n), 3_000_000_000n)
    assert.equal(time(6, 7n, -2n), -1_999_993_000n)
    assert.equal(time(9, 7n, 1_700_000_000n), 1_700_000_000_000_000_007n)
    assert.equal(time(127, 1n), 0n)
    assert.equal(time(255, 1n), 0n)
  })

  test(`${order}: what the statistics say was dropped`, () => {
    const reader = new PcapngReader()
    const statistics = block(5, u32(0), u32(0), u32(0), option(5, i64(41n)))
    assert.deepEqual(
      [...reader.push(Buffer.concat([section(), description(147, 0, option(2, 'a')), statistics]))],
      [],
    )
    reader.end()
    assert.deepEqual(
      reader.interfaces.map(({ topic, linkType, dropped }) => ({ topic, linkType, dropped })),
      [{ topic: 'a', linkType: 147, dropped: 41 }],
    )
  })

  test(`${order}: a block that is wrong ends it, after every packet before it`, () => {
    const good = Buffer.concat([section(), description(147, 0), enhanced(0, 1n, data)])
    const wrong = (bad: Buffer, message: RegExp, code = 'MALFORMED') => {
      const { packets, error } = readCapture([Buffer.concat([good, bad, good])])
      assert.equal(packets.length, 1)
      assert.equal(error?.code, code)
      assert.equal(error?.offset, good.length)
      assert.match(error?.message ?? '', message)
    }
    wrong(enhanced(1, 1n, data), /interface 1, which is not described/)
    wrong(block(6, Buffer.alloc(16)), /packet block is too short/)
    wrong(block(6, u32(0), u32(0), u32(0), u32(5), u32(5), Buffer.alloc(4)), /packet overruns/)
    wrong(block(6, u32(0), u32(0), u32(0), u32(0xffff_ffff), u32(5), Buffer.alloc(4)), /packet overruns/)
    wrong(enhanced(0, 1n, data, option(1, 'abcd').subarray(0, 4)), /option overruns/)
    wrong(description(147, 0, option(2, 'abcd').subarray(0, 4)), /option overruns/)
    wrong(block(1, Buffer.alloc(4)), /interface description block is too short/)
    wrong(block(3, u32(9), Buffer.alloc(8)), /packet overruns/)
    wrong(block(5, Buffer.alloc(8)), /statistics block is too short/)
    wrong(section(2), /version 1, not 2/)
    wrong(Buffer.concat([u32(7), u32(11), Buffer.alloc(8)]), /can't be 11 bytes long/)
    wrong(Buffer.concat([u32(7), u32(16), u32(0), u32(20)]), /two lengths of a block differ/)
    wrong(Buffer.concat([u32(7), u32(0x7fff_fffc), u32(0)]), /over the limit of 67108864/, 'OVERSIZE')
  })
}

test('sections of both byte orders follow each other', () => {
  const file = [true, false, true].flatMap(order => {
    const { section, description, enhanced } = blocks(order)
    return [section(), description(147, 0), enhanced(0, 1n, data)]
  })
  assert.equal(readCapture(file).packets.length, 3)
})

test('a file that ends anywhere gives the packets before, then says where it was cut', () => {
  const writer = new PcapngWriter()
  const parts = [writer.sectionHeader()]
  for (let i = 0; i < 3; i++) {
    parts.push(writer.message({ time: 0n, topic: 't', data, linkType: USER0, comment: 'c' }))
  }
  const file = Buffer.concat(parts)
  const ends = parts.map((_, i) => parts.slice(0, i + 1).reduce((sum, part) => sum + part.length, 0))
  const description = 40 // between the section header and the first packet
  const whole = new Set([ends[0], (ends[0] as number) + description, ...ends])
  for (let length = 0; length <= file.length; length++) {
    const { packets, error } = readCapture([file.subarray(0, length)])
    assert.equal(packets.length, ends.slice(1).filter(end => end <= length).length)
    assert.equal(error?.code, whole.has(length) ? undefined : 'TRUNCATED', `${length}`)
    if (error) assert.ok(error.offset <= length && (error.offset === 0 || whole.has(error.offset)))
  }
})

test('a limit of its own', () => {
  const writer = new PcapngWriter()
  const big = { time: 0n, topic: 't', data: Buffer.alloc(1000), linkType: USER0 }
  const file = Buffer.concat([writer.sectionHeader(), writer.message({ ...big, data }), writer.message(big)])
  assert.equal(readCapture([file], { maxBlock: 1032 }).packets.length, 2)
  assert.equal(readCapture([file], { maxBlock: 1031 }).error?.code, 'OVERSIZE')
})

test('property: damage of any kind is read or refused with the typed error, and never more', () => {
  const writer = new PcapngWriter()
  const file = Buffer.concat([
    writer.sectionHeader(),
    writer.message({ time: 1n, topic: 'a', data, linkType: USER0, comment: 'x' }),
    writer.message({ time: 2n, topic: 'b', data: Buffer.alloc(40), linkType: USER1 }),
    writer.statistics(new Map([['a', 1]])),
  ])
  const damage = fc.array(fc.tuple(fc.nat(file.length - 1), fc.nat(255)), { maxLength: 6 })
  fc.assert(
    fc.property(damage, fc.nat(file.length), places, (changes, length, at) => {
      const damaged = Buffer.from(file.subarray(0, length))
      for (const [place, value] of changes) if (place < length) damaged[place] = value
      const whole = readCapture([damaged])
      const pieces = readCapture(cut(damaged, at))
      assert.deepEqual(pieces.packets, whole.packets)
      assert.equal(pieces.error?.message, whole.error?.message)
    }),
    runs(500),
  )
})

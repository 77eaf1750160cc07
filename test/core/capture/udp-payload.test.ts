import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { LinkType } from '../../../src/core/capture/captured-packet.ts'
import { PcapngWriter } from '../../../src/core/capture/pcapng-writer.ts'
import { udpPayload } from '../../../src/core/capture/udp-payload.ts'
import { readCapture } from '../../helpers/captures.ts'
import { tool } from '../../helpers/peers.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'
import { runs } from '../../helpers/property.ts'

const bytes = (hex: string) => Buffer.from(hex.replaceAll(/\s/g, ''), 'hex')

// Ports 5000 to 3076, three bytes of data.
const UDP = '1388 0c04 000b 0000 010203'
const IPV4 = `45 00 001f 0000 4000 40 11 0000 7f000001 7f000001 ${UDP}`
const LOCALHOST = `${'00'.repeat(15)}01`
const IPV6 = `60000000 000b 11 40 ${LOCALHOST} ${LOCALHOST} ${UDP}`
const MACS = '020000000001 020000000002'

/** The payload in hexadecimal, its ports checked; or the reason that there is no payload. */
function found(linkType: number, hex: string): string {
  const result = udpPayload(linkType, bytes(hex))
  if (typeof result === 'string') return result
  assert.deepEqual([result.sourcePort, result.destinationPort], [5000, 3076])
  return Buffer.from(result.payload).toString('hex')
}

/** IPv6 with these extension headers before UDP. */
function extended(first: string, headers: string): string {
  const length = (11 + bytes(headers).length).toString(16).padStart(4, '0')
  return `60000000 ${length} ${first} 40 ${LOCALHOST} ${LOCALHOST} ${headers} ${UDP}`
}

/** Each link type, with its headers before IPv4 and before IPv6. */
const LINKS = [
  [LinkType.ETHERNET, `${MACS} 0800`, `${MACS} 86dd`],
  [LinkType.LINUX_SLL, '0000 0304 0006 0000000000000000 0800', '0000 0304 0006 0000000000000000 86dd'],
  [
    LinkType.LINUX_SLL2,
    `0800 0000 00000001 0304 00 06 ${'00'.repeat(8)}`,
    `86dd 0000 00000001 0304 00 06 ${'00'.repeat(8)}`,
  ],
  [LinkType.NULL, '02000000', '1e000000'],
  [LinkType.NULL, '00000002', '0000001c'],
  [LinkType.LOOP, '00000002', '00000018'],
  [LinkType.RAW, '', ''],
  [LinkType.RAW_12, '', ''],
  [LinkType.RAW_14, '', ''],
  [LinkType.IPV4, '', ''],
  [LinkType.IPV6, '', ''],
] as const

test('every link type gives the payload, of IPv4 and of IPv6', () => {
  for (const [linkType, header4, header6] of LINKS) {
    assert.equal(found(linkType, header4 + IPV4), '010203', `IPv4 over ${linkType}`)
    assert.equal(found(linkType, header6 + IPV6), '010203', `IPv6 over ${linkType}`)
  }
})

test('VLAN tags, one and two, are passed', () => {
  assert.equal(found(LinkType.ETHERNET, `${MACS} 8100 0064 0800 ${IPV4}`), '010203')
  assert.equal(found(LinkType.ETHERNET, `${MACS} 88a8 0001 8100 0064 86dd ${IPV6}`), '010203')
  assert.equal(found(LinkType.ETHERNET, `${MACS} 8100 0064`), 'truncated')
})

test("Ethernet's padding and IPv4 options are no part of the payload", () => {
  assert.equal(found(LinkType.ETHERNET, `${MACS} 0800 ${IPV4} ${'00'.repeat(15)}`), '010203')
  assert.equal(
    found(LinkType.RAW, IPV4.replace('45 00 001f', '46 00 0023').replace(UDP, `01010101 ${UDP}`)),
    '010203',
  )
})

test('lengths of 0, as segmentation offload leaves them, mean all that is there', () => {
  assert.equal(found(LinkType.RAW, IPV4.replace('001f', '0000')), '010203')
  assert.equal(found(LinkType.RAW, IPV6.replace('000b', '0000').replace('000b', '0000')), '010203')
})

test('IPv6 extension headers are passed', () => {
  assert.equal(found(LinkType.RAW, extended('00', '11 00 000000000000')), '010203', 'hop-by-hop')
  assert.equal(found(LinkType.RAW, extended('00', `3c 01 ${'00'.repeat(14)} 11 00 000000000000`)), '010203')
  assert.equal(found(LinkType.RAW, extended('33', `11 04 ${'00'.repeat(22)}`)), '010203', 'authentication')
  assert.equal(
    found(LinkType.RAW, extended('2c', '11 00 0000 00000001')),
    '010203',
    'a fragment that is all of it',
  )
})

test('fragments are refused', () => {
  assert.equal(found(LinkType.RAW, IPV4.replace('4000', '2000')), 'fragment')
  assert.equal(found(LinkType.RAW, IPV4.replace('4000', '0001')), 'fragment')
  assert.equal(found(LinkType.RAW, extended('2c', '11 00 0001 00000001')), 'fragment')
  assert.equal(found(LinkType.RAW, extended('2c', '11 00 0008 00000001')), 'fragment')
})

test('what is no UDP is told so', () => {
  assert.equal(found(LinkType.RAW, IPV4.replace('40 11', '40 06')), 'not-udp')
  assert.equal(found(LinkType.RAW, IPV6.replace('11 40', '3a 40')), 'not-udp')
  assert.equal(found(LinkType.RAW, `2${IPV4.slice(1)}`), 'not-udp')
  assert.equal(found(LinkType.ETHERNET, `${MACS} 0806 ${'00'.repeat(28)}`), 'not-udp')
  assert.equal(found(LinkType.USER0, IPV4), 'link-type')
})

test('a packet that was cut anywhere is told so', () => {
  for (const packet of [`${MACS} 0800 ${IPV4}`, `${MACS} 86dd ${IPV6}`]) {
    const whole = bytes(packet)
    for (let length = 0; length < whole.length; length++) {
      assert.equal(udpPayload(LinkType.ETHERNET, whole.subarray(0, length)), 'truncated', `${length}`)
    }
  }
  assert.equal(found(LinkType.RAW, IPV4.replace('000b', '000c')), 'truncated')
  assert.equal(found(LinkType.RAW, IPV4.replace('000b', '0007')), 'truncated')
})

test('property: any damage gives a datagram or a word', () => {
  const linkTypes = fc.constantFrom(...Object.values(LinkType))
  const packets = fc.constantFrom(
    `${MACS} 0800 ${IPV4}`,
    IPV6,
    extended('00', '2c 00 000000000000 11 00 0000 00000001'),
  )
  const damage = fc.array(fc.tuple(fc.nat(80), fc.nat(255)), { maxLength: 5 })
  fc.assert(
    fc.property(linkTypes, packets, damage, fc.nat(100), (linkType, packet, changes, length) => {
      const data = bytes(packet).subarray(0, length)
      for (const [place, value] of changes) if (place < data.length) data[place] = value
      const result = udpPayload(linkType, data)
      if (typeof result !== 'string') assert.ok(result.payload.length <= data.length)
    }),
    runs(500),
  )
})

test('tshark finds the same datagrams behind the same headers', t => {
  const tshark = tool('tshark')
  if (!tshark) return t.skip('tshark is not installed')
  const writer = new PcapngWriter()
  const blocks = [writer.sectionHeader()]
  for (const [linkType, header4, header6] of LINKS) {
    if (linkType === LinkType.RAW_12 || linkType === LinkType.RAW_14) continue // not numbers that a file should have
    if (linkType !== LinkType.IPV6) {
      blocks.push(writer.message({ time: 0n, topic: '4', linkType, data: bytes(header4 + IPV4) }))
    }
    if (linkType !== LinkType.IPV4) {
      blocks.push(writer.message({ time: 0n, topic: '6', linkType, data: bytes(header6 + IPV6) }))
    }
  }
  const file = temporaryFolder(t).write('links.pcapng', Buffer.concat(blocks))
  const fields = ['udp.srcport', 'udp.dstport', 'udp.payload']
  const lines = tshark.run('-r', file, '-T', 'fields', ...fields.flatMap(field => ['-e', field]))
  assert.deepEqual(new Set(lines.split('\n').slice(0, -1)), new Set(['5000\t3076\t010203']))
  assert.equal(lines.split('\n').length - 1, readCapture(blocks).packets.length)
})

for (const [name, options] of [
  ['IPv4', []],
  ['IPv6', ['-6', '::1,::1']],
] as const) {
  test(`what text2pcap wraps in UDP, ${name} and Ethernet, comes out again`, t => {
    const text2pcap = tool('text2pcap')
    if (!text2pcap) return t.skip('text2pcap is not installed')
    const payloads = ['01', '0801c568002c00', 'ff'.repeat(300)]
    const text = payloads.map(payload => `0000 ${payload.replaceAll(/../g, '$& ')}\n`).join('\n')
    const folder = temporaryFolder(t)
    text2pcap.run('-q', ...options, '-u', '5000,3076', folder.write('in.txt', text), folder.path('out'))
    const { packets, error } = readCapture([folder.read('out')])
    assert.equal(error, undefined)
    assert.deepEqual(
      packets.map(packet => found(packet.linkType, packet.data)),
      payloads,
    )
  })
}

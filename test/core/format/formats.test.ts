import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { FORMATS, type FormatName, formatterOf } from '../../../src/core/format/formats.ts'
import { formatLine } from '../../../src/core/format/line.ts'
import { writePrimaryHeader } from '../../../src/core/ccsds/space-packet.ts'
import { Tuple } from '../../../src/core/wire/payload.ts'
import { formatted, TIME, tapped, tappedFrame } from '../../helpers/tapped.ts'

const BYTES = Buffer.from('0801c000000141ff', 'hex')

test('bytes in each form', () => {
  const forms: Partial<Record<FormatName, string>> = {
    line: '2026-11-22T12:34:56.789012Z telem 8 0801c000000141ff\n',
    hexdump: '00000000  08 01 c0 00 00 01 41 ff                           |......A.|\n00000008\n',
    hex: '0801c000000141ff\n',
    base64: 'CAHAAAABQf8=\n',
    text: '\\x08\\x01\\xc0\\x00\\x00\\x01A\\xff\n',
    raw: BYTES.toString('latin1'),
    json: '{"time":"2026-11-22T12:34:56.789012345Z","topic":"telem","codec":"msgpack","payload":{"$bytes":"CAHAAAABQf8="}}\n',
    none: '',
  }
  for (const format of FORMATS) {
    if (format === 'pcapng') continue
    assert.deepEqual(formatted(formatterOf(format), tapped(BYTES)), [forms[format]], format)
  }
})

test('a payload that is neither bytes nor text has no form that is made of bytes, and is shown as JSON where it can be', () => {
  const message = tapped(new Tuple([7, 'x']))
  const written = FORMATS.filter(format => formatted(formatterOf(format), message)[0] !== undefined)
  assert.deepEqual(written, ['line', 'text', 'json', 'pcapng', 'none'])
  assert.match(formatLine(message), / telem 6 \{"\$tuple":\[7,"x"\]\}\n$/)
})

test('a line shows the beginning of a long payload, and its size', () => {
  const line = formatLine(tapped(Buffer.alloc(1000, 0xab)))
  assert.equal(line, `2026-11-22T12:34:56.789012Z telem 1000 ${'ab'.repeat(24)}…\n`)
})

test('a frame that is marked as a pickle and can not be read says so', () => {
  assert.match(
    formatLine(tappedFrame(Buffer.from('8002636f730a73797374656d0a2e', 'hex'))),
    / 8002636f730a73797374656d0a2e \(unreadable pickle\)\n$/,
  )
})

test('no control character of a topic or a text reaches a terminal in the forms for the eye', () => {
  const any = fc.string({
    unit: fc.constantFrom('\u001b', '[', '\n', '\u009b', '\u007f', 'é', '\u0000', '\r', 'x'),
  })
  fc.assert(
    fc.property(any, fc.oneof(any, fc.uint8Array()), (topic, payload) => {
      for (const form of ['line', 'text'] as const) {
        const [text = ''] = formatted(formatterOf(form), tapped(payload, { topic }))
        const shown = Buffer.from(text, 'latin1').toString('utf8')
        // oxlint-disable-next-line no-control-regex
        assert.match(shown, /^[^\u0000-\u001f\u007f-\u009f]*\n$/)
      }
    }),
  )
})

test('a delimiter stands after each message, and in place of the form’s own', () => {
  const delimiter = Buffer.of(0)
  assert.deepEqual(formatted(formatterOf('hex', { delimiter }), tapped(BYTES)), ['0801c000000141ff\0'])
  assert.deepEqual(formatted(formatterOf('raw', { delimiter }), tapped('ab')), ['ab\0'])
})

test('a packet’s header in words, and what is wrong with it', () => {
  const packet = Buffer.alloc(20)
  writePrimaryHeader(packet, { apid: 42, sequenceCount: 7, length: 20 })
  const command = Buffer.alloc(20)
  writePrimaryHeader(command, { apid: 3, sequenceCount: 9, length: 30, type: 'TC', sequenceFlags: 1 })
  const line = formatterOf('line', { ccsds: true })
  const [good, short, not, wrapped, map] = formatted(
    line,
    tapped(packet),
    tapped(command),
    tapped(Buffer.of(0xff, 1, 2, 3, 4, 5, 6)),
    tapped(new Tuple([1, packet])),
    tapped([1]),
  )
  assert.match(good ?? '', / 20 \[TM APID 42 count 7 unsegmented, length 13 agrees\] 002ac007/)
  assert.match(
    short ?? '',
    /\[TC APID 3 count 9 first segment, length 23 disagrees: 30 bytes said, 20 here\]/,
  )
  assert.match(not ?? '', /\[no space packet: version 7\]/)
  assert.match(wrapped ?? '', /\[TM APID 42 count 7 /)
  assert.match(map ?? '', /\[no space packet\] \[1\]/)
})

test('with ccsds, JSON has the fields of the header and what its sequence count tells', () => {
  const packet = Buffer.alloc(20)
  writePrimaryHeader(packet, { apid: 42, sequenceCount: 7, length: 20 })
  const finding = { kind: 'gap', type: 'TM', apid: 42, count: 7, expected: 4, missing: 3 } as const
  const lines: string[] = []
  const out = { text: (text: string) => lines.push(text), bytes: () => {} } as never
  formatterOf('json', { ccsds: true }).write({ message: tapped(packet), number: 1, finding }, out)
  assert.deepEqual((JSON.parse(lines.join('')) as { ccsds: unknown }).ccsds, {
    type: 'TM',
    apid: 42,
    sequenceFlags: 3,
    sequenceCount: 7,
    dataLength: 13,
    agrees: true,
    sequence: { kind: 'gap', expected: 4, missing: 3 },
  })
})

test('times are cut to microseconds, and keep apart what is before and after 1970', () => {
  assert.equal(timeIn(TIME + 999n - 345n), '2026-11-22T12:34:56.789012Z')
  assert.equal(timeIn(-1n), '1969-12-31T23:59:59.999999Z')
  assert.equal(timeIn(0n), '1970-01-01T00:00:00.000000Z')
})

/** The time shown in a line. */
function timeIn(time: bigint): string | undefined {
  return formatLine(tapped('', { time })).split(' ')[0]
}

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { UsageError } from '../../src/core/errors.ts'
import { hexdump, parseHex } from '../../src/core/hex.ts'
import { tool } from '../helpers/peers.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

function refused(text: string, message: RegExp): void {
  assert.throws(
    () => parseHex(text),
    (error: Error) => error instanceof UsageError && message.test(error.message),
  )
}

test('a dump has offsets, a gap after eight bytes, ASCII, and the length', () => {
  assert.equal(
    hexdump(Buffer.from('telemetry \x00\x7f\xff ~|end', 'latin1')),
    [
      '00000000  74 65 6c 65 6d 65 74 72  79 20 00 7f ff 20 7e 7c  |telemetry ... ~||\n',
      '00000010  65 6e 64                                          |end|\n',
      '00000013\n',
    ].join(''),
  )
})

test('nothing is dumped as nothing', () => assert.equal(hexdump(Buffer.alloc(0)), ''))

test('lines that repeat are one star', () => {
  const zeros = '00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00'
  assert.equal(hexdump(Buffer.alloc(48)), `00000000  ${zeros}  |${'.'.repeat(16)}|\n*\n00000030\n`)
})

test('hexdump -C prints the same', t => {
  const peer = tool('hexdump')
  if (!peer) return t.skip('hexdump is not installed')
  const folder = temporaryFolder(t)
  const every = Buffer.from(Uint8Array.from({ length: 256 }, (_, i) => i))
  const same = (bytes: Buffer) =>
    assert.equal(hexdump(bytes), peer.run('-C', folder.write('bytes', bytes)), bytes.toString('hex'))
  for (const length of [0, 1, 7, 8, 9, 15, 16, 17, 32, 33, 48, 100]) {
    same(Buffer.alloc(length, 'x'))
    same(every.subarray(0, length))
  }
  same(
    Buffer.concat([
      every,
      Buffer.alloc(40),
      every,
      every.subarray(240),
      every.subarray(240),
      Buffer.alloc(16),
    ]),
  )
})

test('hexadecimal with white space, colons and 0x', () => {
  for (const text of [
    '0801c568',
    '08 01 C5 68',
    '08:01:c5:68',
    '0x0801c568',
    '0x08 0X01\n0xC5\t0x68 ',
    ' 0801 : c568',
  ]) {
    assert.equal(parseHex(text).toString('hex'), '0801c568', text)
  }
  assert.equal(parseHex('').length, 0)
  assert.equal(parseHex(' \n').length, 0)
})

test('what is no hexadecimal is named, and where it stands', () => {
  refused('0g', /^'g' at character 2 is no hexadecimal digit$/)
  refused('08 01\nzz', /^'z' at character 7 /)
  refused('0x0x01', /^'x' at character 4 /)
  refused('08-01', /^'-' at character 3 /)
  refused('00🛰', /^'🛰' at character 3 /)
  refused('08 1', /^'1' at character 4 has 1 digit, not two a byte$/)
  refused('012', /^'012' at character 1 has 3 digits/)
  refused('01 0x', /^'0x' at character 4 has no digits/)
  refused('a'.repeat(2001), /^'a{20}…' at character 1 has 2001 digits/)
})

test('property: any bytes written in hexadecimal are read again, and any text is read or refused', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.constantFrom('', ' ', ':', ' 0x'), (bytes, separator) => {
      const text = Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join(separator)
      assert.deepEqual(parseHex(text), Buffer.from(bytes))
    }),
  )
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('0', 'a', 'F', 'x', ' ', ':', 'é', '🛰') }), text => {
      try {
        parseHex(text)
      } catch (error) {
        assert.ok(error instanceof UsageError)
      }
    }),
  )
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import {
  decodeReady,
  encodeReady,
  GREETING,
  greetingFault,
  mechanismFault,
  knowsCommands,
  NOT_ZMTP,
} from '../../../../src/core/bus/zmtp/handshake.ts'

/** The greeting of libzmq 4.3: the end of its signature is the same, and it says 3.1 too. */
const LIBZMQ = Buffer.from(
  `ff00000000000000017f0301${Buffer.from('NULL').toString('hex').padEnd(40, '0')}${'00'.repeat(32)}`,
  'hex',
)

/** Properties as encoded in READY. */
function properties(...pairs: readonly [string, string][]): Buffer {
  return Buffer.concat(
    pairs.flatMap(([name, value]) => {
      const length = Buffer.alloc(4)
      length.writeUInt32BE(value.length)
      return [Buffer.of(name.length), Buffer.from(name), length, Buffer.from(value)]
    }),
  )
}

test('a greeting is right from its first byte to its last', () => {
  for (const greeting of [GREETING, LIBZMQ]) {
    assert.equal(greeting.length, 64)
    for (let length = 0; length <= 64; length++) {
      assert.equal(greetingFault(greeting.subarray(0, length)), undefined, `${length}`)
    }
    assert(knowsCommands(greeting))
  }
})

test('who speaks something else is known by the first byte that is wrong', () => {
  assert.equal(greetingFault(Buffer.from('GET / HTTP/1.1')), NOT_ZMTP)
  assert.equal(greetingFault(Buffer.from('ff', 'hex')), undefined)
  assert.equal(greetingFault(Buffer.from('ff000000000000000100', 'hex')), NOT_ZMTP)
})

test('a peer of an earlier version is told which one is needed', () => {
  const needed = 'ZMTP 3.0 or later (libzmq 4.0) is needed'
  // ZMTP 2.0 (RFC 15): revision 1, then the socket type and an empty identity.
  const second = Buffer.from('ff00000000000000017f01020000', 'hex')
  for (let length = 11; length <= second.length; length++)
    assert.equal(greetingFault(second.subarray(0, length)), `it speaks ZMTP 2.0; ${needed}`)
  assert.equal(greetingFault(second.subarray(0, 10)), undefined)
  // ZMTP 1.0 (RFC 13): an empty identity frame, then a subscription.
  assert.equal(greetingFault(Buffer.from('01', 'hex')), undefined)
  assert.equal(greetingFault(Buffer.from('0100060001', 'hex')), `it speaks ZMTP 1.0; ${needed}`)
})

/** The security of both sides, and why it does not fit. */
const SECURITY = [
  ['NULL', 'NULL', undefined],
  ['CURVE', 'CURVE', undefined],
  ['CURVE', 'NULL', 'it asks for keys (CURVE), and this side has none'],
  ['NULL', 'CURVE', 'it has no keys, and this side asks for them (CURVE)'],
  ['PLAIN', 'NULL', 'it asks for PLAIN security, and this side has none'],
  ['PLAIN', 'CURVE', 'it asks for PLAIN security, and this side for keys (CURVE)'],
] as const

test('a peer of other security is told apart, and that its keys are the reason', () => {
  for (const [theirs, ours, reason] of SECURITY) {
    const greeting = Buffer.from(GREETING)
    greeting.write(theirs.padEnd(20, '\0'), 12)
    assert.equal(greetingFault(greeting), undefined)
    assert.equal(mechanismFault(greeting.subarray(0, 31), ours), undefined, 'it has not come whole')
    const fault = mechanismFault(greeting, ours)
    assert.deepEqual(fault, reason === undefined ? undefined : { reason, isDenied: true })
  }
})

test('READY names the type of the socket, whatever else is in it, and in any case', () => {
  assert.equal(encodeReady('XPUB').toString('hex'), '0552454144590b536f636b65742d547970650000000458505542')
  assert.equal(decodeReady(properties(['Identity', ''], ['SOCKET-type', 'SUB'], ['X-a', 'b'])), 'SUB')
  assert.equal(decodeReady(properties(['Identity', ''])), undefined)
  assert.equal(decodeReady(properties(['Socket-Type', 'S\x1b[31m'])), 'S?[31m')
})

test('arbitrary bytes are no READY, and never throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), bytes => {
      const type = decodeReady(Buffer.from(bytes))
      assert(type === undefined || /^[\x20-\x7e]{0,32}$/.test(type))
    }),
  )
})

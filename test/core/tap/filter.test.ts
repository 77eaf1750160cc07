import assert from 'node:assert/strict'
import { test } from 'node:test'
import { writePrimaryHeader } from '../../../src/core/ccsds/space-packet.ts'
import {
  every,
  type Filter,
  FilterChain,
  grep,
  maxRate,
  maxSize,
  minSize,
  ofApid,
} from '../../../src/core/tap/filter.ts'
import { parsePattern } from '../../../src/core/tap/pattern.ts'
import { Tuple } from '../../../src/core/wire/payload.ts'
import { tapped } from '../../helpers/tapped.ts'

function packet(apid: number): Buffer {
  const bytes = Buffer.alloc(10)
  writePrimaryHeader(bytes, { apid, sequenceCount: 0, length: 10 })
  return bytes
}

/** The sizes of 3, 4 and 5 that a filter takes. */
function sizesOf(filter: Filter): number[] {
  return [3, 4, 5].filter(size => filter(tapped(Buffer.alloc(size))))
}

/** The times, in ms, at which a message is taken at this rate. */
function taken(rate: number, times: readonly number[]): number[] {
  const takes = maxRate(rate)
  return times.filter(ms => takes(tapped('', { time: BigInt(Math.round(ms * 1e6)) })))
}

test('sizes are those of payloads, and the limits are within', () => {
  assert.deepEqual(sizesOf(minSize(4)), [4, 5])
  assert.deepEqual(sizesOf(maxSize(4)), [3, 4])
})

test('an APID is that of a space packet, also of one in a packet handler’s tuple', () => {
  const takes = ofApid([42, 2047])
  assert(takes(tapped(packet(42))))
  assert(takes(tapped(packet(2047))))
  assert(takes(tapped(new Tuple([1, packet(42)]))))
  assert(!takes(tapped(packet(43))))
  assert(!takes(tapped(packet(42).subarray(0, 6))))
  assert(!takes(tapped([42])))
})

test('grep finds text and bytes in payloads, and in the frames of other values', () => {
  assert(grep(parsePattern('lo w'))(tapped('hello world')))
  assert(grep(parsePattern('0xffFE'))(tapped(Buffer.of(0, 0xff, 0xfe))))
  assert(!grep(parsePattern('0xfffe'))(tapped('0xfffe')))
  assert(grep(parsePattern('name'))(tapped({ name: 1 })))
  assert.throws(() => parsePattern('0xf'), { code: 'USAGE' })
  assert.throws(() => parsePattern(''), { code: 'USAGE' })
})

test('every N takes the first of N', () => {
  const takes = every(3)
  assert.deepEqual(
    [1, 2, 3, 4, 5, 6, 7].filter(() => takes(tapped(''))),
    [1, 4, 7],
  )
})

test('a rate takes the first message of each interval: a flood is thinned evenly, and what is slower passes whole', () => {
  const flood = Array.from({ length: 2000 }, (_, ms) => ms)
  assert.deepEqual(taken(5, flood), [0, 200, 400, 600, 800, 1000, 1200, 1400, 1600, 1800])
  const slow = [0, 210, 430, 1000, 1900, 1950, 2100]
  assert.deepEqual(taken(5, slow), [0, 210, 430, 1000, 1900, 2100])
  assert.equal(taken(Number.POSITIVE_INFINITY, flood).length, 2000)
})

test('a chain counts what each filter has left out, for the first that did not take it', () => {
  const chain = new FilterChain([
    { name: 'size', takes: minSize(2) },
    { name: 'content', takes: grep(parsePattern('x')) },
  ])
  const taken = ['', 'x', 'ax', 'ab', 'xx'].filter(text => chain.takes(tapped(text)))
  assert.deepEqual(taken, ['ax', 'xx'])
  assert.deepEqual(chain.leftOut, [
    { name: 'size', messages: 2 },
    { name: 'content', messages: 1 },
  ])
})

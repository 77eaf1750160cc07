import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Arrivals } from './arrivals.ts'
import { type Head, writeHead } from './datagram.ts'

const SIZE = 16

function bytesOf(...heads: readonly Head[]): Buffer {
  return Buffer.concat(
    heads.map(head => {
      const datagram = Buffer.alloc(SIZE)
      writeHead(datagram, head)
      return datagram
    }),
  )
}

const ofSource = (source: number, ...sequences: readonly number[]) =>
  bytesOf(...sequences.map(sequence => ({ source, sequence })))

test('messages are counted by source, wherever the stream was cut', () => {
  const arrivals = new Arrivals(SIZE)
  const read = arrivals.reader()
  const bytes = Buffer.concat([ofSource(0, 0, 1), ofSource(1, 0), ofSource(0, 2)])
  for (let offset = 0; offset < bytes.length; offset += 7) read(bytes.subarray(offset, offset + 7))
  assert.equal(arrivals.count, 4)
  assert.equal(arrivals.latest(), 2)
  assert.deepEqual(arrivals.sequences({ source: 1 }), new Set([0]))
  assert.equal(arrivals.misplaced, 0)
})

test('a message that a killed process had written in part does not join the next stream', () => {
  const arrivals = new Arrivals(SIZE)
  arrivals.reader()(ofSource(0, 0, 1).subarray(0, SIZE + 5))
  arrivals.reader()(ofSource(0, 2))
  assert.deepEqual(arrivals.sequences(), new Set([0, 2]))
})

test('a repeated message and one out of order are misplaced', () => {
  const arrivals = new Arrivals(SIZE)
  arrivals.reader()(ofSource(0, 0, 2, 2, 1, 3))
  assert.equal(arrivals.misplaced, 2)
})

test('gaps are counted from the first arrival on, or from a given number', () => {
  const arrivals = new Arrivals(SIZE)
  arrivals.reader()(ofSource(0, 5, 6, 9))
  assert.equal(arrivals.missing({ to: 12 }), 4)
  assert.equal(arrivals.missing({ from: 0, to: 12 }), 9)
  assert.equal(arrivals.missing({ source: 1, to: 12 }), 0)
})

test('a selection by time leaves out what came before', () => {
  const arrivals = new Arrivals(SIZE)
  const read = arrivals.reader()
  read(ofSource(0, 0, 1), 100)
  read(ofSource(0, 4), 250)
  assert.deepEqual(arrivals.sequences({ since: 200 }), new Set([4]))
  assert.equal(arrivals.missing({ since: 200, to: 6 }), 1)
  assert.equal(arrivals.firstAfter(200), 50)
  assert.equal(arrivals.firstAfter(300), undefined)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EchoedTopic } from '../../../src/core/bus/echoed-topic.ts'

const [A, B, C] = ['a', 'b', 'c'].map(text => Buffer.from(text)) as [Buffer, Buffer, Buffer]

function published(...frames: Buffer[]): EchoedTopic {
  const topic = new EchoedTopic()
  for (const frame of frames) topic.expect(frame)
  return topic
}

test('a topic is complete once all frames have come back and their count is announced', () => {
  const topic = published(A, B)
  topic.echo(A)
  topic.echo(B)
  assert.equal(topic.confirmed, 2)
  assert.equal(topic.complete, false, 'the same frames may have been another publisher’s')
  topic.announce(2)
  assert.equal(topic.complete, true)
})

test('equal messages count one by one', () => {
  const topic = published(A, A, A)
  topic.echo(A)
  topic.echo(A)
  topic.announce(3)
  assert.equal(topic.complete, true)
  assert.equal(topic.confirmed, 2)
})

test('the announcement after a lost message shows the loss, and later messages are recognized again', () => {
  const topic = published(A, B, C)
  topic.echo(A)
  assert.deepEqual(topic.announce(2), [B], 'the lost frame is settled')
  assert.deepEqual(topic.echo(C), [C])
  topic.announce(3)
  assert.equal(topic.complete, true)
  assert.equal(topic.confirmed, 2)
  assert.equal(topic.settled, 3)
})

test("another publisher's messages settle nothing", () => {
  const topic = published(B)
  assert.deepEqual(topic.echo(A), [])
  topic.echo(B)
  assert.deepEqual(topic.echo(B), [])
  topic.announce(1)
  assert.equal(topic.confirmed, 1)
  assert.equal(topic.complete, true)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { XSubSocket } from '../../../src/core/bus/carrier.ts'
import { ControlledFlow } from '../../../src/core/bus/controlled-flow.ts'
import { decodeFlow, encodeMark, encodeWait, FLOW_TOPIC } from '../../../src/core/bus/flow-message.ts'
import type { ForwardedTopic } from '../../../src/core/bus/forwarded-topic.ts'
import { MessageView } from '../../../src/core/bus/message-view.ts'

const MIB = 1024 ** 2
const TOPIC = Buffer.from('pass')

/** A proxy's side whose topics have no room before the test says so, and the answers that it gives. */
function controlled() {
  const answers: unknown[] = []
  const socket = {
    send: ({ prefix }: { prefix: Buffer }) => answers.push(prefix.toString()),
    answer: (_link: object, _topic: Buffer, frame: Buffer) => answers.push(decodeFlow(frame)),
  } as unknown as XSubSocket
  const flow = new ControlledFlow()
  flow.open(socket)
  const release: (() => void)[] = []
  const topic = {
    room: () => new Promise<void>(resolve => release.push(resolve)),
  } as unknown as ForwardedTopic
  const link = {}
  const wait = (bytes: number, from: object = link) =>
    flow.wait(MessageView.of(TOPIC, Buffer.alloc(bytes, 1)), topic, from)
  return { flow, answers, release, link, wait }
}

test('it returns each mark, and only messages of a publisher that has set one wait', () => {
  const { flow, answers, link, wait } = controlled()
  assert.deepEqual(answers, [FLOW_TOPIC.toString()])
  assert.equal(wait(1), undefined)
  assert.equal(flow.take(FLOW_TOPIC, encodeMark(3), link), true)
  assert.deepEqual(answers.at(-1), 3)
  assert.notEqual(wait(1), undefined)
  assert.equal(wait(1, {}), undefined)
  assert.deepEqual([flow.has(link), flow.has({})], [true, false])
  flow.leave(link)
  assert.deepEqual([flow.has(link), wait(1)], [false, undefined])
})

test('what is no mark is not taken', () => {
  const { flow, link } = controlled()
  const wait = encodeWait({ peer: 'a', bytes: 1, idleMs: 1, isPassedOver: false })
  for (const frame of [wait, Buffer.from('text'), Buffer.alloc(0)])
    assert.equal(flow.take(FLOW_TOPIC, frame, link), false)
  assert.equal(flow.take(Buffer.from('pass'), encodeMark(1), link), false)
  assert.equal(flow.has(link), false)
})

test('a message that waits is a copy, and 32 MiB of them wait at the most, or one', async () => {
  const { flow, release, link, wait } = controlled()
  flow.take(FLOW_TOPIC, encodeMark(1), link)
  const frame = Buffer.alloc(40 * MIB, 1)
  const topic = {
    room: () => new Promise<void>(resolve => release.push(resolve)),
  } as unknown as ForwardedTopic
  const large = flow.wait(MessageView.of(TOPIC, frame), topic, link)
  frame.fill(2)
  assert.equal(wait(1), undefined)
  release.shift()?.()
  const kept = await large
  assert.deepEqual([kept?.topic.toString(), kept?.frame[0], kept?.frameLength], ['pass', 1, 40 * MIB])
  const [first, second] = [wait(20 * MIB), wait(10 * MIB)]
  assert(first !== undefined && second !== undefined)
  assert.equal(wait(3 * MIB), undefined)
  for (const go of release.splice(0)) go()
  await Promise.all([first, second])
  assert.notEqual(wait(20 * MIB), undefined)
})

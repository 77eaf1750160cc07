import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { FlowControl } from '../../../src/core/bus/flow-control.ts'
import {
  decodeFlow,
  encodeMark,
  encodeWait,
  FLOW_TOPIC,
  type Wait,
} from '../../../src/core/bus/flow-message.ts'

const WAIT = { peer: '127.0.0.1:40312', bytes: 5, idleMs: 1_000, isPassedOver: false }

/** A publisher's side, the marks that it sends, and a proxy that offers flow control when the test says so. */
function controlling(t: TestContext, { asks = true } = {}) {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const marks: number[] = []
  const waits: Wait[] = []
  const state = { hasRoom: true, changes: 0 }
  const flow = new FlowControl({
    send: (topic, frame) => {
      assert(FLOW_TOPIC.equals(topic))
      const mark = decodeFlow(frame)
      assert(typeof mark === 'number')
      if (state.hasRoom) marks.push(mark)
      return state.hasRoom
    },
    onChange: () => {
      state.changes += 1
    },
  })
  t.after(() => flow.close())
  if (asks) flow.ask(wait => waits.push(wait))
  const offer = (subscribe = true) => flow.subscribed({ prefix: FLOW_TOPIC, subscribe })
  return { flow, marks, waits, state, offer }
}

test('it asks each proxy that offers flow control, and knows when that has taken all before a mark', t => {
  const { flow, marks, state, offer } = controlling(t)
  flow.subscribed({ prefix: Buffer.from('__groundwire__/search'), subscribe: true })
  flow.mark()
  assert.deepEqual([marks, flow.isTaken], [[], true])
  offer()
  assert.deepEqual([marks, flow.isTaken], [[1], false])
  flow.take(FLOW_TOPIC, encodeMark(1))
  assert.deepEqual([flow.isTaken, state.changes, flow.signs], [true, 1, 1])
  flow.mark()
  flow.take(FLOW_TOPIC, encodeMark(1))
  assert.equal(flow.isTaken, false)
  flow.take(FLOW_TOPIC, encodeMark(2))
  assert.equal(flow.isTaken, true)
  // The connection is lost: nothing comes back by it, and the next one is asked anew.
  flow.mark()
  offer(false)
  assert.equal(flow.isTaken, true)
  offer()
  assert.deepEqual([marks, flow.isTaken], [[1, 2, 3, 4], false])
})

test('a mark without room is sent once there is some', t => {
  const { flow, marks, state, offer } = controlling(t)
  state.hasRoom = false
  offer()
  flow.sendRest()
  assert.deepEqual(marks, [])
  state.hasRoom = true
  flow.sendRest()
  flow.sendRest()
  assert.deepEqual(marks, [1])
})

test('an offer that nobody stands by is waited for a second, and no longer', t => {
  const { flow, state, offer } = controlling(t)
  offer()
  t.mock.timers.tick(999)
  assert.equal(flow.isTaken, false)
  t.mock.timers.tick(1)
  assert.deepEqual([flow.isTaken, state.changes], [true, 1])
  // A proxy that is only late is one after all.
  flow.take(FLOW_TOPIC, encodeMark(1))
  flow.mark()
  assert.equal(flow.isTaken, false)
})

test('a wait is told, and any other message means nothing', t => {
  const { flow, waits, state, offer } = controlling(t)
  offer()
  flow.take(FLOW_TOPIC, encodeWait(WAIT))
  assert.deepEqual(waits, [WAIT])
  flow.take(FLOW_TOPIC, Buffer.from('no message'))
  flow.take(FLOW_TOPIC, encodeMark(7))
  flow.take(Buffer.from('telem'), encodeMark(1))
  assert.deepEqual([flow.isTaken, state.changes], [false, 0])
})

test('whoever does not ask for it says nothing', t => {
  const { flow, marks, offer } = controlling(t, { asks: false })
  offer()
  flow.mark()
  assert.deepEqual([marks, flow.isTaken], [[], true])
})

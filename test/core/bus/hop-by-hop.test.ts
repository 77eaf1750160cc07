// Compares the accounts of proxy and receivers with the messages really lost, on a bus in memory: with publishers, restarted
// proxies, subscribers that come and go or subscribe to the topic only at times, losses on each hop, and proxies without room
// for an account.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { runs } from '../../helpers/property.ts'
import { type Receiver, World } from './bus-in-memory.ts'

const who = fc.nat(2)
const few = fc.nat(20)
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('send' as const), who, messages: fc.nat(700), full: fc.nat(7) }),
  },
  fc.record({ do: fc.constant('break' as const), who, lost: few, isNoticed: fc.boolean() }),
  { weight: 2, arbitrary: fc.record({ do: fc.constant('reconnect' as const), who }) },
  fc.record({ do: fc.constant('notice' as const) }),
  fc.record({ do: fc.constant('join' as const), who }),
  fc.record({ do: fc.constant('part' as const), who, publisher: who, inFlight: few }),
  fc.record({ do: fc.constant('restart' as const), lost: few }),
  { weight: 2, arbitrary: fc.record({ do: fc.constant('state' as const), repeat: fc.boolean() }) },
  fc.record({ do: fc.constantFrom('hold' as const, 'deliver' as const, 'drop' as const), who }),
  fc.record({ do: fc.constant('clog' as const), receivers: fc.nat(7) }),
)

/** Events that make a topic's account a lower bound, so only few histories should have them. */
const interruption = fc.oneof(
  fc.record({ do: fc.constantFrom('subscribe' as const, 'unsubscribe' as const), who }),
  fc.record({ do: fc.constant('room' as const), hasRoom: fc.boolean() }),
  fc.record({ do: fc.constant('give up' as const) }),
)

type Step = typeof step | typeof interruption extends fc.Arbitrary<infer T> ? T : never

function run(world: World, steps: readonly Step[]): void {
  for (const step of steps) {
    const [publisher, receiver] = 'who' in step ? [world.publishers[step.who], world.receivers[step.who]] : []
    if (step.do === 'restart') world.restart(step.lost)
    else if (step.do === 'notice') world.noticeAll()
    else if (step.do === 'state') world.proxy.topic.state(step.repeat)
    else if (step.do === 'clog') world.clog(step.receivers)
    else if (step.do === 'give up') world.giveUp()
    else if (step.do === 'room') world.hasRoom = step.hasRoom
    else if (publisher === undefined || receiver === undefined) continue
    else if (step.do === 'send') world.send(publisher, step.messages, step.full)
    else if (step.do === 'break') world.breakLink(publisher, step.lost, step.isNoticed)
    else if (step.do === 'reconnect') world.reconnect(publisher)
    else if (step.do === 'join') world.join(receiver)
    else if (step.do === 'subscribe') world.subscribe(receiver)
    else if (step.do === 'unsubscribe') world.unsubscribe(receiver)
    else if (step.do === 'drop') world.drop(receiver)
    else if (step.do === 'hold') receiver.isHeld = true
    else if (step.do === 'deliver') {
      receiver.isHeld = false
      receiver.deliver()
    } else if (step.do === 'part')
      world.part(receiver, world.publishers[step.publisher] ?? publisher, step.inFlight)
    for (const { claimed, missed, arguable } of world.receivers)
      assert(claimed <= missed + arguable, `${claimed} claimed of ${missed} and ${arguable}`)
  }
}

/** Histories by which accounted receivers once claimed losses that they had not had, or missed some that they had. */
const FOUND: Step[][] = [
  // A publisher came by a connection that there was no room for, and its position was taken for known.
  [
    { do: 'break', who: 0, lost: 0, isNoticed: false },
    { do: 'room', hasRoom: false },
    { do: 'reconnect', who: 0 },
    { do: 'restart', lost: 0 },
  ],
  // A publisher that had left before the receiver came was back, and left again, while the receiver was away.
  [
    { do: 'break', who: 2, lost: 0, isNoticed: true },
    { do: 'join', who: 2 },
    { do: 'reconnect', who: 2 },
    { do: 'part', who: 2, publisher: 0, inFlight: 1 },
    { do: 'break', who: 2, lost: 1, isNoticed: false },
  ],
]

/** Compares the accounts of many histories with the real losses. @returns how many were exact, and how many of these had losses */
function hold(history: fc.Arbitrary<Step[]>): { exact: number; lossy: number } {
  const seen = { exact: 0, lossy: 0 }
  fc.assert(
    fc.property(history, steps => {
      const world = new World(3)
      world.join(world.receivers[0] as Receiver)
      run(world, steps)
      world.settle()
      for (const { account, claimed, missed, arguable, hasBegun } of world.receivers) {
        if (!hasBegun) continue
        const { state, lost } = account.toJSON()
        assert.equal(lost, claimed)
        assert(claimed <= missed + arguable, `${claimed} claimed of ${missed} and ${arguable}`)
        if (state !== 'accounted') continue
        assert(claimed >= missed, `${claimed} claimed of ${missed}`)
        seen.exact += 1
        if (missed > 0) seen.lossy += 1
      }
    }),
    { ...runs(1_000), examples: FOUND.map(steps => [steps]) },
  )
  return seen
}

test('whatever breaks, no receiver claims more than its losses, and an accounted one claims exactly those', () => {
  const { exact, lossy } = hold(fc.array(step, { maxLength: 60 }))
  assert(exact > 500 && lossy > 200, `only ${exact} accounts were exact, ${lossy} of them with losses`)
})

test('the same holds if a receiver subscribes only at times, or the proxy has no room for the account', () => {
  const steps = fc.oneof({ weight: 8, arbitrary: step }, { weight: 1, arbitrary: interruption })
  const { exact, lossy } = hold(fc.array(steps, { maxLength: 60 }))
  assert(exact > 200 && lossy > 100, `only ${exact} accounts were exact, ${lossy} of them with losses`)
})

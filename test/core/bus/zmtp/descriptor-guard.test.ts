import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import { test } from 'node:test'
import { setImmediate as immediate } from 'node:timers/promises'
import { DescriptorGuard } from '../../../../src/core/bus/zmtp/descriptor-guard.ts'

test('below the reserve nothing is taken in, which is said once, until connections are taken in again', async t => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const now = { limit: 200, open: 20 }
  const seen: string[] = []
  const guard = new DescriptorGuard(
    ({ type, limit }) => seen.push(`${type} ${limit}`),
    () => now,
  )
  t.after(() => guard.close())
  const bound = new EventEmitter()
  const listening = once(bound, 'listening')
  guard.add({
    suspend: () => seen.push('suspend'),
    resume: async () => {
      seen.push('resume')
      await listening
    },
  })
  for (; now.open < 167; now.open++) guard.accepted()
  assert.deepEqual(seen, [])
  for (; now.open < 170; now.open++) guard.accepted()
  assert.deepEqual(seen, ['suspend', 'short 200'])
  t.mock.timers.tick(5_000)
  now.open = 165
  t.mock.timers.tick(5_000)
  assert.equal(seen.length, 2)
  now.open = 100
  t.mock.timers.tick(500)
  await immediate()
  assert.deepEqual(seen.slice(2), ['resume'])
  bound.emit('listening')
  await immediate()
  assert.deepEqual(seen.slice(3), ['enough 200'])
})

test('where the system does not tell, it is not asked again', t => {
  let asked = 0
  const guard = new DescriptorGuard(
    () => assert.fail('it can tell nothing'),
    () => {
      asked += 1
      return undefined
    },
  )
  t.after(() => guard.close())
  for (let i = 0; i < 1_000; i++) guard.accepted()
  assert.equal(asked, 1)
})

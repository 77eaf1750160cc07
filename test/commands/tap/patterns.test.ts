import assert from 'node:assert/strict'
import { test } from 'node:test'
import { patternWarnings } from '../../../src/commands/shared/selection.ts'
import { ready } from '../../helpers/groundwire.ts'
import { localBus, send } from '../../helpers/local-bus.ts'

const PREFIXES = [
  ['sat1/#', 'sat1/'],
  ['sat1/*', 'sat1/'],
  ['sat1.>', 'sat1.'],
  ['sat1.*.temp', 'sat1.'],
  ['sat1/+/temp', 'sat1/'],
  ['sat*', 'sat'],
] as const

for (const [name, start] of PREFIXES) {
  test(`'${name}' is answered with --prefix ${start}`, () => {
    for (const selection of [
      { topics: ['telem', name], prefix: [] },
      { topics: [], prefix: [name] },
    ]) {
      assert.deepEqual(patternWarnings(selection), [
        `'${name}' is taken as it stands, as there are no wildcards here; --prefix ${start} takes every topic that begins with '${start}'`,
      ])
    }
  })
}

for (const name of ['#', '*', '>', '+/x']) {
  test(`'${name}' is answered with no TOPIC at all`, () => {
    const [warning = ''] = patternWarnings({ topics: [name], prefix: [] })
    assert.match(
      warning,
      /is taken as it stands, as there are no wildcards here; without TOPIC, tap takes every topic$/,
    )
  })
}

test('topics that only have such characters in them are no patterns', () => {
  const topics = ['telem', 'a#b', 'C#', 'a+b', 'a>b', 'sat1/telem', '__commands__', 'a*b', '->']
  assert.deepEqual(patternWarnings({ topics, prefix: ['sat1/', 'sat1.'] }), [])
})

test('tap and udp-out say so, and take the topic as it stands', async t => {
  const bus = await localBus(t)
  for (const line of ['tap sat1/# -c 1 -f text', 'udp-out sat1/# --to 127.0.0.1:9']) {
    const run = await ready(t, bus, line)
    assert.match(
      run.stderr,
      /^\S+: warning: 'sat1\/#' is taken as it stands.* --prefix sat1\/ takes every topic/m,
    )
    if (line.startsWith('udp-out')) {
      assert.equal((await run.stop()).code, 0)
      continue
    }
    await send(bus, [
      ['sat1/#', 'literally'],
      ['sat1/telem', 'no'],
    ])
    const { code, stdout } = await run.exit
    assert.equal(stdout.toString(), 'literally\n')
    assert.equal(code, 0)
  }
})

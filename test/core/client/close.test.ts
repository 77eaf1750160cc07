import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { PROJECT } from '../../../scripts/project.ts'
import { PortInputClient } from '../../../src/core/client/port-input-client.ts'
import { PortOutputClient } from '../../../src/core/client/port-output-client.ts'
import { ZMQClient } from '../../../src/core/client/zmq-client.ts'
import { ZMQInputClient } from '../../../src/core/client/zmq-input-client.ts'
import { startBroker } from '../../helpers/broker.ts'
import { PATIENCE_MS, Run } from '../../helpers/groundwire.ts'
import { assertBalanced } from '../../helpers/ledger.ts'

const ROLES: Readonly<Record<string, (bus: { xsub: string; xpub: string }) => ZMQClient>> = {
  ZMQClient: ({ xsub }) => new ZMQClient({ xsub }),
  ZMQInputClient: ({ xsub, xpub }) => new ZMQInputClient({ xsub, xpub }),
  PortInputClient: ({ xsub }) => new PortInputClient({ xsub, input: 0 }),
  PortOutputClient: ({ xpub }) => new PortOutputClient({ xpub, output: 9 }),
}

for (const [name, make] of Object.entries(ROLES)) {
  test(`${name} is closed as often as one likes, and by the end of its block`, async t => {
    const bus = await startBroker(t)
    let kept: ZMQClient
    {
      await using role = make(bus)
      kept = role
      assert.equal(role.name, name)
      await role.start()
      await role.connected({ signal: AbortSignal.timeout(PATIENCE_MS) })
      assert.equal(role.isConnected, true)
    }
    assert(kept.ledger.stopped)
    const { stopped } = kept.ledger
    await kept.close()
    await kept.close()
    assert.equal(kept.ledger.stopped, stopped)
  })

  test(`${name} is closed without having been started`, async () => {
    const role = make({ xsub: 'tcp://127.0.0.1:1', xpub: 'tcp://127.0.0.1:1' })
    await role.close()
  })
}

test('what is published after the end is refused, and does not look like a full queue', async t => {
  const bus = await startBroker(t)
  const role = new ZMQClient({ xsub: bus.xsub, name: 'late' })
  await role.start()
  await role.close()
  assert.throws(() => role.publish('too late'), { code: 'CLOSED', message: 'late is closed' })
  assert.equal(role.ledger.totalLost, 0)
  assertBalanced(role.ledger)
})

test('what is queued when a role is closed is counted', async () => {
  const role = new ZMQClient({ xsub: 'tcp://127.0.0.1:1', name: 'early' })
  await role.start()
  role.publish('one')
  role.publish('two')
  await role.close()
  assert.equal(role.ledger.lost('undeliverable'), 2)
  assertBalanced(role.ledger)
})

for (const end of ['await role.close()', '']) {
  test(`a process ends by itself ${end === '' ? 'when asked to with its sockets open' : 'once its roles are closed'}`, async t => {
    const { xsub, xpub } = await startBroker(t)
    const script = `
      import { ZMQInputClient } from '${pathToFileURL(path.join(PROJECT, 'dist/index.js')).href}'
      const role = new ZMQInputClient({ xsub: '${xsub}', xpub: '${xpub}' })
      await role.start()
      await role.connected()
      ${end === '' ? 'process.exit(7)' : `${end}; process.exitCode = 7`}`
    const { code, stderr } = await new Run(t, process.execPath, ['--input-type=module', '-e', script]).exit
    assert.equal(stderr, '')
    assert.equal(code, 7)
  })
}

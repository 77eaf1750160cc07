import assert from 'node:assert/strict'
import { statSync } from 'node:fs'
import { test } from 'node:test'
import { connectionOf } from '../../helpers/books.ts'
import { groundwire, ready, startProxy } from '../../helpers/groundwire.ts'
import { closedLedger, lossesOf, readLedger } from '../../helpers/ledger.ts'
import { eventually } from '../../helpers/spawned.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'
import { receiveUdp } from '../../helpers/udp.ts'

const MESSAGES = 40_000
const SIZE = 1_000

test('a file at full speed waits for a tap whose reader stops: no tap misses a message, and the books of udp-out balance', async t => {
  const bus = await startProxy(t)
  const folder = temporaryFolder(t)
  const books = (name: string) => folder.path(`${name}.json`)
  const lines = folder.write('lines', `${'x'.repeat(SIZE)}\n`.repeat(MESSAGES))
  const tapped = folder.path('tapped')
  const file = await ready(t, bus, `tap telem -f raw -o ${tapped} --ledger ${books('file')}`)
  const piped = await ready(t, bus, `tap telem -f raw --ledger ${books('piped')}`)
  piped.process.stdout.removeAllListeners('data').pause()
  const { port } = await receiveUdp(t)
  const out = await ready(t, bus, `udp-out telem --to 127.0.0.1:${port} --ledger ${books('out')}`)

  const publish = groundwire(t, `publish telem --split lines --file ${lines}`, { env: bus.env })
  const [, address] = await publish.untilStderr(/waiting for the subscriber at (\S+): it takes nothing/)
  assert.equal(address, await connectionOf(piped, Number(/:(\d+)$/.exec(bus.xpub)?.[1])))
  let read = 0
  piped.process.stdout.on('data', (chunk: Buffer) => {
    read += chunk.length
  })
  piped.process.stdout.resume()
  const { code, stderr } = await publish.exit
  assert.equal(code, 0, stderr)
  await eventually(() => read === MESSAGES * SIZE, 'what the pipe brings')
  await eventually(() => statSync(tapped).size === MESSAGES * SIZE, 'what the file holds')
  await eventually(() => readLedger(books('out')).received.messages === MESSAGES, 'what udp-out takes')
  for (const run of [file, piped, out]) assert.equal((await run.stop()).code, 0)
  for (const name of ['file', 'piped']) {
    const ledger = closedLedger(books(name))
    assert.deepEqual([ledger.sent.messages, lossesOf(ledger)], [MESSAGES, {}])
  }
  const { received, lost } = closedLedger(books('out'))
  assert.deepEqual([received.messages, lost.bus], [MESSAGES, 0])
})

import assert from 'node:assert/strict'
import { Tuple } from '../../../src/core/wire/payload.ts'
import { type Check, put } from '../../helpers/examples.ts'
import { shell } from '../../helpers/groundwire.ts'
import { hear, localBus, send } from '../../helpers/local-bus.ts'
import { tool } from '../../helpers/peers.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'
import { receiveUdp } from '../../helpers/udp.ts'
import { wireVectors } from '../../helpers/wire-vectors.ts'
import { on } from './messages.ts'
import { record } from './recordings.ts'

const COMMAND = '182ac00000010500'

/** Examples with commands to the spacecraft, JSON, and what AIT puts on a bus. */
export const PAYLOAD_CHECKS: Readonly<Record<string, Check>> = {
  'groundwire tap __commands__ -c 1 &\ngroundwire publish __commands__ --hex "18 2a c0 00 00 01 05 00" --confirm':
    async (t, lines) => {
      const bus = await localBus(t)
      const { code, stdout, stderr } = await shell(t, lines, { env: bus.env }).exit
      assert.equal(code, 0, stderr)
      assert.match(stderr, /publish: confirmed: all that was sent has passed the proxy\n/)
      assert.match(stdout.toString(), new RegExp(`^\\S+ __commands__ 8 ${COMMAND}\n$`))
    },

  'groundwire publish __commands__ --hex "18 2a c0 00 00 01 05 00" --dry-run': async (t, line) => {
    const { code, stdout } = await shell(t, line).exit
    assert.equal(code, 0)
    const frames = stdout.toString().trim().split(/\s+/)
    assert.deepEqual(frames, [Buffer.from('__commands__').toString('hex'), `c408${COMMAND}`])
  },

  "groundwire tap -f json | jq -r '.topic'": async (t, line) => {
    if (!tool('jq')) return t.skip('jq is not installed')
    const { stdout } = await record(t, await localBus(t), line, [
      ['telem', Buffer.from([0])],
      ['events', 'up'],
    ])
    assert.equal(stdout.toString(), 'telem\nevents\n')
  },

  'groundwire tap --codec pickle -f json --xpub tcp://old:5560 | groundwire publish - -f json --xsub tcp://new:5559':
    async (t, line) => {
      const [old, fresh] = [await localBus(t), await localBus(t)]
      const pairs = wireVectors().flatMap(({ msgpack, pickle }) =>
        msgpack === undefined || pickle === undefined ? [] : [{ msgpack, pickle }],
      )
      const heard = await hear(t, fresh, 'telem')
      const run = shell(t, put(line, { 'tcp://old:5560': old.xpub, 'tcp://new:5559': fresh.xsub }))
      const pickles = pairs.map(({ pickle }) => Buffer.from(pickle, 'hex'))
      await send(old, on('telem', pickles), 'raw')
      const frames = (await heard.atLeast(pairs.length)).map(({ frame }) => frame.toString('hex'))
      assert.deepEqual(
        frames,
        pairs.map(({ msgpack }) => msgpack),
      )
      assert.equal((await run.stop()).code, 0)
    },

  'groundwire udp-out __tlmpkts__ --unwrap --to 127.0.0.1:3077': async (t, line) => {
    const [bus, receiver] = [await localBus(t), await receiveUdp(t)]
    const run = shell(t, put(line, { 3077: receiver.port }), { env: bus.env })
    await send(bus, on('__tlmpkts__', [new Tuple([7, Buffer.from('packet')])]))
    assert.deepEqual(await receiver.atLeast(1), [Buffer.from('packet')])
    assert.equal((await run.stop()).code, 0)
  },

  'groundwire publish __tlmpkts__ --uid 7 --file packet.bin': async (t, line) => {
    const [bus, folder] = [await localBus(t), temporaryFolder(t)]
    folder.write('packet.bin', 'packet')
    const heard = await hear(t, bus, '__tlmpkts__')
    const { code, stderr } = await shell(t, line, { env: bus.env, cwd: folder.path('.') }).exit
    assert.equal(code, 0, stderr)
    // AIT's msgpack: ext 1, an array of 7 and bytes.
    const [message] = await heard.atLeast(1)
    assert.equal(message?.frame.toString('hex'), 'c70a019207c4067061636b6574')
  },
}

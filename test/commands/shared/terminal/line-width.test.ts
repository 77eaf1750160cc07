import assert from 'node:assert/strict'
import { test } from 'node:test'
import { localBus, send } from '../../../helpers/local-bus.ts'
import { onTerminal } from '../../../helpers/on-terminal.ts'
import { tool } from '../../../helpers/peers.ts'

const COLOR = new RegExp(String.raw`${String.fromCharCode(27)}\[[\d;]*m`, 'g')
const PACKET = Buffer.concat([Buffer.from('082ac000009d', 'hex'), Buffer.alloc(158, 0xab)])

for (const columns of [80, 100]) {
  test(`on a terminal of ${columns} columns tap shows each packet in one row, with and without colours`, async t => {
    if (!tool('script')) return t.skip('script, of util-linux, is not installed')
    for (const options of ['', ' --no-color', ' --ccsds']) {
      const bus = await localBus(t)
      const shown = onTerminal(t, columns, `groundwire tap telem -c 2 -q${options}`, bus.env)
      const messages = [
        ['telem', PACKET],
        ['telem', { temperature: 21.5, note: 'x'.repeat(200) }],
      ] as const
      const exit = await Promise.all([shown, send(bus, messages)])
      assert(exit[0] !== undefined)
      const { code, stdout } = exit[0]
      assert.equal(code, 0, stdout.toString())
      const rows = stdout.toString().replaceAll(COLOR, '').trimEnd().split('\r\n')
      assert.equal(rows.length, 2)
      for (const row of rows) assert(row.length <= columns && row.length > columns - 12, row)
      assert(
        rows.every(row => /^\S+Z telem \d+ .*…\]?$/.test(row)),
        rows.join('\n'),
      )
    }
  })
}

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { localBus, send } from '../helpers/local-bus.ts'
import { onTerminal } from '../helpers/on-terminal.ts'

const PACKET = Buffer.concat([Buffer.from('082ac000009d', 'hex'), Buffer.alloc(158, 0xab)])

for (const columns of [80, 100]) {
  test(`on a terminal of ${columns} columns tap shows each packet in one row, with and without colours`, async t => {
    for (const options of ['', ' --no-color', ' --ccsds']) {
      const bus = await localBus(t)
      const shown = onTerminal(t, columns, `groundwire tap telem -c 2 -q${options}`, bus.env)
      const messages = [
        ['telem', PACKET],
        ['telem', { temperature: 21.5, note: 'x'.repeat(200) }],
      ] as const
      const exit = await Promise.all([shown, send(bus, messages)])
      if (exit[0] === undefined) return
      const { code, stdout } = exit[0]
      assert.equal(code, 0, stdout.toString())
      // oxlint-disable-next-line no-control-regex
      const rows = stdout
        .toString()
        .replaceAll(/\u001b\[[\d;]*m/g, '')
        .trimEnd()
        .split('\r\n')
      assert.equal(rows.length, 2)
      for (const row of rows) assert(row.length <= columns && row.length > columns - 12, row)
      assert(
        rows.every(row => /^\S+Z telem \d+ .*…\]?$/.test(row)),
        rows.join('\n'),
      )
    }
  })
}

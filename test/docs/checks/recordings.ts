import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import type { TestContext } from 'node:test'
import { PcapngWriter } from '../../../src/core/capture/pcapng-writer.ts'
import { readCapture } from '../../helpers/captures.ts'
import type { Check } from '../../helpers/examples.ts'
import { shell } from '../../helpers/groundwire.ts'
import { hear, type LocalBus, localBus, send, type Sent } from '../../helpers/local-bus.ts'
import { tool } from '../../helpers/peers.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'
import { on, received, telemetry } from './messages.ts'

/**
 * Runs a line that taps a bus, in a folder of its own, which it gives. It ends after as many messages as are sent, or
 * after `count`, unless the line says a number itself.
 */
export async function record(
  t: TestContext,
  bus: LocalBus,
  line: string,
  messages: readonly Sent[],
  count = messages.length,
) {
  const folder = temporaryFolder(t)
  const env = { ...bus.env, GROUNDWIRE_COUNT: String(count) }
  const run = shell(t, line, { env, cwd: folder.path('.') })
  await send(bus, messages)
  const { code, stdout, stderr } = await run.exit
  assert.equal(code, 0, stderr)
  return { ...folder, names: readdirSync(folder.path('.')), stdout }
}

/** Runs a line that publishes a file, and checks what comes of it. */
export async function playBack(
  t: TestContext,
  line: string,
  file: { name: string; content: Buffer | string },
  messages: readonly Sent[],
) {
  const [folder, bus] = [temporaryFolder(t), await localBus(t)]
  folder.write(file.name, file.content)
  const heard = await hear(t, bus)
  const { code, stdout, stderr } = await shell(t, line, { env: bus.env, cwd: folder.path('.') }).exit
  assert.equal(code, 0, stderr)
  assert.equal(stdout.length, 0)
  assert.deepEqual(received(await heard.atLeast(messages.length)), messages)
}

/** A capture such as tap writes. */
export function capture(messages: readonly (readonly [topic: string, data: Buffer])[]): Buffer {
  const writer = new PcapngWriter()
  const packets = messages.map(([topic, data], i) =>
    writer.message({ time: BigInt(i), topic, data, linkType: 147 }),
  )
  return Buffer.concat([writer.sectionHeader(), ...packets])
}

/** The messages of a capture, by topic and bytes. */
export function captured(bytes: Buffer): Sent[] {
  const { packets, error } = readCapture([bytes])
  assert.equal(error, undefined)
  return packets.map(({ topic, data }) => [topic, Buffer.from(data, 'hex')])
}

/** Examples that record what passes, and play it back. */
export const RECORDING_CHECKS: Readonly<Record<string, Check>> = {
  'groundwire tap telem -f raw > pass.tlm': async (t, line) => {
    const packets = telemetry(20)
    const recorded = await record(t, await localBus(t), line, on('telem', packets))
    assert.deepEqual(recorded.read('pass.tlm'), Buffer.concat(packets))
  },

  'groundwire tap -o pass.pcapng --rotate 10m': async (t, line) => {
    const messages = [...on('telem', telemetry(3)), ...on('events', [Buffer.from('up')])]
    const { names, ...recorded } = await record(t, await localBus(t), line, messages)
    assert.equal(names.length, 1)
    assert.match(names[0] ?? '', /^pass-.*\.pcapng$/)
    assert.deepEqual(captured(recorded.read(names[0] ?? '')), messages)
  },

  [`groundwire tap telem -f pcapng | tshark -l -r - -o 'uat:user_dlts:"User 0 (DLT=147)","ccsds","0","","0",""'`]:
    async (t, line) => {
      if (!tool('tshark')) return t.skip('tshark is not installed')
      const { stdout } = await record(t, await localBus(t), line, on('telem', telemetry(3)))
      const packets = stdout.toString().trimEnd().split('\n')
      assert.equal(packets.length, 3)
      for (const packet of packets) assert.match(packet, /CCSDS 64 APID +42 /)
    },

  'groundwire publish telem --split ccsds --file pass.tlm --rate 100': async (t, line) => {
    const packets = telemetry(20)
    await playBack(t, line, { name: 'pass.tlm', content: Buffer.concat(packets) }, on('telem', packets))
  },

  'groundwire publish - --file pass.pcapng': async (t, line) => {
    const messages = telemetry(20).map((packet, i) => [i % 2 === 0 ? 'telem' : 'events', packet] as const)
    await playBack(t, line, { name: 'pass.pcapng', content: capture(messages) }, messages)
  },
}

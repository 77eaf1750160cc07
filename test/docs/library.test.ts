import assert from 'node:assert/strict'
import { mkdirSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import type { TestContext } from 'node:test'
import { PROJECT } from '../../scripts/project.ts'
import { type Check, fencedBlocks, put, testExamples } from '../helpers/examples.ts'
import { Run } from '../helpers/groundwire.ts'
import { hear, localBus, send } from '../helpers/local-bus.ts'
import { temporaryFolder } from '../helpers/temporary.ts'
import { on, received } from './checks/messages.ts'

const TSC = path.join(PROJECT, 'node_modules/typescript/bin/tsc')

/** The blocks in TypeScript, by the class that they are about. */
const BLOCKS = new Map(
  fencedBlocks()
    .filter(({ language }) => language === 'ts')
    .map(({ text }) => [/class \w+/.exec(text)?.[0] ?? text, text]),
)

const reverser: Check = async (t, name) => {
  const bus = await localBus(t)
  const heard = await hear(t, bus, 'telem.reversed')
  const text = put(BLOCKS.get(name) ?? '', {
    'tcp://127.0.0.1:5559': bus.xsub,
    'tcp://127.0.0.1:5560': bus.xpub,
  })
  const run = await compileAndRun(t, text)
  await send(bus, on('telem', [Buffer.of(1, 2, 3), 'no bytes', Buffer.of(4, 5)]))
  const reversed = on('telem.reversed', [Buffer.of(3, 2, 1), Buffer.of(5, 4)])
  assert.deepEqual(received(await heard.atLeast(2)), reversed)
  const { code, stdout, stderr } = await run.stop()
  assert.equal(code, 0)
  assert.equal(stderr, '')
  const ledger = JSON.parse(stdout.toString()) as Record<string, unknown>
  assert.deepEqual(ledger['sent'], { messages: 2, bytes: 5 })
}

const marker: Check = async (t, name) => {
  const bus = await localBus(t)
  const heard = await hear(t, bus, 'Marker', 'log')
  const text = put(BLOCKS.get(name) ?? '', {
    'tcp://127.0.0.1:5559': bus.xsub,
    'tcp://127.0.0.1:5560': bus.xpub,
  })
  const run = await compileAndRun(t, text)
  await send(bus, on('telem', [Buffer.of(2, 3)]))
  assert.deepEqual(received(await heard.atLeast(2)), [
    ...on('Marker', [Buffer.of(1, 2, 3)]),
    ...on('log', ['marked one']),
  ])
  const { code, stderr } = await run.stop('SIGTERM')
  assert.equal(stderr, '')
  assert.equal(code, 0)
}

/** Checks a program's types as its author would, who has the package, and runs it. */
async function compileAndRun(t: TestContext, text: string): Promise<Run> {
  const folder = temporaryFolder(t)
  mkdirSync(folder.path('node_modules'))
  symlinkSync(PROJECT, folder.path('node_modules/groundwire'))
  folder.write('package.json', JSON.stringify({ type: 'module' }))
  folder.write('example.ts', text)
  const compilerOptions = {
    noEmit: false,
    outDir: 'out',
    rootDir: '.',
    skipLibCheck: false,
    typeRoots: [path.join(PROJECT, 'node_modules/@types')],
  }
  const extended = { extends: path.join(PROJECT, 'tsconfig.json'), compilerOptions, include: ['example.ts'] }
  folder.write('tsconfig.json', JSON.stringify(extended))
  const types = await new Run(t, process.execPath, [TSC, '-p', folder.path('.')]).exit
  assert.equal(types.stdout.toString(), '')
  assert.equal(types.code, 0)
  return new Run(t, process.execPath, [folder.path('out/example.js')])
}

testExamples('library', [...BLOCKS.keys()], { 'class Reverser': reverser, 'class Marker': marker })

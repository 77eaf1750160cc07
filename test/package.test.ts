import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import { PROJECT } from '../scripts/project.ts'
import { Run } from './helpers/groundwire.ts'
import { temporaryFolder } from './helpers/temporary.ts'

const TSC = path.join(PROJECT, 'node_modules/typescript/bin/tsc')

/** A user's subclass, compiled against the package alone. */
const SUBCLASS = `
import { ZMQInputClient, type Payload } from 'groundwire'

export class Alarm extends ZMQInputClient {
  override process(message: Payload, topic: string): void {
    if (message instanceof Uint8Array && message.length === 0) this.publish('empty: ' + topic, 'alarms')
  }
}

await using alarm = new Alarm({ topics: ['telem'], xsub: 'tcp://127.0.0.1:5559', maxMessage: 1_000 })
const name: string = alarm.name
// @ts-expect-error a name is text
const wrong: number = alarm.name
export { name, wrong }
`

/** Size limit of the package on a disk, in bytes. */
const MOST_BYTES = 1_400_000

test('the package has no source maps, whose sources it would lack, and what it needs', async t => {
  const pack = await new Run(t, 'npm', ['pack', '--ignore-scripts', '--dry-run', '--json'], { cwd: PROJECT })
    .exit
  assert.equal(pack.code, 0, pack.stderr)
  const [report] = JSON.parse(pack.stdout.toString()) as { files: { path: string }[]; unpackedSize: number }[]
  const paths = report?.files.map(({ path: name }) => name) ?? []
  for (const needed of ['dist/cli.js', 'dist/index.js', 'dist/index.d.ts', 'README.md', 'LICENSE'])
    assert(paths.includes(needed), needed)
  assert.deepEqual(
    paths.filter(name => !/^(dist\/.*\.(js|d\.ts)|docs\/.*|package\.json|[A-Z]+(\.md)?)$/.test(name)),
    [],
  )
  assert(report !== undefined && report.unpackedSize < MOST_BYTES, `${report?.unpackedSize} bytes`)
})

test('the package, installed into an empty folder, runs the demo and types a subclass', async t => {
  const folder = temporaryFolder(t)
  // The build exists. Building again would disturb other tests that use it.
  const pack = await new Run(
    t,
    'npm',
    ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder.path('.')],
    {
      cwd: PROJECT,
    },
  ).exit
  assert.equal(pack.code, 0, pack.stderr)
  folder.write('package.json', JSON.stringify({ name: 'station', private: true, type: 'module' }))
  const install = await new Run(
    t,
    'npm',
    ['install', '--prefer-offline', '--no-audit', '--no-fund', '--omit=dev', pack.stdout.toString().trim()],
    { cwd: folder.path('.') },
  ).exit
  assert.equal(install.code, 0, install.stderr)

  const demo = await new Run(t, 'npx', ['--no-install', 'groundwire', 'demo', '--duration', '1s'], {
    cwd: folder.path('.'),
  }).exit
  assert.equal(demo.code, 0, demo.stderr)
  assert.match(demo.stdout.toString(), /^(\S+ telem 64 [\da-f]+…\n)+$/)
  assert.match(demo.stderr, /demo: all \d+ packets that were sent arrived, byte for byte\n$/)

  folder.write('alarm.ts', SUBCLASS)
  const types = await new Run(
    t,
    process.execPath,
    [
      TSC,
      '--noEmit',
      '--strict',
      '--module',
      'nodenext',
      '--target',
      'es2023',
      '--lib',
      'es2023,esnext.disposable',
      '--types',
      'node',
      '--typeRoots',
      path.join(PROJECT, 'node_modules/@types'),
      'alarm.ts',
    ],
    { cwd: folder.path('.') },
  ).exit
  assert.equal(types.stdout.toString(), '')
  assert.equal(types.code, 0)
})

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { localBus } from '../../../helpers/local-bus.ts'
import { CLI, groundwire, ready, shell, startProxy } from '../../../helpers/groundwire.ts'
import { tool } from '../../../helpers/peers.ts'
import { spawnGroundwire, untilExists } from '../../../helpers/spawned.ts'
import { temporaryFolder } from '../../../helpers/temporary.ts'

for (const line of ['tap', 'tap --stats', 'publish x y --dry-run', 'demo', 'bench', '--help', 'tap --help']) {
  test(`a standard output that is closed is an error: groundwire ${line} >&-`, async t => {
    if (process.platform !== 'linux') return t.skip('only Linux tells')
    const { code, stdout, stderr } = await shell(t, `groundwire ${line} >&-`).exit
    assert.equal(code, 1)
    assert.equal(stdout.length, 0)
    assert.match(stderr, /^\S+: error: standard output is closed\n$/)
  })
}

test('/dev/null does not count as closed, whoever opens it; a closed output is no error without data to write', async t => {
  const [folder, proxy] = [temporaryFolder(t), await startProxy(t)]
  const publish = async () => {
    const words = 'publish telem hello'
    assert.equal((await groundwire(t, words, { env: proxy.env }).exit).code, 0)
  }
  const quiet = await ready(t, proxy, 'tap telem -c 2')
  const ignored = spawnGroundwire(
    t,
    `tap telem -c 1 --ledger ${folder.path('ledger.json')}`,
    ['ignore', 'ignore', 'ignore'],
    proxy.env,
  )
  const shells = shell(t, 'groundwire tap telem -c 1 > /dev/null', { env: proxy.env })
  const inherited = spawnGroundwire(
    t,
    'tap telem -c 1 --ledger /dev/null',
    ['ignore', 'ignore', 'pipe'],
    proxy.env,
  )
  const none = shell(t, 'groundwire tap telem -c 1 -f none >&-', { env: proxy.env })
  for (const run of [shells, none]) await run.untilStderr(/ready: /)
  await new Promise(resolve => inherited.process.stderr?.once('data', resolve))
  await untilExists(folder.path('ledger.json'))
  await publish()
  await publish()
  assert.equal((await shells.exit).code, 0)
  assert.equal((await none.exit).code, 0)
  assert.equal(await inherited.ended, 0)
  assert.equal((await quiet.exit).code, 0)
  ignored.process.kill('SIGTERM')
  assert.equal(await ignored.ended, 0)
})

for (const line of ['demo', 'publish x y --dry-run', '--help']) {
  test(`a standard output that is full is an error: groundwire ${line} > /dev/full`, async t => {
    const { code, stderr } = await shell(t, `groundwire ${line} > /dev/full`).exit
    assert.equal(code, 1)
    assert.match(stderr, /error: standard output can't be written: ENOSPC: no space left on device, write\n$/)
  })
}

test('raw and pcapng are not written to a terminal, unless --force says so', async t => {
  if (!tool('script')) return t.skip('script, of util-linux, is not installed')
  const folder = temporaryFolder(t)
  const proxy = await localBus(t)
  const onTerminal = (line: string) =>
    shell(t, `script -qec 'groundwire ${line} 2> ${folder.path('stderr')}' /dev/null`, { env: proxy.env })
      .exit
  for (const format of ['raw', 'pcapng']) {
    const { code, stdout } = await onTerminal(`tap telem -f ${format} -W 100ms`)
    assert.equal(code, 2)
    assert.equal(stdout.length, 0)
    assert.equal(
      folder.read('stderr').toString(),
      `tap: error: ${format} is binary, and standard output is a terminal (name a file with -o, or give it a pipe; --force writes it to the terminal)\n`,
    )
    for (const fine of [`-f ${format} --force`, `-f ${format} -o ${folder.path(format)}`, '-f hex'])
      assert.equal((await onTerminal(`tap telem ${fine} --duration 100ms`)).code, 0)
  }
  const { code } = await shell(t, 'groundwire tap telem -f raw --duration 100ms | cat', { env: proxy.env })
    .exit
  assert.equal(code, 0)
  assert.match(execFileSync(process.execPath, [CLI, 'tap', '--help'], { encoding: 'utf8' }), /--force/)
})

// What a command loads decides how soon it starts. Modules can be counted on any machine, where times can not.
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { CLI, ready, Run, type RunOptions, startProxy } from './helpers/groundwire.ts'
import { temporaryFolder } from './helpers/temporary.ts'

const HOOK = `
import { appendFileSync } from 'node:fs'
export async function load(url, context, next) {
  appendFileSync(process.env.LOADED_MODULES, url + '\\n')
  return next(url, context)
}`
const REGISTER = `import { register } from 'node:module'
register('data:text/javascript,' + ${JSON.stringify(encodeURIComponent(HOOK))})`

/** Runs a command line, to its end or until it is ready, and lists the modules that it loaded, each by its path. */
async function loadedBy(
  t: TestContext,
  args: readonly string[],
  options: RunOptions & { readonly untilReady?: boolean } = {},
) {
  const folder = temporaryFolder(t)
  const hook = folder.write('hook.mjs', REGISTER)
  const log = folder.path('modules')
  const env = { ...options.env, LOADED_MODULES: log }
  const run = new Run(t, process.execPath, ['--import', hook, CLI, ...args], { env })
  if (options.untilReady) {
    await run.untilStderr(/: ready: /)
    run.kill('SIGINT')
  }
  const { code, stderr } = await run.exit
  const urls = folder.read('modules').toString().trim().split('\n')
  const own = urls.flatMap(url => /\/dist\/(.*)\.js$/.exec(url)?.[1] ?? [])
  return {
    code,
    stderr,
    own,
    /** What the bus is made of is its own affair. */
    beyondBus: own.filter(name => !name.startsWith('core/bus/')),
    packages: urls.flatMap(url => /.*\/node_modules\/(.+)$/.exec(url)?.[1] ?? []),
  }
}

/** What reads a command line that is right, and ZeroMQ for the bus: the files of packages, a few at most. */
function assertNoYargs(packages: readonly string[]): void {
  const others = packages.filter(file => !/^(yargs-parser|zeromq)\//.test(file))
  assert.deepEqual(others, [])
  assert(packages.length <= 6, packages.join('\n'))
}

test('a help, and the version, load no package, no command and nothing of the bus', async t => {
  for (const line of [['--help'], ['tap', '--help'], ['--version']]) {
    const { code, own, packages } = await loadedBy(t, line)
    assert.equal(code, 0)
    assert.deepEqual(packages, [])
    assert(own.length <= 8, own.join('\n'))
  }
})

test('a wrong command line loads yargs, which says what is wrong, and only the command that it is of', async t => {
  const { code, own, packages } = await loadedBy(t, ['simulate', '--frob'])
  assert.equal(code, 2)
  assert(packages.some(file => file.startsWith('yargs/')))
  assert(own.includes('commands/simulate'))
  assert(!own.includes('commands/tap') && !own.includes('core/bus/publisher'), own.join('\n'))
})

test('publish loads what publishes: no other role, no capture, no pickle', async t => {
  const proxy = await startProxy(t)
  await ready(t, proxy, ['tap', 'telem', '-f', 'hex'])
  const { code, stderr, own, beyondBus, packages } = await loadedBy(t, ['publish', 'telem', 'hello'], {
    env: proxy.env,
  })
  assert.equal(code, 0, stderr)
  assertNoYargs(packages)
  const needless = own.filter(name =>
    /^core\/(capture|ccsds|bench)\/|pickle|subscriber|broker|commands\/(tap|proxy|udp|demo|bench)/.test(name),
  )
  assert.deepEqual(needless, [])
  assert(beyondBus.length <= 45, `${beyondBus.length}\n${beyondBus.join('\n')}`)
})

test('udp-in loads what listens and publishes', async t => {
  const proxy = await startProxy(t)
  const { code, stderr, own, beyondBus, packages } = await loadedBy(t, ['udp-in', '0', 'telem'], {
    env: proxy.env,
    untilReady: true,
  })
  assert.equal(code, 0, stderr)
  assertNoYargs(packages)
  const needless = own.filter(name =>
    /^core\/(capture|publish|tap|bench)\/|pickle|subscriber|broker|commands\/(tap|proxy|udp-out|demo|bench|publish)/.test(
      name,
    ),
  )
  assert.deepEqual(needless, [])
  assert(beyondBus.length <= 45, `${beyondBus.length}\n${beyondBus.join('\n')}`)
})

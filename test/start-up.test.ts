// The modules that a command loads decide how soon it starts. They can be counted on any machine; times can't be compared.
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

/** Runs a command line to its end or until it is ready, and lists the paths of the modules that it loaded. */
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
    packages: urls.flatMap(url => /.*\/node_modules\/(.+)$/.exec(url)?.[1] ?? []),
  }
}

/** A valid command line needs no package but the one that parses it, and the bus needs none. */
function assertNoYargs(packages: readonly string[]): void {
  const others = packages.filter(file => !file.startsWith('yargs-parser/'))
  assert.deepEqual(others, [])
  assert(packages.length <= 5, packages.join('\n'))
}

test('the version loads yargs-parser at the most, and no command', async t => {
  const { code, own, packages } = await loadedBy(t, ['--version'])
  assert.equal(code, 0)
  assertNoYargs(packages)
  assert(
    !own.some(name => /^commands\/(tap|publish|proxy|udp)|^core\/bus\/publisher/.test(name)),
    own.join('\n'),
  )
})

test('a help loads the command that it is of, and not what does its work', async t => {
  const { code, own } = await loadedBy(t, ['tap', '--help'])
  assert.equal(code, 0)
  assert(own.includes('commands/tap/index'))
  assert(
    !own.some(name => /^commands\/(publish|proxy|udp|tap\/run)|^core\/bus\/subscriber/.test(name)),
    own.join('\n'),
  )
})

test('a completion loads no yargs, and nothing of the bus where no topic is meant', async t => {
  const { code, own, packages } = await loadedBy(t, [
    '--complete',
    'bash',
    'groundwire',
    'tap',
    '--codec',
    '',
  ])
  assert.equal(code, 0)
  assertNoYargs(packages)
  assert(!own.includes('core/bus/subscriber'), own.join('\n'))
})

test('a wrong command line loads yargs, which says what is wrong, and only the command that it is of', async t => {
  const { code, own, packages } = await loadedBy(t, ['simulate', '--frob'])
  assert.equal(code, 2)
  assert(packages.some(file => file.startsWith('yargs/')))
  assert(own.includes('commands/simulate'))
  assert(!own.includes('commands/tap/index') && !own.includes('core/bus/publisher'), own.join('\n'))
})

test('publish loads what publishes: no other role, no capture, no pickle', async t => {
  const proxy = await startProxy(t)
  await ready(t, proxy, ['tap', 'telem', '-f', 'hex'])
  const { code, stderr, own, packages } = await loadedBy(t, ['publish', 'telem', 'hello'], {
    env: proxy.env,
  })
  assert.equal(code, 0, stderr)
  assertNoYargs(packages)
  const needless = own.filter(name =>
    /^core\/(capture|ccsds|bench)\/|pickle|subscriber|broker|commands\/(tap|proxy|udp|demo|bench)/.test(name),
  )
  assert.deepEqual(needless, [])
  assert(own.length <= 95, `${own.length}\n${own.join('\n')}`)
})

test('udp-in loads what listens and publishes', async t => {
  const proxy = await startProxy(t)
  const { code, stderr, own, packages } = await loadedBy(t, ['udp-in', '0', 'telem'], {
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
  assert(own.length <= 90, `${own.length}\n${own.join('\n')}`)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { complete } from '../../../../src/commands/shared/command-line/complete.ts'
import { commands } from '../../../../src/commands/index.ts'
import { groundwire, shell, type RunOptions } from '../../../helpers/groundwire.ts'
import { keepSending, localBus, type LocalBus } from '../../../helpers/local-bus.ts'
import { eventually } from '../../../helpers/spawned.ts'
import { unusedPort } from '../../../helpers/udp.ts'

async function wordsFor(line: string, env: NodeJS.ProcessEnv = {}): Promise<readonly string[] | 'files'> {
  const found = await complete(line.split(' '), env)
  return found === 'files' ? found : found.map(({ word }) => word)
}

for (const [line, words] of [
  ['ta', ['tap']],
  ['help ud', ['udp-in', 'udp-out']],
  ['help tap ', []],
  ['--', ['--help', '--version']],
  ['tap --codec ', ['auto', 'msgpack', 'pickle', 'raw']],
  ['tap --codec p', ['pickle']],
  ['tap --codec=p', ['--codec=pickle']],
  ['tap -qf j', ['json']],
  ['tap -f ', ['line', 'hexdump', 'hex', 'base64', 'text', 'raw', 'json', 'pcapng', 'none']],
  ['publish x --codec ', ['msgpack', 'raw']],
  ['publish x --split ', ['lines', 'nul', 'ccsds', 'none']],
  ['publish x --repeat ', ['forever']],
  ['proxy --carrier ', ['zmtp', 'libzmq']],
  ['simulate --rate m', ['max']],
  ['completion ', ['bash', 'zsh']],
  ['tap --count ', []],
  ['tap --fo', ['--format', '--force']],
  ['tap --force --fo', ['--format']],
  ['tap --no-', ['--no-color']],
  ['tap -c 1 --coun', []],
  ['tap --prefix a --prefi', ['--prefix']],
  ['tap -- --fo', []],
  ['frob ', []],
  ['tap --file=x --output ', 'files'],
  ['tap -o ', 'files'],
  ['tap --output=pa', 'files'],
  ['publish x --file ', 'files'],
  ['proxy --ledger ', 'files'],
] as const) {
  test(`'groundwire ${line}' is completed with ${words === 'files' ? words : words.join(' ') || 'nothing'}`, async () => {
    const found = await wordsFor(line, { GROUNDWIRE_XPUB: `tcp://127.0.0.1:${await unusedPort()}` })
    assert.deepEqual(found, words)
  })
}

test('every command and every option is offered, in its long form, and none twice', async () => {
  const names = Object.keys(commands)
  assert.deepEqual(await wordsFor(''), [...names, 'help'])
  for (const [name, { load }] of Object.entries(commands)) {
    const options = await wordsFor(`${name} -`)
    assert(options !== 'files')
    assert.equal(new Set(options).size, options.length)
    for (const option of options) assert.match(option, /^--[a-z][a-z\d-]+$/)
    for (const option of Object.keys((await load()).default.options))
      assert(options.includes(`--${option}`), option)
  }
})

/** Completes until a topic is there: a completion listens for a moment only, and the machine may be busy. */
async function untilOffered(line: string, env: NodeJS.ProcessEnv, topic: string): Promise<readonly string[]> {
  let words: readonly string[] | 'files' = []
  await eventually(async () => {
    words = await wordsFor(line, env)
    return words.includes(topic)
  }, topic)
  return words
}

async function flowing(t: Parameters<typeof localBus>[0], ...topics: string[]): Promise<LocalBus> {
  const bus = await localBus(t)
  for (const topic of topics) await keepSending(t, bus, topic)
  return bus
}

test('the topics that flow are offered for tap, udp-out and publish, and no other', {
  timeout: 60_000,
}, async t => {
  const bus = await flowing(t, 'sat1/telem', '__groundwire__/x', '-evil', 'two\nlines')
  for (const line of [
    'tap ',
    'udp-out sat',
    'publish ',
    'tap --prefix ',
    'tap --exclude sat1',
    'tap sat1/telem sat1',
  ]) {
    const words = await untilOffered(line, bus.env, 'sat1/telem')
    assert.deepEqual(words, ['sat1/telem'], line)
  }
  assert.deepEqual(await wordsFor('udp-out x --to ', bus.env), [])
})

test('--xpub on the line is listened to, and not the one of the environment', {
  timeout: 60_000,
}, async t => {
  const [bus, other] = [await flowing(t, 'here'), await flowing(t, 'there')]
  for (const option of [`--xpub ${bus.xpub}`, `--xpub=${bus.xpub}`]) {
    assert.deepEqual(await untilOffered(`tap ${option} `, other.env, 'here'), ['here'])
  }
})

test('without a proxy, or with a malformed URL, there is no topic and no word', async t => {
  const env = { GROUNDWIRE_XPUB: `tcp://127.0.0.1:${await unusedPort()}` }
  assert.deepEqual(await wordsFor('tap te', env), [])
  assert.deepEqual(await wordsFor('tap --xpub frob te', env), [])
  const run = await groundwire(t, ['--complete', 'bash', 'groundwire', 'tap', 'te'], { env }).exit
  assert.deepEqual([run.code, run.stdout.toString(), run.stderr], [0, 'words\n', ''])
})

test("yargs' own script gets words alone, and nothing where the name of a file is meant", async t => {
  const ask = async (...words: string[]) =>
    (await groundwire(t, ['--get-yargs-completions', 'groundwire', ...words]).exit).stdout.toString()
  assert.equal(await ask('tap', '--codec', ''), 'auto\nmsgpack\npickle\nraw\n')
  assert.equal((await ask('tap', '-o', '')).trim(), '')
})

/** Returns bash's completions of a line. `compopt` says that it completes with names of files. */
async function inBash(
  t: Parameters<typeof shell>[0],
  line: string,
  words: string,
  env: RunOptions['env'] = {},
) {
  const { code, stdout, stderr } = await shell(
    t,
    `eval "$(groundwire completion)"
complete -p groundwire > /dev/null || exit 9
compopt() { echo "$@"; }
COMP_LINE='${line}' COMP_POINT=\${#COMP_LINE} COMP_WORDS=(${words}) COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
_groundwire
printf '%s\\n' "\${COMPREPLY[@]}"`,
    { env: { SHELL: '/bin/bash', ...env } },
  ).exit
  assert.equal(stderr, '')
  assert.equal(code, 0)
  return stdout.toString().trim()
}

test('bash completes by the script, and puts together what it cut at = and :', async t => {
  assert.equal(await inBash(t, 'groundwire pro', 'groundwire pro'), 'proxy')
  assert.equal(await inBash(t, 'groundwire tap --codec p', 'groundwire tap --codec p'), 'pickle')
  assert.equal(await inBash(t, 'groundwire tap --codec=p', 'groundwire tap --codec = p'), 'pickle')
  assert.equal(
    await inBash(t, 'groundwire tap --codec=', 'groundwire tap --codec ='),
    'auto\nmsgpack\npickle\nraw',
  )
  assert.equal(await inBash(t, 'groundwire tap -o ', "groundwire tap -o ''"), '-o default')
})

test('bash completes topics, and what a shell would read in them it is given quoted', {
  timeout: 60_000,
}, async t => {
  const bus = await flowing(t, 'sat:1/$(id)')
  const ask = () =>
    inBash(
      t,
      `groundwire tap --xpub ${bus.xpub} sat:`,
      `groundwire tap --xpub tcp : //${bus.xpub.slice(6).replace(':', ' : ')} sat :`,
    )
  let offered = ''
  while (offered === '') offered = await ask()
  assert.equal(offered, '1/\\$\\(id\\)')
})

test('zsh gets a script of its own, with what each word means', async t => {
  for (const options of [{ env: { SHELL: '/usr/bin/zsh' } }, {}]) {
    const line = options.env === undefined ? 'completion zsh' : 'completion'
    const { code, stdout } = await groundwire(t, line, options).exit
    assert.match(stdout.toString(), /^#compdef groundwire\n[^]*compdef _groundwire groundwire\n/)
    assert.match(stdout.toString(), /groundwire --complete zsh "\$\{\(@\)words\[1,CURRENT\]\}"/)
    assert.equal(code, 0)
  }
  const { stdout } = await groundwire(t, ['--complete', 'zsh', 'groundwire', 'tap', '--led']).exit
  assert.match(stdout.toString(), /^words\n--ledger:write the ledger to this file.*\n$/)
})

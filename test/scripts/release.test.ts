import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { program } from '../../scripts/project.ts'
import { released } from '../../scripts/release.ts'
import { Run } from '../helpers/groundwire.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const CHANGELOG =
  '# Changelog\n\n## [Unreleased]\n\n### Added\n\n- A thing.\n\n## [0.1.0] - 2026-01-01\n\n- All.\n'

/** A project whose checks pass or fail, in a repository of its own, and a release of it. */
function project(t: TestContext, check: string) {
  const folder = temporaryFolder(t)
  const { file, execArgv } = program(path.join(import.meta.dirname, '../../scripts'), 'release')
  folder.write('package.json', JSON.stringify({ name: 'thing', version: '0.1.0', scripts: { check } }))
  folder.write('CHANGELOG.md', CHANGELOG)
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { cwd: folder.path('.') })
  git('init', '-q')
  git('add', '.')
  git('commit', '-qm', 'All')
  const release = (...args: string[]) =>
    new Run(t, process.execPath, [...execArgv, file, ...args], { cwd: folder.path('.') }).exit
  return { folder, release }
}

test("the unreleased part of the changelog becomes the version's, and a new one begins", () => {
  assert.equal(
    released(CHANGELOG, '0.2.0', '2026-02-03'),
    CHANGELOG.replace('## [Unreleased]\n', '## [Unreleased]\n\n## [0.2.0] - 2026-02-03\n'),
  )
  assert.throws(
    () => released('## [Unreleased]\n\n## [0.1.0] - 2026-01-01\n\n- All.\n', '0.2.0', '2026-02-03'),
    /nothing under \[Unreleased\]/,
  )
})

test('a release has its version in both places, is checked and packed', async t => {
  const { folder, release } = project(t, 'echo checked')
  const { code, stdout, stderr } = await release('0.2.0')
  assert.equal(code, 0, stderr)
  assert.match(stdout.toString(), /^checked$/m)
  assert.match(folder.read('package.json').toString(), /"version": ?"0\.2\.0"/)
  assert.match(folder.read('CHANGELOG.md').toString(), /^## \[0\.2\.0\] - \d{4}-\d\d-\d\d$/m)
  assert(folder.read('thing-0.2.0.tgz').length > 0)
})

test('a release with uncommitted changes, without a version, or whose checks fail is refused', async t => {
  const { folder, release } = project(t, 'exit 3')
  const wrong = await release('next')
  assert.deepEqual([wrong.code, wrong.stderr], [1, "release: 'next' is not a version such as 1.2.3\n"])
  const failed = await release('0.2.0')
  assert.equal(failed.code, 1)
  assert.match(failed.stderr, /release: 'npm run check' failed/)
  const dirty = await release('0.2.0')
  assert.equal(dirty.code, 1)
  assert.match(
    dirty.stderr,
    /^release: commit or remove these changes first:\n M CHANGELOG\.md\n M package\.json\n$/,
  )
  assert.throws(() => folder.read('thing-0.2.0.tgz'), { code: 'ENOENT' })
})

/**
 * Makes a release: `npm run release -- VERSION`. It sets the version, gives the changelog's unreleased part its heading, runs all checks
 * and packs the package. To commit, tag and publish it is left to whoever releases.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import process from 'node:process'

const UNRELEASED = '## [Unreleased]\n'

/** Returns a changelog whose unreleased part has become that of a version. @throws {Error} where nothing is unreleased */
export function released(changelog: string, version: string, day: string): string {
  const at = changelog.indexOf(UNRELEASED)
  const after = changelog.slice(at + UNRELEASED.length)
  const part = after.split(/^## /m, 1)[0] ?? ''
  if (at < 0 || part.trim() === '') throw new Error('the changelog says nothing under [Unreleased]')
  return `${changelog.slice(0, at)}${UNRELEASED}\n## [${version}] - ${day}\n${after}`
}

function main([version = '']: readonly string[]): void {
  if (!/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
    throw new Error(`'${version}' is not a version such as 1.2.3`)
  const changes = execFileSync('git', ['status', '--porcelain'], { encoding: 'utf8' })
  if (changes !== '') throw new Error(`commit or remove these changes first:\n${changes.trimEnd()}`)
  const changelog = released(
    readFileSync('CHANGELOG.md', 'utf8'),
    version,
    new Date().toISOString().slice(0, 10),
  )
  run('npm', 'version', '--no-git-tag-version', version)
  writeFileSync('CHANGELOG.md', changelog)
  run('npm', 'run', 'check')
  run('npm', 'pack')
  process.stdout.write(`${version} is packed: commit and tag it (v${version}), then publish the package\n`)
}

function run(program: string, ...args: readonly string[]): void {
  const { status } = spawnSync(program, args, { stdio: 'inherit' })
  if (status !== 0)
    throw new Error(`'${[program, ...args].join(' ')}' failed: 'git checkout .' takes back what was changed`)
}

if (process.argv[1] === import.meta.filename) {
  try {
    main(process.argv.slice(2))
  } catch (error) {
    process.stderr.write(`release: ${(error as Error).message}\n`)
    process.exitCode = 1
  }
}

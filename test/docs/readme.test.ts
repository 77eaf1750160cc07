import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readDocument } from '../helpers/examples.ts'

const README = readDocument('README.md')

/** Lines that a reader sees before scrolling. */
const FIRST_SCREEN = README.split('\n').slice(0, 45).join('\n')

/** The same as running text. */
const FIRST_WORDS = FIRST_SCREEN.replaceAll(/\s+/g, ' ')

test('the README has fewer than 1,600 words, tables and code included', () => {
  // As wc -w counts them.
  const words = README.split(/\s+/).filter(Boolean)
  assert(words.length < 1_600, `${words.length} words`)
})

test('the README goes from what it is to how to start, what it does, and its limits', () => {
  const headings = [...README.matchAll(/^#+ (.*)$/gm)].map(([, heading]) => heading)
  assert.deepEqual(headings, [
    'groundwire',
    'Try it',
    'Install',
    'Commands',
    'Recipes',
    'Nothing arrives?',
    'Losses',
    'Beside an AIT server',
    'The library',
    'Speed',
    'Limits',
  ])
})

test('the README has six recipes', () => {
  const recipes = sectionOf('Recipes').match(/^```sh$/gm) ?? []
  assert.equal(recipes.length, 6)
})

test('the first screen says what groundwire is, how to start, and what it must not be used for', () => {
  assert.match(FIRST_WORDS, /groundwire is a toolbox of single-purpose commands for .* ground systems\./)
  assert.match(FIRST_SCREEN, /──▶ udp-in ──▶/)
  assert.match(FIRST_SCREEN, /^npm ci && npm run demo$/m)
  assert.match(
    FIRST_WORDS,
    /\*\*Do not use it across a network that you don't trust\.\*\* The bus has no keys/,
  )
})

test('the first screen says which engine speaks by default, which on demand, and why', () => {
  assert.match(FIRST_WORDS, /speaks ZMTP, ZeroMQ's protocol, by itself: the package zeromq hands over/)
  assert.match(FIRST_WORDS, /`--carrier libzmq` has zeromq speak, on demand/)
})

test('the first limit is that a bus without keys must not leave the host', () => {
  assert.match(sectionOf('Limits'), /^Limits\n\n- A bus without keys must not leave the host\./)
})

function sectionOf(heading: string): string {
  return README.split(/^## /m).find(section => section.startsWith(`${heading}\n`)) ?? ''
}

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Check, fencedBlocks, testExamples } from '../helpers/examples.ts'
import { shell } from '../helpers/groundwire.ts'
import { temporaryFolder } from '../helpers/temporary.ts'
import { BUS_CHECKS } from './checks/bus.ts'
import { PAYLOAD_CHECKS } from './checks/payloads.ts'
import { RECORDING_CHECKS } from './checks/recordings.ts'

/** Blocks that are run by something else, as they take the repository itself. */
const RUN_ELSEWHERE: Readonly<Record<string, string>> = {
  'npm ci && npm run demo\nnpm ci && npm test': '.ci/run, from a fresh clone',
  'npm run build && npm install -g .': 'package.test.ts, as the package that npm makes',
}

const completion: Check = async (t, line) => {
  const env = { HOME: temporaryFolder(t).path('.'), SHELL: '/bin/bash' }
  assert.equal((await shell(t, line, { env }).exit).code, 0)
  // As bash does it at a Tab after 'groundwire pub'.
  const tab = `. ~/.bashrc; [[ $(complete -p groundwire) =~ -F\\ ([^ ]+) ]]
    COMP_WORDS=(groundwire pub) COMP_CWORD=1; "\${BASH_REMATCH[1]}"; echo "\${COMPREPLY[@]}"`
  assert.equal((await shell(t, tab, { env }).exit).stdout.toString(), 'publish\n')
}

testExamples('block', blocks('sh'), {
  ...Object.fromEntries(Object.keys(RUN_ELSEWHERE).map(text => [text, async () => {}])),
  'groundwire completion >> ~/.bashrc': completion,
  ...BUS_CHECKS,
  ...RECORDING_CHECKS,
  ...PAYLOAD_CHECKS,
})

test('there are no examples in another language than those that are run', () => {
  const others = fencedBlocks().filter(({ language }) => !['sh', 'ts', 'console'].includes(language))
  assert.deepEqual(others, [])
})

function blocks(wanted: string): string[] {
  return fencedBlocks().flatMap(({ language, text }) => (language === wanted ? [text] : []))
}

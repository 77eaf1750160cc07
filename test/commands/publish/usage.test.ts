import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runMain } from '../../helpers/run-main.ts'

for (const [words, says] of [
  [['telem', 'a', '--hex', '00'], 'MESSAGE and --hex are each a message: give one'],
  [['telem', '--text', 'a', '--file', 'b'], '--text and --file are each a message: give one'],
  [['telem', 'a', '--split', 'lines'], '--split is for an input, and MESSAGE is a message'],
  [['telem', '--hex', '00', '-f', 'json'], '--format is for an input, and --hex is a message'],
  [
    ['telem', '--split', 'lines', '-f', 'json'],
    '--split and --format both say where a message ends: give one',
  ],
  [
    ['-', 'a'],
    "TOPIC - stands for each message's own topic, which needs --format, or a file named .pcapng or .json",
  ],
  [['telem', 'a', '--rate', '1', '--interval', '1s'], '--rate and --interval both say how fast: give one'],
  [['telem', 'a', '--uid', '1', '--codec', 'raw'], '--uid makes a tuple, which --codec raw has no form for'],
  [['telem', '--hex', '00', '--expand'], '--expand is for text'],
  [
    ['telem', '--split', 'lines', '--repeat', '2'],
    "--repeat needs a file: standard input can't be read twice",
  ],
] as const) {
  test(`publish ${words.join(' ')}: exit 2`, async () => {
    const { code, stdout, stderr } = await runMain(['publish', ...words])
    assert.equal(code, 2)
    assert.equal(stdout, '')
    assert.equal(stderr, `publish: error: ${says} (see groundwire publish --help)\n`)
  })
}

for (const [words, says] of [
  [['telem', 'a', 'b'], /unexpected argument: b/],
  [['telem', '--', 'a', 'b'], /unexpected argument: b/],
  [['telem', '--hex', '0'], /--hex: '0' at character 1 has 1 digit, not two a byte/],
  [['telem', '--base64', 'A'], /--base64: 'A' is not base64/],
  [['telem', '--json', '{'], /--json: '\{' is not JSON/],
  [['telem', '--json', '{"$bytes":"!"}'], /--json: the value\.\$bytes is not base64/],
  [['telem', '--split', 'words'], /--split: 'words' is not one of lines, nul, ccsds and none, or a size/],
  [['telem', '--split', '0'], /--split: '0' is not one of/],
  [['telem', 'a', '--repeat', '0'], /--repeat: '0' is not a whole number of at least 1, or 'forever'/],
  [['telem', 'a', '--interval', '0s'], /--interval: '0s' is not a duration over 0/],
  [['telem', '--json', '1', '--codec', 'raw'], /cannot encode a payload of type integer as raw bytes/],
  [['telem', '--text', 'a', '--uid', '1'], /a packet uid goes with a payload of bytes only/],
  [
    ['telem', 'hello', '--max-message', '4'],
    /a message of 5 bytes is over the limit of 4 \(raise --max-message\)/,
  ],
] as const) {
  test(`publish ${words.join(' ')}: exit 2, and says why`, async () => {
    const { code, stdout, stderr } = await runMain(['publish', ...words])
    assert.equal(code, 2, stderr)
    assert.equal(stdout, '')
    assert.match(stderr, says)
  })
}

import { defineCommand } from '../shared/command-line/command.ts'
import { selectionArguments } from '../shared/selection.ts'
import { requireConsistent } from './check.ts'
import { tapOptions } from './options.ts'

export default defineCommand({
  arguments: selectionArguments,
  options: tapOptions,
  examples: [
    ['tap', 'a line for each message of every topic'],
    ['tap telem -f raw > pass.tlm', 'record the payloads of a topic, byte for byte'],
    ['tap telem -c 1 -W 5s', 'does telemetry flow? exit 0 if so, 4 if none came within 5 s'],
    ['tap -f json | jq .topic', 'messages as JSON, one a line'],
    ['tap --ccsds --apid 42', 'the packets of an APID, with their headers in words'],
    ['tap -F "%T %t %a/%q %x"', 'a line of your own'],
    ['tap -o pass.pcapng --rotate 10m', 'record for Wireshark, as the name says, a file every ten minutes'],
    ['tap telem --stats --duration 10s', 'rates, sizes, gaps and jitter of ten seconds'],
    ["tap telem --duration 10s -f none --expect 'rate 9..11' --expect no-gaps", 'a check that exits 0 or 4'],
  ],
  notes: `Without --format, the ending of the file's name gives the form: .pcapng, .json or .jsonl, .tlm or .bin (raw), .txt (line). A
TOPIC is exact, without wildcards: --prefix sat1/ takes every topic that begins with sat1/. Durations are 500ms, 5s, 2m, 1h, or
seconds.

line, hexdump and text are for the eye: they write control characters as \\xNN. hex, base64 and raw hold the payload's bytes;
a payload that is neither bytes nor text is undeliverable in them. json and pcapng lose nothing; in pcapng, bytes have link type
147, and the frame of any other payload has 148.

Filters leave messages out of everything, --every and --max-rate only out of the output. The ledger counts both as 'filtered',
which is no loss. The topics of --exclude are treated as not asked for.

The rate is that of the messages after the first; a silence at the end lowers it if it is longer than the mean interval. Jitter
is the standard deviation of the time between one message and the next. apid, size and payload hold for every message, or after
the word some, as in 'some payload~0x0801', for at least one. Without any message they fail. --expect is judged at every end.`,
  check: requireConsistent,
  async run(values, session) {
    // A help or a completion does not need this module.
    const { TapRun } = await import('./run.ts')
    return new TapRun(values, session).run()
  },
})

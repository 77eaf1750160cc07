// Sends numbered datagrams to a UDP port of its own host, and writes how many it has sent as JSON lines. SIGTERM ends it.
import { createSocket } from 'node:dgram'
import { parseArgs } from 'node:util'
import { writeHead } from './datagram.ts'

/** Datagrams sent in one turn: a source that was held up comes back to its rate without a flood. */
const MAX_BURST = 50
const REPORT_MS = 50

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '' },
    rate: { type: 'string', default: '' },
    size: { type: 'string', default: '' },
    source: { type: 'string', default: '0' },
    count: { type: 'string', default: 'Infinity' },
  },
})
const [port, rate, size] = [Number(values.port), Number(values.rate), Number(values.size)]
const [source, count] = [Number(values.source), Number(values.count)]

// An unconnected socket: nobody at the port is no error.
const socket = createSocket('udp4')
const started = performance.now()
let published = 0

const sending = setInterval(() => {
  const due = Math.min(count, Math.floor(((performance.now() - started) * rate) / 1000))
  for (const last = Math.min(due, published + MAX_BURST); published < last; published += 1) {
    const datagram = Buffer.alloc(size)
    writeHead(datagram, { source, sequence: published })
    socket.send(datagram, port, '127.0.0.1')
  }
  if (published === count) end()
}, 2)
const report = () => process.stdout.write(`${JSON.stringify({ published })}\n`)
const reporting = setInterval(report, REPORT_MS)

process.once('SIGTERM', end)

function end(): void {
  clearInterval(sending)
  clearInterval(reporting)
  process.removeListener('SIGTERM', end)
  report()
  socket.close()
}

// Sends numbered datagrams to a UDP port of its own host, and writes the number sent as JSON lines. SIGTERM ends it.
import { createSocket } from 'node:dgram'
import { parseArgs } from 'node:util'
import { writeHead } from './datagram.ts'

/** Most datagrams sent in one turn, so that a source that was held up returns to its rate without a flood. */
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

// The socket is not connected, so a port without a listener gives no error.
const socket = createSocket('udp4')
const started = performance.now()
/** The next sequence number, and the number of datagrams that the kernel has taken. */
let [next, published] = [0, 0]

const sending = setInterval(() => {
  const due = Math.min(count, Math.floor(((performance.now() - started) * rate) / 1000))
  for (const last = Math.min(due, next + MAX_BURST); next < last; next += 1) {
    const datagram = Buffer.alloc(size)
    writeHead(datagram, { source, sequence: next })
    socket.send(datagram, port, '127.0.0.1', error => {
      if (error) throw error
      published += 1
      if (isEnding || published === count) end()
    })
  }
}, 2)
const report = () => process.stdout.write(`${JSON.stringify({ published })}\n`)
const reporting = setInterval(report, REPORT_MS)

let isEnding = false

process.on('SIGTERM', end)

/** Ends the worker once the kernel has taken all datagrams. */
function end(): void {
  isEnding = true
  clearInterval(sending)
  if (published < next) return
  clearInterval(reporting)
  process.removeListener('SIGTERM', end)
  report()
  socket.close()
}

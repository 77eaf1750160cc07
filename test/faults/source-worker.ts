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
/** The next sequence number, and how many the kernel has taken. */
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

/** Ends it, once the kernel has taken all that was sent. */
function end(): void {
  isEnding = true
  clearInterval(sending)
  if (published < next) return
  clearInterval(reporting)
  process.removeListener('SIGTERM', end)
  report()
  socket.close()
}

// Copies each datagram that arrives at a UDP port to standard output. At SIGTERM, writes the number that its kernel
// dropped to standard error, as JSON.
import { createSocket } from 'node:dgram'
import { readSocketTable } from '../../src/core/linux/socket-table.ts'

/** Receive buffer to request, in bytes. The kernel limits it to net.core.rmem_max. */
const RECEIVE_BUFFER = 4 << 20

const port = Number(process.argv[2])
const socket = createSocket('udp4')
socket.on('message', datagram => process.stdout.write(datagram))
socket.bind(port, '127.0.0.1', () => {
  socket.setRecvBufferSize(RECEIVE_BUFFER)
  process.stderr.write('ready\n')
})

process.once('SIGTERM', () => {
  void readSocketTable('udp').then(table => {
    const dropped = table?.find(({ local }) => local.port === port)?.drops ?? 0
    process.stderr.write(`${JSON.stringify({ dropped })}\n`)
    socket.close()
  })
})

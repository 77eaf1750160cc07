// Copies each datagram that comes to a UDP port to standard output. At SIGTERM it says on standard error, as JSON, how
// many its kernel dropped in front of it.
import { createSocket } from 'node:dgram'
import { readSocketTable } from '../../src/core/linux/socket-table.ts'

/** Receive buffer to ask for, in bytes; the kernel limits it to net.core.rmem_max. */
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

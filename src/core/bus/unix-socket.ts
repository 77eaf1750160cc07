import { connect } from 'node:net'

/** Whether a program listens at the path of a Unix socket: a killed program leaves the socket's file behind. */
export function isServed(path: string): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect({ path })
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    // Any other error does not rule out a listener.
    socket.once('error', ({ code }: NodeJS.ErrnoException) =>
      resolve(code !== 'ECONNREFUSED' && code !== 'ENOENT'),
    )
  })
}

import { connect } from 'node:net'

/** Whether somebody listens at the path of a Unix socket: a socket's file stays behind where its program was killed. */
export function isServed(path: string): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect({ path })
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    // Somebody may be there, whatever else is wrong.
    socket.once('error', ({ code }: NodeJS.ErrnoException) =>
      resolve(code !== 'ECONNREFUSED' && code !== 'ENOENT'),
    )
  })
}

import { connect } from 'node:net'

/** Whether somebody listens at the path of a Unix socket: a socket's file stays behind where its program was killed. */
export function isServed(path: string): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect({ path })
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    // Whatever else is wrong, somebody may be there.
    socket.once('error', ({ code }: NodeJS.ErrnoException) =>
      resolve(code !== 'ECONNREFUSED' && code !== 'ENOENT'),
    )
  })
}

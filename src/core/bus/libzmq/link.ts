import type { Socket } from 'zeromq'
import { type LinkEvent, LinkState } from '../link.ts'

/** libzmq does not tell which: both end in a connection that is cut off before its handshake. */
const STRANGER = "it does not speak ZeroMQ (ZMTP 3), or it is the proxy's other side"

/** Delay until another attempt is made after a handshake that went wrong, in ms: twice as long each time, up to a limit. */
const REDIAL_MS = { first: 200, most: 5_000 } as const

/** Follows one socket that connects through its monitor events. After a handshake that went wrong libzmq gives up; we don't. */
export function followLink(socket: Socket, url: string, tell: (event: LinkEvent) => void): LinkState {
  const { events } = socket
  let wait: number = REDIAL_MS.first
  let timer: NodeJS.Timeout | undefined
  const redial = () => {
    wait = Math.min(2 * wait, REDIAL_MS.most)
    if (!socket.closed) connectAgain(socket, url)
  }
  const refuse = (reason: string) => {
    link.become('refused', { reason })
    clearTimeout(timer)
    timer = setTimeout(redial, wait).unref()
  }
  const link = new LinkState(url, tell)
  /** The last attempt ended before its handshake, by the other side's doing; its disconnect event is still to come. */
  let cutOff = false
  events.on('handshake', () => {
    clearTimeout(timer)
    wait = REDIAL_MS.first
    // libzmq does not tell a connection that was closed from one that fell silent: the latter takes more patience.
    link.become('connected', { afterSilence: link.state === 'lost' })
  })
  events.on('disconnect', () => {
    if (link.state === 'connected') link.become('lost')
    else if (!cutOff) refuse(STRANGER)
    cutOff = false
  })
  events.on('connect:retry', () => link.wait())
  events.on('handshake:error:protocol', () => refuse(STRANGER))
  events.on('handshake:error:auth', () => refuse('it does not admit us'))
  events.on('handshake:error:other', () => {
    // Somebody closes each connection: a tunnel, or a balancer, whose proxy is not there.
    cutOff = true
    link.wait()
  })
  return link
}

function connectAgain(socket: Socket, url: string): void {
  try {
    socket.disconnect(url)
  } catch {
    // libzmq has forgotten the address already.
  }
  socket.connect(url)
}

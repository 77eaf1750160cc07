import type { Socket } from 'zeromq'
import { type LinkEvent, LinkState } from '../link.ts'

/** Either fault cuts the connection off before its handshake, and libzmq does not tell which it was. */
const STRANGER = "it does not speak ZeroMQ (ZMTP 3), or it is the proxy's other side"

/** Wait before another attempt after a failed handshake, in ms: twice as long each time, from `first` up to `most`. */
const REDIAL_MS = { first: 200, most: 5_000 } as const

/** Follows a connecting socket by its monitor events. libzmq gives up after a failed handshake; this connects again. */
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
  /** The other side ended the last attempt before its handshake; the disconnect event is still to come. */
  let cutOff = false
  events.on('handshake', () => {
    clearTimeout(timer)
    wait = REDIAL_MS.first
    // libzmq does not tell a closed connection from a silent one: assume silence, which takes more patience.
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
    // A tunnel or balancer without its proxy accepts each connection and closes it.
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

import type { Socket } from 'zeromq'
import { type LinkEvent, LinkState } from '../link.ts'

/** libzmq does not tell which: both end in a connection that is cut off before its handshake. */
const STRANGER = "it does not speak ZeroMQ (ZMTP 3), or it is the proxy's other side"

/** Follows one socket that connects through its monitor events. */
export function followLink({ events }: Socket, url: string, tell: (event: LinkEvent) => void): LinkState {
  const link = new LinkState(url, tell)
  /** The last attempt ended before its handshake, by the other side's doing; its disconnect event is still to come. */
  let cutOff = false
  // libzmq does not tell a connection that was closed from one that fell silent: the latter takes more patience.
  events.on('handshake', () => link.become('connected', { afterSilence: link.state === 'lost' }))
  events.on('disconnect', () => {
    if (link.state === 'connected') link.become('lost')
    else if (!cutOff) link.become('refused', { reason: STRANGER })
    cutOff = false
  })
  events.on('connect:retry', () => link.wait())
  events.on('handshake:error:protocol', () => link.become('refused', { reason: STRANGER }))
  events.on('handshake:error:auth', () => link.become('refused', { reason: 'it does not admit us' }))
  events.on('handshake:error:other', () => {
    // Somebody closes each connection: a tunnel, or a balancer, whose proxy is not there.
    cutOff = true
    link.wait()
  })
  return link
}

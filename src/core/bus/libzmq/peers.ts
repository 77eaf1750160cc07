import type { Socket } from 'zeromq'
import type { PeerEvent } from '../carrier.ts'

/**
 * Follows the connections that come to a bound socket, and tells what becomes of them.
 *
 * A peer that does not speak ZMTP 3, or comes with a socket of the wrong type, is cut off by libzmq with a disconnect event and no
 * other. Events don't say which connection they are about, so it is told by the count of those whose handshake is not
 * done: where a peer leaves while another one is about to be refused, the two may be told in the other order.
 * @param expected what a peer has to be, in words
 */
export function followPeers(
  { events }: Pick<Socket, 'events'>,
  expected: string,
  tell: (event: PeerEvent) => void,
): void {
  /** Accepted, with the handshake still to come. */
  let greeting = 0
  /** Those of them whose end has been told, with the disconnect event still to come. */
  let ended = 0
  const stranger = `it is no ZeroMQ (ZMTP 3) ${expected}`
  const refuse = (endpoint: string, reason: string) => {
    ended += 1
    tell({ type: 'refused', endpoint, reason })
  }
  events.on('accept', () => {
    greeting += 1
  })
  events.on('handshake', ({ address }) => {
    greeting -= 1
    tell({ type: 'joined', endpoint: address })
  })
  events.on('handshake:error:protocol', ({ address }) => refuse(address, stranger))
  events.on('handshake:error:auth', ({ address }) => refuse(address, 'it is not admitted'))
  // A peer that meets a socket of the wrong type may be the first to see that, and hang up; so does a health check of the port.
  events.on('handshake:error:other', ({ address }) => refuse(address, `it left before it was a ${expected}`))
  events.on('disconnect', ({ address }) => {
    if (ended > 0) {
      ended -= 1
      greeting -= 1
    } else if (greeting > 0) {
      greeting -= 1
      tell({ type: 'refused', endpoint: address, reason: stranger })
    } else {
      tell({ type: 'left', endpoint: address })
    }
  })
}

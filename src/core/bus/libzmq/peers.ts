import type { Socket } from 'zeromq'
import type { PeerEvent } from '../carrier.ts'

/**
 * Follows the connections to a bound socket, and reports when a peer joins, leaves or is refused.
 *
 * libzmq cuts off a peer that does not speak ZMTP 3, or has a socket of the wrong type, with a disconnect event and no other.
 * Events don't name their connection, so a refusal is recognized by the count of unfinished handshakes: if one peer leaves
 * while another is about to be refused, the two may be reported in the other order.
 * @param expected the kind of peer that belongs here, in words: 'publisher'
 */
export function followPeers(
  { events }: Pick<Socket, 'events'>,
  expected: string,
  tell: (event: PeerEvent) => void,
): void {
  /** Accepted connections whose handshake is still to come. */
  let greeting = 0
  /** Those of them that were reported as refused, with the disconnect event still to come. */
  let ended = 0
  const stranger = `it is not a ZeroMQ (ZMTP 3) ${expected}`
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
  // A peer that sees a socket of the wrong type may hang up first. So does a health check of the port.
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

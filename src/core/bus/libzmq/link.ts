import type { Socket } from 'zeromq'
import { notAdmitted, NOT_ITS_KEY, UNREADABLE } from '../../security/denials.ts'
import { DENIED_MS, type LinkEvent, LinkState, SURE_HANG_UPS } from '../link.ts'

/** Either fault cuts the connection off before its handshake, and libzmq does not tell which it was. */
const STRANGER = "it does not speak ZeroMQ (ZMTP 3), or it is the proxy's other side"

/** Faults that lie in the keys, or in that one side has none. */
const DENIALS: Readonly<Record<string, { readonly withKeys: string; readonly without: string }>> = {
  ERR_ZMTP_MECHANISM_MISMATCH: {
    withKeys: 'it does not ask for keys (CURVE), and this side does',
    without: 'it asks for security, and this side has no keys',
  },
  ERR_ZMTP_CRYPTOGRAPHIC: { withKeys: NOT_ITS_KEY, without: STRANGER },
}

/** Wait before another attempt after a failed handshake, in ms: twice as long each time, from `first` up to `most`. */
const REDIAL_MS = { first: 200, most: 5_000 } as const

/**
 * Follows a connecting socket by its monitor events. libzmq gives up after a failed handshake; this connects again.
 * @param hasKeys whether the socket has keys
 */
export function followLink(
  socket: Socket,
  url: string,
  hasKeys: boolean,
  tell: (event: LinkEvent) => void,
): LinkState {
  const { events } = socket
  let wait: number = REDIAL_MS.first
  let timer: NodeJS.Timeout | undefined
  /** Times in a row that the other side hung up in the handshake. */
  let hangUps = 0
  const redial = (most: number) => {
    wait = Math.min(2 * wait, most)
    if (!socket.closed) connectAgain(socket, url)
  }
  const refuse = (reason: string, isDenied = false) => {
    link.become('refused', { reason, isDenied })
    clearTimeout(timer)
    const { first, most } = isDenied ? DENIED_MS : REDIAL_MS
    wait = Math.max(wait, first)
    timer = setTimeout(() => redial(most), wait).unref()
  }
  const link = new LinkState(url, tell)
  /** The other side ended the last attempt before its handshake; the disconnect event is still to come. */
  let cutOff = false
  events.on('handshake', () => {
    clearTimeout(timer)
    wait = REDIAL_MS.first
    hangUps = 0
    // libzmq does not tell a closed connection from a silent one: assume silence, which takes more patience.
    link.become('connected', { afterSilence: link.state === 'lost' })
  })
  events.on('disconnect', () => {
    if (link.state === 'connected') link.become('lost')
    else if (!cutOff) refuse(STRANGER)
    cutOff = false
  })
  events.on('connect:retry', () => link.wait())
  events.on('handshake:error:protocol', ({ error }) => {
    const denial = DENIALS[error.code]
    if (denial === undefined) refuse(STRANGER)
    else refuse(hasKeys ? denial.withKeys : denial.without, true)
  })
  events.on('handshake:error:auth', ({ error }) => refuse(notAdmitted(`${error.status}`), true))
  events.on('handshake:error:other', () => {
    // A tunnel or balancer without its proxy accepts each connection and closes it.
    cutOff = true
    hangUps += 1
    if (hasKeys && hangUps >= SURE_HANG_UPS) link.become('refused', { reason: UNREADABLE, isDenied: true })
    else link.wait()
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

// Why a client with keys is not let in, as far as it can tell: for either carrier.

/** The server hung up at our HELLO, each time. */
export const UNREADABLE = 'it hung up at our HELLO: the server key given here is probably not its own'

/** The server can't have the secret key of the public one that is given. */
export const NOT_ITS_KEY = 'its WELCOME was not made with the server key given here'

/** The server refuses our key, with a status of ZAP (RFC 27). */
export function notAdmitted(status: string): string {
  return `it does not admit our key (status ${status})`
}

import { once } from 'node:events'
import {
  GREETING_LENGTH,
  encodeProperties,
  greetingOf,
  type SocketType,
} from '../../src/core/bus/zmtp/handshake.ts'
import { clientIdentity, CurveClient } from '../../src/core/security/curve-client.ts'
import type { ClientKeys } from '../../src/core/security/keys.ts'
import { Sodium } from '../../src/core/security/sodium.ts'
import { SecureEnd, type Tamper } from '../helpers/secure-pair.ts'
import { HostilePeer } from './hostile-peer.ts'

/** A connection to a proxy with keys, by a client that has some, and may do to each of its writes what it likes. */
export class KeyedPeer {
  readonly peer: HostilePeer
  /** Its writes as they were before they were tampered with: the greeting, HELLO, INITIATE, and what was sealed. */
  readonly recorded: Buffer[] = []
  readonly #end: SecureEnd
  readonly #tamper: Tamper
  #greeted = 0
  #writes = 0

  private constructor(peer: HostilePeer, end: SecureEnd, tamper: Tamper) {
    this.peer = peer
    this.#end = end
    this.#tamper = tamper
  }

  /** Connects, and begins a handshake, which goes on by itself. */
  static async connect(
    url: string,
    keys: ClientKeys,
    type: SocketType,
    tamper: Tamper = write => [write],
  ): Promise<KeyedPeer> {
    const sodium = await Sodium.load()
    const identity = clientIdentity(sodium, keys)
    const end = new SecureEnd(new CurveClient(sodium, identity, encodeProperties(type)))
    const keyed = new KeyedPeer(await HostilePeer.connect(url), end, tamper)
    keyed.peer.socket.on('data', chunk => keyed.#onData(chunk))
    keyed.peer.socket.once('close', () => {
      end.stream.close()
      identity.secretKey.wipe()
    })
    keyed.#write(greetingOf('CURVE'))
    return keyed
  }

  get isOpen(): boolean {
    return this.#end.opened !== undefined
  }

  /** Resolves once the handshake is done, or the connection is over. */
  async untilOpen(): Promise<void> {
    while (!this.isOpen && !this.peer.isOver)
      await Promise.race([once(this.peer.socket, 'data'), once(this.peer.socket, 'close')])
  }

  /** Seals frames of ZMTP, and sends them. */
  send(frames: Buffer): void {
    this.#end.send(frames)
    this.#flush()
  }

  #onData(chunk: Buffer): void {
    const isGreeting = this.#greeted < GREETING_LENGTH
    const rest = chunk.subarray(Math.min(GREETING_LENGTH - this.#greeted, chunk.length))
    this.#greeted = Math.min(GREETING_LENGTH, this.#greeted + chunk.length)
    if (this.#greeted < GREETING_LENGTH) return
    if (isGreeting) this.#end.stream.begin()
    this.#end.stream.push(Buffer.from(rest))
    this.#flush()
  }

  #flush(): void {
    for (const write of this.#end.written.splice(0)) this.#write(write)
  }

  #write(bytes: Buffer): void {
    this.recorded.push(bytes)
    for (const each of this.#tamper(bytes, this.#writes++)) this.peer.socket.write(each)
  }
}

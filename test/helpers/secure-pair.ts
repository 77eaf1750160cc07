import { SecureStream } from '../../src/core/bus/zmtp/secure-stream.ts'
import { encodeProperties } from '../../src/core/bus/zmtp/handshake.ts'
import { clientIdentity, CurveClient } from '../../src/core/security/curve-client.ts'
import type { CurveRole, Opened } from '../../src/core/security/curve-role.ts'
import { CurveServer, ServerIdentity } from '../../src/core/security/curve-server.ts'
import type { AdmittedKey } from '../../src/core/security/keys.ts'
import { Sodium } from '../../src/core/security/sodium.ts'
import { type KeyPair, makeKeys } from './curve-keys.ts'

/** One end of a connection with keys, without a socket. */
export class SecureEnd {
  readonly stream: SecureStream
  /** What it has to say: each entry is one write. */
  readonly written: Buffer[] = []
  opened: Opened | undefined
  fault: string | undefined
  isDenied = false
  readonly #received: Buffer[] = []
  readonly #sent: Buffer[] = []
  #seal: ((frames: Buffer) => Buffer) | undefined

  constructor(role: CurveRole, maxFrame = 1024 * 1024) {
    this.stream = new SecureStream(
      role,
      {
        onHandshake: frame => this.written.push(frame),
        onOpened: (opened, seal) => {
          this.opened = opened
          this.#seal = seal
        },
        onFrames: pieces => this.#received.push(...pieces.map(piece => Buffer.from(piece))),
        onFault: ({ reason, isDenied = false }) => {
          this.fault = reason
          this.isDenied = isDenied
        },
      },
      { maxFrame, reassembly: undefined },
    )
  }

  /** Frames of ZMTP that have come. */
  get received(): Buffer {
    return Buffer.concat(this.#received)
  }

  /** Frames of ZMTP that it has sent. */
  get sent(): Buffer {
    return Buffer.concat(this.#sent)
  }

  /** Seals frames of ZMTP, and writes them, if it is open. */
  send(frames: Buffer): void {
    if (this.#seal === undefined || this.fault !== undefined) return
    this.written.push(Buffer.from(this.#seal(frames)))
    this.#sent.push(frames)
  }
}

/** The keys of both sides, and all that their connections share. */
export class SecureWorld {
  readonly sodium: Sodium
  readonly clientKeys: KeyPair
  readonly serverKeys: KeyPair
  readonly server: ServerIdentity
  readonly #client: ReturnType<typeof clientIdentity>

  private constructor(sodium: Sodium, clientKeys: KeyPair, serverKeys: KeyPair) {
    this.sodium = sodium
    this.clientKeys = clientKeys
    this.serverKeys = serverKeys
    const admit = (publicKey: Uint8Array): AdmittedKey | undefined =>
      clientKeys.publicKey.equals(publicKey) ? { name: 'client' } : undefined
    this.server = new ServerIdentity(sodium, { ...serverKeys, admit })
    this.#client = clientIdentity(sodium, { ...clientKeys, serverKey: serverKeys.publicKey })
  }

  static async make(): Promise<SecureWorld> {
    return new SecureWorld(await Sodium.load(), await makeKeys(), await makeKeys())
  }

  clientEnd(maxFrame?: number): SecureEnd {
    const end = new SecureEnd(new CurveClient(this.sodium, this.#client, encodeProperties('PUB')), maxFrame)
    end.stream.begin()
    return end
  }

  serverEnd(maxFrame?: number): SecureEnd {
    return new SecureEnd(new CurveServer(this.server, '127.0.0.1:4711', encodeProperties('XSUB')), maxFrame)
  }

  close(): void {
    this.server.close()
    this.#client.secretKey.wipe()
  }
}

/** Something done to one write on its way: what comes in its place. */
export type Tamper = (write: Buffer, number: number) => readonly Buffer[]

const honest: Tamper = write => [write]

/** Carries what the ends have written to each other until both have nothing more to say. */
export function carry(client: SecureEnd, server: SecureEnd, toServer = honest, toClient = honest): void {
  let [up, down] = [0, 0]
  while (client.written.length + server.written.length > 0) {
    for (const write of client.written.splice(0))
      for (const bytes of toServer(write, up++)) server.stream.push(Buffer.from(bytes))
    for (const write of server.written.splice(0))
      for (const bytes of toClient(write, down++)) client.stream.push(Buffer.from(bytes))
  }
}

/** A pair of ends that have agreed on their keys. */
export function openPair(world: SecureWorld, maxFrame?: number): { client: SecureEnd; server: SecureEnd } {
  const [client, server] = [world.clientEnd(maxFrame), world.serverEnd(maxFrame)]
  carry(client, server)
  return { client, server }
}

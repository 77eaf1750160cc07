// The functions of libsodium that CURVE needs. They work on libsodium's own memory, so that no secret has to leave it.
import sodium, { memzero, ready } from 'libsodium-wrappers'

/** Bytes of a key of any kind: public, secret, or shared. */
export const KEY_LENGTH = 32
/** Bytes by which a box is longer than what it holds. */
export const MAC_LENGTH = 16
export const NONCE_LENGTH = 24

/** The memory and the functions of libsodium's WebAssembly module, as far as they are used. A pointer is an offset in the memory. */
export interface Module {
  /** Another view after each allocation that has made the memory grow. */
  readonly HEAPU8: Uint8Array
  readonly _malloc: (length: number) => number
  readonly _free: (at: number) => void
  _randombytes_buf(at: number, length: number): void
  _crypto_box_keypair(publicKey: number, secretKey: number): number
  _crypto_box_beforenm(shared: number, publicKey: number, secretKey: number): number
  _crypto_scalarmult_base(publicKey: number, secretKey: number): number
  /** What crypto_box_easy_afternm is, too. A length has 64 bits, in two halves, the lower one first. */
  _crypto_secretbox_easy(
    box: number,
    plain: number,
    length: number,
    high: 0,
    nonce: number,
    key: number,
  ): number
  _crypto_secretbox_open_easy(
    plain: number,
    box: number,
    length: number,
    high: 0,
    nonce: number,
    key: number,
  ): number
}

/** libsodium's memory. */
interface Memory {
  readonly module: Module
  /** All of it, until the next allocation. */
  readonly heap: Buffer
}

/** Bytes in libsodium's memory. They are wiped when they are given back. */
export class Secret {
  readonly #memory: Memory
  readonly at: number
  readonly length: number
  #isWiped = false

  constructor(memory: Memory, length: number) {
    this.#memory = memory
    this.length = length
    this.at = memory.module._malloc(length)
    if (this.at === 0) throw new RangeError(`libsodium has no room for ${length} bytes`)
  }

  /** The bytes themselves, until the next allocation. */
  get bytes(): Buffer {
    return this.#memory.heap.subarray(this.at, this.at + this.length)
  }

  get isWiped(): boolean {
    return this.#isWiped
  }

  /** Overwrites the bytes, and gives them back. It may be called again. */
  wipe(): void {
    if (this.#isWiped) return
    this.#isWiped = true
    memzero(this.bytes)
    this.#memory.module._free(this.at)
  }
}

/** Bytes of ours, or in libsodium's memory. */
type Bytes = Uint8Array | Secret

/** Half of the space in which messages are sealed and opened, in bytes: a read of the system, or a batch, and what it grows by. */
export const HALF_SPACE = 128 * 1024

/** libsodium's boxes and keys. */
export class Sodium {
  static #loaded: Sodium | undefined
  readonly module: Module
  #heap: Buffer = Buffer.alloc(0)
  /** Space for messages, in two halves. All connections share it, and find nothing of theirs in it the next time. */
  readonly space: number

  private constructor(module: Module) {
    this.module = module
    this.space = new Secret(this, 2 * HALF_SPACE).at
  }

  /** Loads libsodium, once in a process. */
  static async load(): Promise<Sodium> {
    await ready
    Sodium.#loaded ??= new Sodium((sodium as unknown as { readonly libsodium: Module }).libsodium)
    return Sodium.#loaded
  }

  /** All of its memory, until the next allocation. */
  get heap(): Buffer {
    const { buffer } = this.module.HEAPU8
    if (this.#heap.buffer !== buffer) this.#heap = Buffer.from(buffer)
    return this.#heap
  }

  /** Copies bytes, one part behind the other, into a secret. */
  keep(...parts: readonly Bytes[]): Secret {
    const secret = new Secret(
      this,
      parts.reduce((sum, part) => sum + part.length, 0),
    )
    const { bytes } = secret
    let at = 0
    for (const part of parts) {
      // Taken only now: the allocation may have moved the memory.
      bytes.set(part instanceof Secret ? part.bytes : part, at)
      at += part.length
    }
    return secret
  }

  /** Copies a part of a secret into another. */
  part(secret: Secret, from: number, to: number): Secret {
    const part = new Secret(this, to - from)
    part.bytes.set(secret.bytes.subarray(from, to))
    return part
  }

  randomBytes(length: number): Buffer {
    return this.#make(length, into => this.module._randombytes_buf(into, length))
  }

  randomKey(): Secret {
    const key = new Secret(this, KEY_LENGTH)
    this.module._randombytes_buf(key.at, KEY_LENGTH)
    return key
  }

  /** Makes a pair of keys for boxes. */
  keyPair(): { readonly publicKey: Buffer; readonly secretKey: Secret } {
    const secretKey = new Secret(this, KEY_LENGTH)
    const publicKey = this.#make(KEY_LENGTH, into => this.module._crypto_box_keypair(into, secretKey.at))
    return { publicKey, secretKey }
  }

  publicKeyOf(secretKey: Secret): Buffer {
    return this.#make(KEY_LENGTH, into => this.module._crypto_scalarmult_base(into, secretKey.at))
  }

  /** The key of the boxes between two pairs of keys. Undefined for a public key that nobody can have made (one of low order). */
  sharedKey(publicKey: Uint8Array, secretKey: Secret): Secret | undefined {
    const theirs = this.keep(publicKey)
    const shared = new Secret(this, KEY_LENGTH)
    const failed = this.module._crypto_box_beforenm(shared.at, theirs.at, secretKey.at) !== 0
    theirs.wipe()
    if (!failed) return shared
    shared.wipe()
    return undefined
  }

  /** Seals bytes into a box: crypto_box with a shared key, crypto_secretbox with any other. */
  seal(plain: Bytes, nonce: Uint8Array, key: Secret): Buffer {
    const [from, numberOnce] = [this.keep(plain), this.keep(nonce)]
    const box = this.#make(plain.length + MAC_LENGTH, into =>
      this.module._crypto_secretbox_easy(into, from.at, from.length, 0, numberOnce.at, key.at),
    )
    from.wipe()
    numberOnce.wipe()
    return box
  }

  /** Opens a box. Undefined if it was not made with this nonce and key, or was changed since. Wipe what it held. */
  open(box: Uint8Array, nonce: Uint8Array, key: Secret): Secret | undefined {
    if (box.length < MAC_LENGTH) return undefined
    const [from, numberOnce] = [this.keep(box), this.keep(nonce)]
    const plain = new Secret(this, box.length - MAC_LENGTH)
    const failed =
      this.module._crypto_secretbox_open_easy(plain.at, from.at, from.length, 0, numberOnce.at, key.at) !== 0
    from.wipe()
    numberOnce.wipe()
    if (!failed) return plain
    plain.wipe()
    return undefined
  }

  /** Has libsodium write so many bytes, and takes them out of its memory. */
  #make(length: number, write: (into: number) => unknown): Buffer {
    const made = new Secret(this, length)
    write(made.at)
    const bytes = Buffer.from(made.bytes)
    made.wipe()
    return bytes
  }
}

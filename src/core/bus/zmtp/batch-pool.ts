/** Messages are gathered in buffers of this size, so that hundreds go to the system in one call. */
export const BATCH_BYTES = 64 * 1024
/** A batch begins in a buffer of this size: with hundreds of connections, most write a few messages in a turn. */
const SMALL_BYTES = 4 * 1024
/** Small buffers that are kept for further batches: 4 MiB. */
const SMALL_SPARES = 1024
/** Buffers that are kept for further batches, of all connections together: 2 MiB. */
const SPARES = 32
/** With more buffers in use than these, 8 MiB, further ones come out of slabs. */
const OWN = 128
/** The system has an allocation of more than 32 MiB back as soon as it is free (glibc's M_MMAP_THRESHOLD); 640 buffers. */
const SLAB_BYTES = 40 * 1024 ** 2

/**
 * The buffers of batches. A flood takes thousands of them, and a heap does not give back what it had for those: they are cut out
 * of slabs, each of which goes as soon as none of its buffers is in use.
 */
export class BatchPool {
  readonly #small: Buffer[] = []
  readonly #spares: Buffer[] = []
  readonly #slabs = new Map<ArrayBufferLike, Slab>()
  #own = 0

  /**
   * A buffer for a batch, of at least so many bytes: small, of {@link BATCH_BYTES}, or larger. Give it back, or each of its kind
   * will come out of a slab.
   */
  take(size: number): Buffer {
    if (size > BATCH_BYTES) return Buffer.allocUnsafeSlow(size)
    if (size <= SMALL_BYTES) return this.#small.pop() ?? Buffer.allocUnsafeSlow(SMALL_BYTES)
    const spare = this.#spares.pop()
    if (spare === undefined && this.#own >= OWN) return this.#takeFromSlab()
    this.#own += 1
    return spare ?? Buffer.allocUnsafeSlow(BATCH_BYTES)
  }

  /** Gives a buffer back, or what was filled of it, once nobody reads it any more. */
  give({ buffer, byteOffset }: Buffer): void {
    const slab = this.#slabs.get(buffer)
    if (slab !== undefined) {
      slab.free.push(byteOffset)
      if (slab.free.length === SLAB_BYTES / BATCH_BYTES) this.#slabs.delete(buffer)
    } else if (buffer.byteLength === BATCH_BYTES) {
      this.#own -= 1
      if (this.#spares.length < SPARES) this.#spares.push(Buffer.from(buffer))
    } else if (buffer.byteLength === SMALL_BYTES && this.#small.length < SMALL_SPARES)
      this.#small.push(Buffer.from(buffer))
  }

  /** Bytes of the slabs that are held. */
  get slabBytes(): number {
    return this.#slabs.size * SLAB_BYTES
  }

  #takeFromSlab(): Buffer {
    for (const slab of this.#slabs.values()) if (slab.free.length > 0) return takeFrom(slab)
    const bytes = Buffer.allocUnsafeSlow(SLAB_BYTES)
    const slab = { bytes, free: Array.from({ length: SLAB_BYTES / BATCH_BYTES }, (_, i) => i * BATCH_BYTES) }
    this.#slabs.set(bytes.buffer, slab)
    return takeFrom(slab)
  }
}

interface Slab {
  readonly bytes: Buffer
  /** Where those of its buffers begin that are not in use. */
  readonly free: number[]
}

function takeFrom({ bytes, free }: Slab): Buffer {
  const at = free.pop() ?? 0
  return bytes.subarray(at, at + BATCH_BYTES)
}

/** The pool of all connections of this process. */
export const batches = new BatchPool()

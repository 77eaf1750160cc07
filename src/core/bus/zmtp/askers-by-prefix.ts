import { type Place, PrefixTree } from '../prefix-tree.ts'

/** More prefixes than any topic has. */
const PREFIXES = 2 ** 11

const NOBODY: readonly never[] = []

/** Subscribers by the prefixes that they ask for. Each prefix is kept once, however many ask for it. */
export class AskersByPrefix<A extends object> {
  /** One subscriber, or the set of those that ask for the same prefix. */
  readonly #tree = new PrefixTree<A | Set<A>>()
  /** The version as of which somebody last began, or ceased, to ask for a prefix, by place. */
  #changedAt: number[] = []
  #version = 0

  /** Grows with every change. */
  get version(): number {
    return this.#version
  }

  /** Prefixes that somebody asks for. */
  get size(): number {
    return this.#tree.size
  }

  find(prefix: Buffer): Place | undefined {
    return this.#tree.find(prefix)
  }

  prefixAt(place: Place): Buffer {
    return this.#tree.prefixAt(place)
  }

  /** Adds a subscriber that does not ask for a prefix yet. @returns its place, which holds until nobody asks for it */
  add(prefix: Buffer, asker: A): Place {
    let place = this.#tree.find(prefix)
    const present = place === undefined ? undefined : this.#tree.get(place)
    if (place === undefined || present === undefined) place = this.#tree.set(prefix, asker)
    else if (present instanceof Set) present.add(asker)
    else this.#tree.replace(place, new Set([present, asker]))
    this.#changed(place)
    return place
  }

  /** Takes out a subscriber that asks for the prefix at a place. @returns the prefix, if nobody else asks for it */
  remove(place: Place, asker: A): Buffer | undefined {
    this.#changed(place)
    const present = this.#tree.get(place)
    if (present instanceof Set && present.size > 1) {
      present.delete(asker)
      return undefined
    }
    const prefix = this.#tree.prefixAt(place)
    this.#tree.remove(place)
    if (this.#tree.end < this.#changedAt.length) this.#changedAt.length = this.#tree.end
    return prefix
  }

  /** Those who ask for a topic, each once. @param from prefixes that have fewer bytes don't count */
  askersOf(topic: Buffer, from = 0): readonly A[] {
    const found: (A | Set<A>)[] = []
    this.#tree.some(topic, (present, length) => {
      if (length >= from) found.push(present)
      return false
    })
    const [first] = found
    if (first === undefined) return NOBODY
    if (found.length === 1) return first instanceof Set ? [...first] : [first]
    const all = new Set<A>()
    for (const present of found) {
      if (present instanceof Set) for (const asker of present) all.add(asker)
      else all.add(present)
    }
    return [...all]
  }

  /**
   * Identifies those who ask for a topic: it is another number after each change of a prefix of this topic, and the same after any
   * other change. A prefix that is gone makes their number smaller, and one that has changed is later than all before.
   */
  stateOf(topic: Buffer): number {
    let prefixes = 0
    let latest = 0
    this.#tree.some(topic, (_present, _length, place) => {
      prefixes += 1
      latest = Math.max(latest, this.#changedAt[place] as number)
      return false
    })
    return latest * PREFIXES + prefixes
  }

  #changed(place: Place): void {
    this.#version += 1
    this.#changedAt[place] = this.#version
  }
}

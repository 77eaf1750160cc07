import { PrefixNodes, ROOT } from './prefix-nodes.ts'

/** Number of a prefix in a tree. It stays the same until the prefix is removed. */
export type Place = number

/**
 * A map from prefixes of topics to values: a radix tree over bytes. Adding or removing a prefix takes time in proportion to its
 * length, and finding a topic's prefixes to the topic's length, for any number of prefixes. With 1,000,000, each takes some 50
 * bytes besides its value.
 */
export class PrefixTree<T> {
  readonly #nodes = new PrefixNodes()
  /** Values by place; undefined at a node that is only a fork. */
  #values: (T | undefined)[] = []
  #size = 0

  /** Prefixes in the tree. */
  get size(): number {
    return this.#size
  }

  /** Nodes of the tree, the root included: 1 in an empty tree. */
  get nodeCount(): number {
    return this.#nodes.count
  }

  /** One more than the highest place that may be in use: 1 in an empty tree. */
  get end(): Place {
    return this.#nodes.end
  }

  /** The place of a prefix, or undefined if the tree does not have it. */
  find(prefix: Uint8Array): Place | undefined {
    let node = ROOT
    for (let at = 0; at < prefix.length; at += this.#nodes.length(node)) {
      node = this.#step(node, prefix, at)
      if (node === ROOT) return undefined
    }
    return this.#values[node] === undefined ? undefined : node
  }

  has(prefix: Uint8Array): boolean {
    return this.find(prefix) !== undefined
  }

  get(place: Place): T | undefined {
    return this.#values[place]
  }

  /** Replaces the value at a place. */
  replace(place: Place, value: T & {}): void {
    this.#values[place] = value
  }

  /** Sets the value of a prefix. The prefix is copied. */
  set(prefix: Uint8Array, value: T & {}): Place {
    const place = this.#makePlace(prefix)
    if (this.#values[place] === undefined) this.#size += 1
    this.#values[place] = value
    return place
  }

  /** Removes a prefix, if it is in the tree. */
  delete(prefix: Uint8Array): boolean {
    const place = this.find(prefix)
    if (place !== undefined) this.remove(place)
    return place !== undefined
  }

  /** Removes the prefix at a place. */
  remove(place: Place): void {
    const nodes = this.#nodes
    this.#values[place] = undefined
    this.#size -= 1
    const parent = nodes.parent(place)
    if (place !== ROOT) {
      if (nodes.childCount(place) === 0) {
        nodes.remove(place)
        this.#bridge(parent)
      } else this.#bridge(place)
    }
    if (nodes.end < this.#values.length) this.#values.length = nodes.end
  }

  /** The prefix at a place, as a copy. */
  prefixAt(place: Place): Buffer {
    let length = 0
    for (let node = place; node !== ROOT; node = this.#nodes.parent(node)) length += this.#nodes.length(node)
    const prefix = Buffer.alloc(length)
    for (let node = place; node !== ROOT; node = this.#nodes.parent(node))
      length = this.#nodes.copyLabel(node, prefix, length)
    return prefix
  }

  /**
   * Goes through the prefixes of a topic, shortest first, until one is accepted.
   * @returns whether one was
   */
  some(topic: Uint8Array, accept: (value: T, length: number, place: Place) => boolean): boolean {
    let node = ROOT
    for (let at = 0; ; at += this.#nodes.length(node)) {
      const value = this.#values[node]
      if (value !== undefined && accept(value, at, node)) return true
      if (at >= topic.length) return false
      node = this.#step(node, topic, at)
      if (node === ROOT) return false
    }
  }

  /** The places of all prefixes. The prefix at the place yielded last may be removed. */
  *places(): Iterable<Place> {
    for (let place = 0; place < this.#values.length; place++)
      if (this.#values[place] !== undefined) yield place
  }

  /** The child whose whole label matches `bytes` from `at` on, or the root if there is none. */
  #step(node: number, bytes: Uint8Array, at: number): number {
    const child = this.#nodes.child(node, bytes[at] as number)
    return child === ROOT || this.#nodes.common(child, bytes, at) < this.#nodes.length(child) ? ROOT : child
  }

  #makePlace(prefix: Uint8Array): Place {
    const nodes = this.#nodes
    let node = ROOT
    for (let at = 0; at < prefix.length; ) {
      const child = nodes.child(node, prefix[at] as number)
      if (child === ROOT) return nodes.append(node, prefix, at)
      const common = nodes.common(child, prefix, at)
      node = common < nodes.length(child) ? nodes.split(child, common) : child
      at += common
    }
    return node
  }

  /** Removes a node that is neither the end of a prefix nor a fork. */
  #bridge(node: number): void {
    if (node === ROOT || this.#values[node] !== undefined || this.#nodes.childCount(node) !== 1) return
    this.#nodes.bridge(node)
  }
}

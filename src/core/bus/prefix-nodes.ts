/** Number of a tree's root, whose label is empty. As no child has this number, it also stands for 'no node'. */
export const ROOT = 0

// Fields of a node.
const PARENT = 0
const CHILD_COUNT = 1
/** All children, combined by exclusive or: a single child is stored as itself. */
const CHILDREN = 2
const LABEL_START = 3
const LABEL_LENGTH = 4
const FIELDS = 5
// Fields of a number that is free: its neighbours in the list of these.
const NEXT_FREE = PARENT
const PREVIOUS_FREE = CHILDREN

/** Initial room: nodes, bytes of labels, and edges (a power of 2). */
const FIRST = { nodes: 16, labels: 256, edges: 32 }
const GROWTH = 1.25
/** Highest share of used slots in the table of edges. */
const MAX_LOAD = 0.75
/** An array shrinks when it has this times the room that is needed. */
const TOO_LARGE = 4

/**
 * The nodes of a radix tree over bytes. Each has a label, the bytes that lead to it from its parent; siblings differ in the
 * first byte. Nodes are numbers, stored in typed arrays: a node takes some 30 bytes and those of its label.
 *
 * A hash of the parent and the first byte finds a child. It is seeded at random, so no choice of subscriptions makes a step
 * slow. The memory shrinks with the tree: nodes keep their numbers, so the fields stay up to the highest one.
 */
export class PrefixNodes {
  /** Nodes, the root included. */
  count = 1
  readonly #seed = Math.floor(Math.random() * 2 ** 32)
  #fields = new Int32Array(FIRST.nodes * FIELDS)
  /** One more than the highest node number in use. */
  #end = 1
  /** First of the free node numbers below that. */
  #free = ROOT
  #labels = new Uint8Array(FIRST.labels)
  #labelsEnd = 0
  /** Bytes of labels in use. */
  #labelBytes = 0
  /** Hash table with linear probing: children by parent and first byte. */
  #edges = new Int32Array(FIRST.edges)

  /** One more than the highest node number in use: 1 in an empty tree. */
  get end(): number {
    return this.#end
  }

  parent(node: number): number {
    return this.#get(node, PARENT)
  }

  length(node: number): number {
    return this.#get(node, LABEL_LENGTH)
  }

  childCount(node: number): number {
    return this.#get(node, CHILD_COUNT)
  }

  /** The child whose label begins with a byte, or {@link ROOT} if there is none. */
  child(parent: number, byte: number): number {
    return this.#edges[this.#slotOf(parent, byte)] as number
  }

  /** Number of leading bytes that a node's label shares with `bytes` from `at` on. */
  common(node: number, bytes: Uint8Array, at: number): number {
    const start = this.#get(node, LABEL_START)
    const most = Math.min(this.length(node), bytes.length - at)
    for (let i = 0; i < most; i++) if (this.#labels[start + i] !== bytes[at + i]) return i
    return most
  }

  /** Writes a node's label so that it ends before `end`. @returns its start */
  copyLabel(node: number, target: Uint8Array, end: number): number {
    const start = this.#get(node, LABEL_START)
    const at = end - this.length(node)
    target.set(this.#labels.subarray(start, start + this.length(node)), at)
    return at
  }

  /** Adds a child whose label is `bytes` from `at` on, at least one byte. */
  append(parent: number, bytes: Uint8Array, at: number): number {
    const length = bytes.length - at
    this.#makeLabelRoom(length)
    const start = this.#labelsEnd
    for (let i = 0; i < length; i++) this.#labels[start + i] = bytes[at + i] as number
    this.#labelsEnd += length
    this.#labelBytes += length
    const node = this.#take()
    this.#label(node, start, length)
    this.#link(parent, node)
    return node
  }

  /**
   * Splits a node's label: a new node takes the first `at` bytes, and becomes the parent of the old one, which keeps its number.
   * @param at less than the label's length
   * @returns the new node
   */
  split(node: number, at: number): number {
    const parent = this.parent(node)
    const [start, length] = [this.#get(node, LABEL_START), this.length(node)]
    const middle = this.#take()
    this.#unlink(node)
    this.#label(middle, start, at)
    this.#link(parent, middle)
    this.#label(node, start + at, length - at)
    this.#link(middle, node)
    return middle
  }

  /** Removes a node that has no children. */
  remove(node: number): void {
    this.#unlink(node)
    this.#labelBytes -= this.length(node)
    this.#giveBack(node)
  }

  /** Removes a node that has one child. The child takes its place, and keeps its own number. */
  bridge(node: number): void {
    const [parent, child] = [this.parent(node), this.#get(node, CHILDREN)]
    const [first, second] = [this.length(node), this.length(child)]
    this.#unlink(child)
    this.#unlink(node)
    // The parts of a label that was split still stand together.
    if (this.#get(node, LABEL_START) + first !== this.#get(child, LABEL_START)) {
      this.#makeLabelRoom(first + second)
      const end = this.#labelsEnd
      for (const one of [node, child]) {
        const start = this.#get(one, LABEL_START)
        this.#labels.copyWithin(this.#labelsEnd, start, start + this.length(one))
        this.#labelsEnd += this.length(one)
      }
      this.#label(node, end, first)
    }
    this.#label(child, this.#get(node, LABEL_START), first + second)
    this.#link(parent, child)
    this.#giveBack(node)
  }

  #get(node: number, field: number): number {
    return this.#fields[node * FIELDS + field] as number
  }

  #set(node: number, field: number, value: number): void {
    this.#fields[node * FIELDS + field] = value
  }

  #label(node: number, start: number, length: number): void {
    this.#set(node, LABEL_START, start)
    this.#set(node, LABEL_LENGTH, length)
  }

  #take(): number {
    let node = this.#free
    if (node !== ROOT) this.#unlinkFree(node)
    else {
      node = this.#end
      const capacity = this.#fields.length / FIELDS
      if (node === capacity) {
        const fields = new Int32Array(Math.ceil(capacity * GROWTH) * FIELDS)
        fields.set(this.#fields)
        this.#fields = fields
      }
      this.#end += 1
    }
    this.count += 1
    if (this.count > this.#edges.length * MAX_LOAD) this.#resizeEdges(this.#edges.length * 2)
    return node
  }

  #giveBack(node: number): void {
    this.#fields.fill(0, node * FIELDS, (node + 1) * FIELDS)
    this.count -= 1
    if (node < this.#end - 1) this.#linkFree(node)
    else for (this.#end -= 1; this.#isFree(this.#end - 1); this.#end -= 1) this.#unlinkFree(this.#end - 1)
    this.#shrink()
  }

  #isFree(node: number): boolean {
    return node !== ROOT && this.length(node) === 0
  }

  #linkFree(node: number): void {
    this.#set(node, NEXT_FREE, this.#free)
    if (this.#free !== ROOT) this.#set(this.#free, PREVIOUS_FREE, node)
    this.#free = node
  }

  #unlinkFree(node: number): void {
    const [next, previous] = [this.#get(node, NEXT_FREE), this.#get(node, PREVIOUS_FREE)]
    if (previous === ROOT) this.#free = next
    else this.#set(previous, NEXT_FREE, next)
    if (next !== ROOT) this.#set(next, PREVIOUS_FREE, previous)
    this.#set(node, NEXT_FREE, ROOT)
    this.#set(node, PREVIOUS_FREE, ROOT)
  }

  #shrink(): void {
    const nodes = Math.max(this.#end, FIRST.nodes)
    if (this.#fields.length > TOO_LARGE * nodes * FIELDS) this.#fields = this.#fields.slice(0, nodes * FIELDS)
    if (this.#labels.length > TOO_LARGE * this.#labelRoom(0)) this.#moveLabels(0)
    const edges = this.#edges.length
    if (edges > FIRST.edges && edges * MAX_LOAD > TOO_LARGE * this.count) this.#resizeEdges(edges / 2)
  }

  #link(parent: number, child: number): void {
    this.#set(child, PARENT, parent)
    this.#set(parent, CHILD_COUNT, this.childCount(parent) + 1)
    this.#set(parent, CHILDREN, this.#get(parent, CHILDREN) ^ child)
    this.#edges[this.#slotOf(parent, this.#firstByte(child))] = child
  }

  #unlink(child: number): void {
    const parent = this.parent(child)
    this.#set(parent, CHILD_COUNT, this.childCount(parent) - 1)
    this.#set(parent, CHILDREN, this.#get(parent, CHILDREN) ^ child)
    const mask = this.#edges.length - 1
    let hole = this.#slotOf(parent, this.#firstByte(child))
    // Edges that a collision had moved further on move up.
    for (let slot = (hole + 1) & mask; this.#edges[slot] !== ROOT; slot = (slot + 1) & mask) {
      const edge = this.#edges[slot] as number
      const home = this.#hash(this.parent(edge), this.#firstByte(edge)) & mask
      if (((slot - home) & mask) < ((slot - hole) & mask)) continue
      this.#edges[hole] = edge
      hole = slot
    }
    this.#edges[hole] = ROOT
  }

  #firstByte(node: number): number {
    return this.#labels[this.#get(node, LABEL_START)] as number
  }

  /** Slot of a child, or the free slot for it. */
  #slotOf(parent: number, byte: number): number {
    const mask = this.#edges.length - 1
    let slot = this.#hash(parent, byte) & mask
    for (;;) {
      const child = this.#edges[slot] as number
      if (child === ROOT || (this.parent(child) === parent && this.#firstByte(child) === byte)) return slot
      slot = (slot + 1) & mask
    }
  }

  /** MurmurHash3's finalizer, over a key with a secret seed. */
  #hash(parent: number, byte: number): number {
    let key = ((parent << 8) | byte) ^ this.#seed
    key = Math.imul(key ^ (key >>> 16), 0x85ebca6b)
    key = Math.imul(key ^ (key >>> 13), 0xc2b2ae35)
    return key ^ (key >>> 16)
  }

  #resizeEdges(slots: number): void {
    const old = this.#edges
    this.#edges = new Int32Array(slots)
    for (const child of old)
      if (child !== ROOT) this.#edges[this.#slotOf(this.parent(child), this.#firstByte(child))] = child
  }

  #makeLabelRoom(length: number): void {
    if (this.#labelsEnd + length > this.#labels.length) this.#moveLabels(length)
  }

  /** Room for the labels in use and so many bytes more. Moving them goes through all numbers, so it leaves a byte for each. */
  #labelRoom(more: number): number {
    return Math.max(
      FIRST.labels,
      Math.ceil((this.#labelBytes + more) * GROWTH),
      this.#labelBytes + more + this.#end,
    )
  }

  /** Moves the labels to an array with room for so many bytes more, and closes the gaps between them. */
  #moveLabels(more: number): void {
    const labels = new Uint8Array(this.#labelRoom(more))
    let end = 0
    for (let node = 1; node < this.#end; node++) {
      const start = this.#get(node, LABEL_START)
      if (this.length(node) === 0) continue
      labels.set(this.#labels.subarray(start, start + this.length(node)), end)
      this.#set(node, LABEL_START, end)
      end += this.length(node)
    }
    this.#labels = labels
    this.#labelsEnd = end
  }
}

import { MAX_OBJECTS, Tuple, type Payload } from './payload.ts'
import { Opcode } from './pickle-opcodes.ts'
import { ensure, type PickleReader, UNREADABLE } from './pickle-reader.ts'
import { GlobalName, reduce, type StackItem } from './pickle-reduce.ts'

/** Limit of the values on the stack, and of those in the memo: more than any packet needs. */
const MAX_ITEMS = 1 << 18

/**
 * Runs a pickle, which is a program, on a stack of values. It knows only the opcodes that build plain data, and leaves the
 * pickle at any other. Its result may still hold itself, or parts that are no payload: `readPickle` checks that.
 */
export class PickleMachine {
  private readonly reader: PickleReader
  private readonly stack: StackItem[] = []
  /** Height of the stack at each MARK that is still open. */
  private readonly marks: number[] = []
  private readonly memo = new Map<number, StackItem>()
  private objects = 0

  constructor(reader: PickleReader) {
    this.reader = reader
  }

  run(): StackItem {
    let opcode = this.reader.uint8()
    if (opcode === Opcode.PROTO) {
      ensure(this.reader.uint8() <= 5)
      opcode = this.reader.uint8()
    }
    for (; opcode !== Opcode.STOP; opcode = this.reader.uint8()) {
      if (!this.push(this.scalar(opcode)) && !this.collect(opcode)) this.arrange(opcode)
    }
    ensure(this.reader.remaining === 0 && this.stack.length === 1 && this.marks.length === 0)
    return this.top()
  }

  /** Opcodes that push the value after them; undefined for others. */
  private scalar(opcode: number): Payload | undefined {
    const { reader } = this
    switch (opcode) {
      case Opcode.NONE:
        return null
      case Opcode.NEWTRUE:
        return true
      case Opcode.NEWFALSE:
        return false
      case Opcode.INT:
        return reader.intLine()
      case Opcode.BININT:
        return reader.int32()
      case Opcode.BININT1:
        return reader.uint8()
      case Opcode.BININT2:
        return reader.uint16()
      case Opcode.LONG:
        return reader.longLine()
      case Opcode.LONG1:
        return reader.long(reader.uint8())
      case Opcode.LONG4:
        return reader.long(reader.uint32())
      case Opcode.FLOAT:
        return reader.floatLine()
      case Opcode.BINFLOAT:
        return reader.float64()
      case Opcode.UNICODE:
        return reader.escapedLine()
      case Opcode.SHORT_BINUNICODE:
        return reader.text(reader.uint8())
      case Opcode.BINUNICODE:
        return reader.text(reader.uint32())
      case Opcode.BINUNICODE8:
        return reader.text(reader.uint64())
      case Opcode.SHORT_BINBYTES:
        return reader.bytes(reader.uint8())
      case Opcode.BINBYTES:
        return reader.bytes(reader.uint32())
      case Opcode.BINBYTES8:
      case Opcode.BYTEARRAY8:
        return reader.bytes(reader.uint64())
      default:
        return undefined
    }
  }

  /** Opcodes that build lists, tuples and maps from the stack; false for others. */
  private collect(opcode: number): boolean {
    switch (opcode) {
      case Opcode.EMPTY_TUPLE:
        return this.push(new Tuple([]))
      case Opcode.TUPLE1:
      case Opcode.TUPLE2:
      case Opcode.TUPLE3:
        return this.push(new Tuple(this.popMany(opcode - Opcode.TUPLE1 + 1)))
      case Opcode.TUPLE:
        return this.push(new Tuple(this.popToMark()))
      case Opcode.EMPTY_LIST:
        return this.push([])
      case Opcode.LIST:
        return this.push(this.popToMark())
      case Opcode.APPEND:
        return this.append(this.popMany(1))
      case Opcode.APPENDS:
        return this.append(this.popToMark())
      case Opcode.EMPTY_DICT:
        return this.push(new Map())
      case Opcode.DICT: {
        const items = this.popToMark()
        return this.push(new Map()) && this.setItems(items)
      }
      case Opcode.SETITEM:
        return this.setItems(this.popMany(2))
      case Opcode.SETITEMS:
        return this.setItems(this.popToMark())
      default:
        return false
    }
  }

  /** Opcodes about marks, the memo and names. It is asked last, so any other opcode leaves the pickle. */
  private arrange(opcode: number): void {
    const { reader } = this
    switch (opcode) {
      case Opcode.FRAME: // only tells a reader of a file how much to read ahead
        return ensure(reader.uint64() <= reader.remaining)
      case Opcode.MARK:
        ensure(this.marks.length < MAX_ITEMS)
        this.marks.push(this.stack.length)
        return
      case Opcode.PUT:
        return this.remember(reader.indexLine())
      case Opcode.BINPUT:
        return this.remember(reader.uint8())
      case Opcode.LONG_BINPUT:
        return this.remember(reader.uint32())
      case Opcode.MEMOIZE:
        return this.remember(this.memo.size)
      case Opcode.GET:
        return this.recall(reader.indexLine())
      case Opcode.BINGET:
        return this.recall(reader.uint8())
      case Opcode.LONG_BINGET:
        return this.recall(reader.uint32())
      case Opcode.GLOBAL:
        return void this.push(new GlobalName(reader.line(), reader.line()))
      case Opcode.STACK_GLOBAL: {
        const [module, name] = this.popMany(2)
        ensure(typeof module === 'string' && typeof name === 'string')
        return void this.push(new GlobalName(module, name))
      }
      case Opcode.REDUCE: {
        const [callable, args] = this.popMany(2)
        return void this.push(reduce(callable, args))
      }
      default:
        throw UNREADABLE
    }
  }

  /** Pushes a value and returns true. Returns false, and pushes nothing, for undefined. */
  private push(item: StackItem | undefined): boolean {
    if (item === undefined) return false
    ensure(this.stack.length < MAX_ITEMS)
    if (typeof item === 'object' && item !== null) ensure(++this.objects <= MAX_OBJECTS)
    this.stack.push(item)
    return true
  }

  /** Pops this many values, all of which must lie above the last mark. */
  private popMany(count: number): Payload[] {
    ensure(this.stack.length - count >= (this.marks.at(-1) ?? 0))
    return this.stack.splice(this.stack.length - count) as Payload[]
  }

  private popToMark(): Payload[] {
    const mark = this.marks.pop()
    ensure(mark !== undefined)
    return this.stack.splice(mark) as Payload[]
  }

  /** The value on top of the stack, which stays there: the target of items, or the value for the memo. */
  private top(): StackItem {
    const item = this.stack.at(-1)
    ensure(item !== undefined && this.stack.length > (this.marks.at(-1) ?? 0))
    return item
  }

  private append(items: Payload[]): boolean {
    const list = this.top()
    ensure(Array.isArray(list))
    for (const item of items) list.push(item)
    return true
  }

  private setItems(items: Payload[]): boolean {
    const map = this.top()
    ensure(map instanceof Map && items.length % 2 === 0)
    for (let index = 0; index < items.length; index += 2) {
      map.set(items[index] as Payload, items[index + 1] as Payload)
    }
    return true
  }

  private remember(index: number): void {
    ensure(this.memo.size < MAX_ITEMS)
    this.memo.set(index, this.top())
  }

  private recall(index: number): void {
    ensure(this.push(this.memo.get(index)))
  }
}

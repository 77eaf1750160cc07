import type { CurveRole, Opened, Step } from '../../security/curve-role.ts'
import type { MessageKeys } from '../../security/message-keys.ts'
import { COMMAND, headerLength, writeHeader } from './frame.ts'
import type { Fault } from './handshake.ts'
import { Opener } from './opener.ts'
import { SealedInput, type SealedInputLimits } from './sealed-input.ts'
import { Sealer } from './sealer.ts'

export interface SecureStreamHandlers {
  /** Bytes for the other side, as they are. */
  readonly onHandshake: (frame: Buffer) => void
  /** The keys are agreed on: `seal` seals all that is written from now on. */
  readonly onOpened: (opened: Opened, seal: (frames: Buffer) => Buffer) => void
  /** Frames of ZMTP have come, in these pieces. */
  readonly onFrames: (pieces: readonly Buffer[]) => void
  /** The connection has to end. Nothing more comes. */
  readonly onFault: (fault: Fault) => void
}

/** The stream of one connection with keys: the handshake of CURVE, then sealed frames. */
export class SecureStream {
  readonly #role: CurveRole
  readonly #handlers: SecureStreamHandlers
  readonly #input: SealedInput
  #keys: MessageKeys | undefined
  /** The fault of the present chunk, while frames from before it are handed on. */
  #fault: Fault | undefined
  #hangUp: string | undefined

  constructor(role: CurveRole, handlers: SecureStreamHandlers, limits: SealedInputLimits) {
    this.#role = role
    this.#handlers = handlers
    this.#input = new SealedInput(
      {
        onHandshake: command => this.#take(this.#role.receive(command)),
        onFault: reason => this.#end({ reason: `it does not keep to CURVE: ${reason}` }),
      },
      limits,
    )
  }

  /** Why the other side may have hung up, at the point that the handshake had come to. */
  get hangUp(): string | undefined {
    return this.#hangUp ?? this.#role.hangUp
  }

  /** Both greetings have come: a client begins. */
  begin(): void {
    const command = this.#role.begin()
    if (command !== undefined) this.#handlers.onHandshake(frameOf(command))
  }

  /** Takes in a chunk of the stream, which it may overwrite. */
  push(chunk: Buffer): void {
    const frames = this.#input.push(chunk)
    if (frames.length > 0) this.#handlers.onFrames(frames)
    const fault = this.#fault
    this.#fault = undefined
    if (fault !== undefined) this.#handlers.onFault(fault)
  }

  /** Reads no further. */
  stop(): void {
    this.#input.stop()
  }

  /** Wipes the keys: nothing more is sealed or opened. */
  close(): void {
    this.#input.stop()
    this.#hangUp ??= this.#role.hangUp
    this.#role.close()
    this.#keys?.wipe()
  }

  #take({ reply, opened, fault, isDenied = false }: Step): void {
    if (reply !== undefined) this.#handlers.onHandshake(frameOf(reply))
    if (fault !== undefined) this.#end({ reason: fault, isDenied })
    if (opened === undefined) return
    const { keys } = opened
    this.#keys = keys
    const sealer = new Sealer(keys)
    this.#input.openWith(new Opener(keys))
    this.#handlers.onOpened(opened, frames => sealer.seal(frames))
  }

  #end(fault: Fault): void {
    this.#fault ??= fault
    this.close()
  }
}

function frameOf(command: Buffer): Buffer {
  const frame = Buffer.alloc(headerLength(command.length) + command.length)
  frame.set(command, writeHeader(frame, 0, COMMAND, command.length))
  return frame
}

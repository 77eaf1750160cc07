import type { Socket } from 'node:net'
import {
  HEARTBEAT_TIMEOUT_MS,
  type MalformedMessage,
  type MessageHandlers,
  type SubscriptionChange,
} from '../carrier.ts'
import { isUnanswered } from '../../linux/unanswered.ts'
import { type Limit, MAX_FIRST_FRAME } from '../limits.ts'
import { parseSubscription } from '../subscriptions.ts'
import { endpointOf } from './address.ts'
import { Decoder } from './decoder.ts'
import { COMMAND } from './frame.ts'
import {
  decodeReady,
  encodeReady,
  GREETING,
  GREETING_LENGTH,
  greetingFault,
  knowsCommands,
  NOT_ZMTP,
  type SocketType,
} from './handshake.ts'
import { Heartbeat } from './heartbeat.ts'
import type { Reassembly } from './reassembly.ts'
import type { Turns } from './turns.ts'
import { Writer } from './writer.ts'

/** How long a connection may take until its handshake is done, in ms: libzmq's own limit. */
const HANDSHAKE_MS = 30_000
/** PING with a time to live of 0: the other side has its own idea of when we are gone. */
const PING = Buffer.from('\x04PING\0\0', 'latin1')
const PING_TTL_LENGTH = 2
/** What of a PING comes back in its PONG, at the most. */
const MAX_PING_CONTEXT = 16

/** Errors by which the system ends a connection because nothing comes back: the network is cut off, or the host is down. */
const UNREACHABLE: ReadonlySet<string> = new Set(['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN'])

/** Why a connection ended. */
export interface Ending {
  /** How far it had come: nothing had been heard of the other side, something had, or the handshake was done. */
  readonly after: 'silence' | 'greeting' | 'handshake'
  /** What the other side did that ZMTP, or the type of its socket, does not allow. */
  readonly fault?: string
  /** Nothing came from the other side any more: it did not close the connection. */
  readonly silent?: boolean
  /** The system's error, where it ended in one. */
  readonly error?: NodeJS.ErrnoException
}

export interface ConnectionHandlers extends MessageHandlers {
  /** The handshake is done. */
  readonly onOpen: (connection: Connection) => void
  readonly onSubscription: (change: SubscriptionChange, connection: Connection) => void
  /** Some of what waited to be written has gone. */
  readonly onWritten: (connection: Connection) => void
  /** Something comes after a long silence: the network was cut off, and is back. Told ahead of what comes. */
  readonly onRevival?: () => void
  /** It is over: the last thing that is told of it. */
  readonly onEnd: (ending: Ending, connection: Connection) => void
}

export interface ConnectionOptions {
  /** The type of socket that this side is. */
  readonly type: SocketType
  /** What the other side has to be: the types of its socket, and in words: `a publisher`. */
  readonly peers: readonly SocketType[]
  readonly expected: string
  readonly maxFrame: number
  /** The largest first frame, in bytes. Default: that of the longest topic. */
  readonly maxFirst?: number
  /** Counts of a broker over all its connections: bytes of incomplete messages here, unsent ones in `queues`. */
  readonly reassembly?: Reassembly
  readonly queues?: Limit
  /** Shares the event loop between a broker's connections. */
  readonly turns?: Turns
}

/**
 * One connection of ZMTP 3 (RFC 37) with the NULL mechanism, over a stream that is there or on its way: greetings, READY, then
 * messages, with PING and PONG to notice that the other side is gone.
 */
export class Connection {
  readonly writer: Writer
  readonly #socket: Socket
  readonly #options: ConnectionOptions
  readonly #handlers: ConnectionHandlers
  readonly #decoder: Decoder
  readonly #handshakeTimer: NodeJS.Timeout
  #heartbeat: Heartbeat | undefined
  #greeting: Buffer = Buffer.alloc(0)
  #state: Ending['after'] = 'silence'
  #fault: string | undefined
  #error: NodeJS.ErrnoException | undefined
  #silent = false
  #closed = false
  /** How the stream is read: as messages are handled, ahead of that, or no more. */
  #reading: 'as handled' | 'ahead' | 'no more' = 'as handled'

  constructor(socket: Socket, options: ConnectionOptions, handlers: ConnectionHandlers) {
    this.#socket = socket
    this.#options = options
    this.#handlers = handlers
    this.writer = new Writer(socket, () => this.#onWritten(), options.queues)
    this.#decoder = new Decoder(
      {
        onMessage: (topic, frame) => this.#onMessage(topic, frame),
        onNoMessage: what => this.#onNoMessage(what),
        onCommand: (name, body) => this.#onCommand(name, body),
        onFault: reason =>
          this.fail(this.#state === 'handshake' ? `it does not keep to ZMTP: ${reason}` : NOT_ZMTP),
        onPause: () => this.#pause(true),
        onResume: () => this.#pause(false),
      },
      {
        maxFrame: options.maxFrame,
        maxFirst: options.maxFirst ?? MAX_FIRST_FRAME,
        reassembly: options.reassembly,
        turns: options.turns,
      },
    )
    this.#handshakeTimer = setTimeout(() => this.#socket.destroy(), HANDSHAKE_MS)
    // Peers of ZMTP 3.0 are asked nothing; where nothing waits for one, the system notices that its host is gone.
    socket.setKeepAlive(true, HEARTBEAT_TIMEOUT_MS)
    socket.write(GREETING)
    socket.on('data', chunk => this.#onData(chunk))
    socket.on('error', error => {
      this.#error = error
    })
    socket.on('close', () => this.#onClose())
  }

  /** Tells the other side what is wanted of it. */
  subscribe({ prefix, subscribe }: SubscriptionChange): void {
    if (knowsCommands(this.#greeting)) this.writer.frame(COMMAND, subscribe ? SUBSCRIBE : CANCEL, prefix)
    else this.writer.frame(0, Buffer.of(subscribe ? 1 : 0), prefix)
  }

  /** Ends it because of what the other side did. */
  fail(fault: string): void {
    this.#fault ??= fault
    this.#decoder.stop()
    this.#heartbeat?.stop()
    this.writer.close()
    this.#socket.destroy()
  }

  /**
   * Ends it from this side, and reads no further.
   * @param linger how long what was written may go on going out, in ms
   */
  close(linger: number): void {
    this.#decoder.release()
    this.#decoder.stop()
    this.#heartbeat?.stop()
    if (linger === 0 || this.#state !== 'handshake') {
      this.writer.flush()
      this.#socket.destroy()
      return
    }
    // What still comes is read and dropped, or the system would take it for a reason to break off what goes out.
    this.#socket.resume()
    this.writer.end()
    const timer = setTimeout(() => this.#socket.destroy(), linger)
    this.#socket.once('close', () => clearTimeout(timer))
  }

  /** For a drain: reads on while a message's handler is not done, then no more. Data already read is still handed on. */
  read(reading: 'ahead' | 'no more'): void {
    this.#reading = reading
    if (reading === 'ahead') this.#socket.resume()
    else this.#socket.pause()
  }

  get bytesRead(): number {
    return this.#socket.bytesRead
  }

  /** Whether a message's handler is not done. Later messages are held until it is. */
  get isHandling(): boolean {
    return this.#decoder.waiting
  }

  #onData(chunk: Buffer): void {
    this.#heartbeat?.heard()
    const missing = GREETING_LENGTH - this.#greeting.length
    if (missing === 0) {
      this.#decoder.push(chunk)
      return
    }
    if (this.#fault !== undefined) return
    this.#state = 'greeting'
    this.#greeting = Buffer.concat([this.#greeting, chunk.subarray(0, missing)])
    const fault = greetingFault(this.#greeting)
    if (fault !== undefined) {
      this.fail(fault)
      return
    }
    if (this.#greeting.length < GREETING_LENGTH) return
    this.writer.frame(COMMAND, encodeReady(this.#options.type))
    this.writer.flush()
    this.#decoder.push(chunk.subarray(missing))
  }

  #onMessage(topic: Buffer, frame: Buffer): void | Promise<void> {
    if (!this.#isEarly()) return this.#handlers.onMessage(topic, frame, this)
  }

  /** A subscription of ZMTP 3.0 is a message of one frame. */
  #onNoMessage(what: MalformedMessage): void {
    if (this.#isEarly()) return
    const change = what.frames === 1 && !what.oversize ? parseSubscription(what.first) : undefined
    if (change !== undefined && this.#takesSubscriptions) this.#handlers.onSubscription(change, this)
    else this.#handlers.onNoMessage(what, this)
  }

  get #takesSubscriptions(): boolean {
    return this.#options.type === 'XPUB'
  }

  /** Before READY there are no messages. */
  #isEarly(): boolean {
    if (this.#state === 'handshake') return false
    this.fail(NOT_ZMTP)
    return true
  }

  #onCommand(name: string, body: Buffer): void {
    switch (name) {
      case 'READY':
        this.#onReady(body)
        break
      case 'PING':
        this.#onPing(body)
        break
      case 'SUBSCRIBE':
      case 'CANCEL':
        if (!this.#isEarly() && this.#takesSubscriptions)
          this.#handlers.onSubscription({ prefix: body, subscribe: name === 'SUBSCRIBE' }, this)
    }
    // Any other is of a later version, or an ERROR: its connection is closed by whoever sends it.
  }

  #onPing(body: Buffer): void {
    this.#heartbeat?.pinged()
    // Who asks and never reads the answers would have them pile up here.
    if (this.writer.backedUp) return
    this.writer.frame(COMMAND, PONG, body.subarray(PING_TTL_LENGTH, PING_TTL_LENGTH + MAX_PING_CONTEXT))
  }

  #onReady(body: Buffer): void {
    if (this.#state !== 'greeting') return
    const type = decodeReady(body)
    if (type === undefined || !this.#options.peers.includes(type as SocketType)) {
      this.fail(type === undefined ? NOT_ZMTP : `it is of type ${type}, and not ${this.#options.expected}`)
      return
    }
    clearTimeout(this.#handshakeTimer)
    this.#state = 'handshake'
    this.#heartbeat = new Heartbeat({
      answers: knowsCommands(this.#greeting),
      isBlocked: () => this.writer.blocked,
      onBeat: () => this.writer.frame(COMMAND, PING),
      onSilence: () => {
        this.#silent = true
        this.#socket.destroy()
      },
      onRevival: () => this.#handlers.onRevival?.(),
      isUnanswered: () => this.#isUnanswered(),
    })
    this.#handlers.onOpen(this)
  }

  #onWritten(): void {
    this.#heartbeat?.progressed()
    this.#handlers.onWritten(this)
  }

  /** Whether the host at the other end no longer answers; one on this machine is never gone. */
  async #isUnanswered(): Promise<boolean> {
    const { localAddress, localPort, remoteAddress, remotePort } = this.#socket
    const [local, remote] = [endpointOf(localAddress, localPort), endpointOf(remoteAddress, remotePort)]
    return local !== undefined && remote !== undefined && isUnanswered(local, remote)
  }

  #pause(paused: boolean): void {
    this.#heartbeat?.pause(paused)
    if (this.#reading === 'as handled') {
      if (paused) this.#socket.pause()
      else this.#socket.resume()
    }
    if (!paused && this.#closed) this.#end()
  }

  #onClose(): void {
    this.#closed = true
    clearTimeout(this.#handshakeTimer)
    this.#heartbeat?.stop()
    this.writer.forget()
    // What has come is still handed on, one after the other, before there can be another connection.
    if (!this.#decoder.waiting) this.#end()
  }

  #end(): void {
    this.#decoder.stop()
    const [fault, error] = [this.#fault, this.#error]
    this.#handlers.onEnd(
      {
        after: this.#state,
        silent: this.#silent || (error !== undefined && UNREACHABLE.has(error.code ?? '')),
        ...(fault === undefined ? {} : { fault }),
        ...(error === undefined ? {} : { error }),
      },
      this,
    )
  }
}

const PONG = Buffer.from('\x04PONG', 'latin1')
const SUBSCRIBE = Buffer.from('\x09SUBSCRIBE', 'latin1')
const CANCEL = Buffer.from('\x06CANCEL', 'latin1')

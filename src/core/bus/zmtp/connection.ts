import type { Socket } from 'node:net'
import { HEARTBEAT_TIMEOUT_MS, type MalformedMessage, type SubscriptionChange } from '../carrier.ts'
import type { AdmittedKey } from '../../security/keys.ts'
import { MAX_FIRST_FRAME } from '../limits.ts'
import type { MessageView } from '../message-view.ts'
import { parseSubscription } from '../subscriptions.ts'
import { CANCEL, PING, pingContext, PONG, SUBSCRIBE } from './commands.ts'
import type { ConnectionHandlers, ConnectionOptions } from './connection-options.ts'
import { COMMAND } from './frame.ts'
import { encodeReady, type Fault, GREETING, Handshake, NOT_ZMTP } from './handshake.ts'
import { Heartbeat } from './heartbeat.ts'
import { Reader } from './reader.ts'
import type { SecureStream } from './secure-stream.ts'
import { isPeerUnanswered, isUnreachable } from './unanswered.ts'
import { Writer } from './writer.ts'

/** Time that a connection may take until its handshake is done, in ms: libzmq's own limit. */
const HANDSHAKE_MS = 30_000
const TOO_LATE = `it did not finish its handshake in ${HANDSHAKE_MS / 1000} s`

/**
 * One connection of ZMTP 3 (RFC 37), over a stream that is there or on its way: greetings, READY, then messages, with PING and PONG
 * to notice that the other side is gone. Its mechanism is NULL, or CURVE where it has keys: then all but the greetings goes through
 * a {@link SecureStream}.
 */
export class Connection {
  readonly writer: Writer
  /** The other side's key, as it was admitted. Undefined on a client, and without keys. */
  peerKey: AdmittedKey | undefined
  readonly #socket: Socket
  readonly #options: ConnectionOptions
  readonly #handlers: ConnectionHandlers<Connection>
  readonly #handshake: Handshake
  readonly #reader: Reader
  readonly #secure: SecureStream | undefined
  readonly #handshakeTimer: NodeJS.Timeout
  #heartbeat: Heartbeat | undefined
  #fault: Fault | undefined
  #error: NodeJS.ErrnoException | undefined
  /** The handshake is done. */
  #isOpen = false
  #isSilent = false
  /** This side has ended it: messages that were read are still handed on, and nothing is answered. */
  #isClosing = false
  /** The stream is closed. */
  #isClosed = false

  constructor(socket: Socket, options: ConnectionOptions, handlers: ConnectionHandlers<Connection>) {
    this.#socket = socket
    this.#options = options
    this.#handlers = handlers
    this.#handshake = new Handshake(options, options.security === undefined ? 'NULL' : 'CURVE')
    this.writer = new Writer(socket, () => this.#onWritten(), options.queues)
    this.#reader = new Reader(
      socket,
      {
        onMessage: message => this.#onMessage(message),
        onNoMessage: what => this.#onNoMessage(what),
        onCommand: (name, body) => this.#onCommand(name, body),
        onFault: reason => this.fail(this.#isOpen ? `it does not keep to ZMTP: ${reason}` : NOT_ZMTP),
        onPause: () => this.#heartbeat?.pause(true),
        onResume: () => this.#onResume(),
      },
      {
        maxFrame: options.maxFrame,
        maxFirst: options.maxFirst ?? MAX_FIRST_FRAME,
        reassembly: options.reassembly,
        turns: options.turns,
      },
    )
    this.#secure = options.security?.secure(
      options.type,
      options.peer ?? '',
      {
        onHandshake: frame => this.#socket.write(frame),
        onOpened: ({ metadata, peerKey }, seal) => {
          this.peerKey = peerKey
          this.writer.sealWith(seal)
          this.#onReady(metadata)
        },
        onFrames: pieces => this.#reader.push(...pieces),
        onFault: fault => this.#refuse(fault),
      },
      { maxFrame: options.maxFrame, reassembly: options.reassembly },
    )
    this.#handshakeTimer = setTimeout(() => {
      if (this.#handshake.state === 'greeting') this.#fail({ reason: TOO_LATE })
      this.#socket.destroy()
    }, HANDSHAKE_MS)
    // Peers of ZMTP 3.0 are asked nothing; where nothing waits for one, the system notices that its host is gone.
    socket.setKeepAlive(true, HEARTBEAT_TIMEOUT_MS)
    socket.write(options.security?.greeting ?? GREETING)
    socket.on('data', chunk => this.#onData(chunk))
    socket.on('error', error => {
      this.#error = error
    })
    socket.on('close', () => this.#onClose())
  }

  /** Tells the other side what is wanted of it. */
  subscribe({ prefix, subscribe }: SubscriptionChange): void {
    if (this.#handshake.knowsCommands) this.writer.frame(COMMAND, subscribe ? SUBSCRIBE : CANCEL, prefix)
    else this.writer.frame(0, Buffer.of(subscribe ? 1 : 0), prefix)
  }

  /** Ends it because of what the other side did. Messages held behind a pending handler are still handed on. */
  fail(reason: string): void {
    this.#fail({ reason })
    this.#socket.destroy()
  }

  /**
   * Ends it from this side, and reads no further. Messages that have been read are handed on: at once, or, where this is called
   * while one is, as soon as its handler has returned.
   * @param linger how long what was written may go on going out, in ms
   */
  close(linger: number): void {
    this.#isClosing = true
    this.#secure?.stop()
    if (this.#isOpen) this.#reader.close()
    else this.#reader.stop()
    this.#heartbeat?.stop()
    if (linger === 0 || !this.#isOpen) {
      this.writer.flush()
      this.#socket.destroy()
      return
    }
    // Bytes that still come are read and dropped, or the system would take them for a reason to break off what goes out.
    this.#socket.resume()
    this.writer.end()
    const timer = setTimeout(() => this.#socket.destroy(), linger)
    this.#socket.once('close', () => clearTimeout(timer))
  }

  /** For a drain: reads on while a message's handler is pending, then no more. Data already read is still handed on. */
  read(mode: 'ahead' | 'no more'): void {
    this.#reader.read(mode)
  }

  get bytesRead(): number {
    return this.#socket.bytesRead
  }

  /** Whether a message's handler is pending. Later messages are held until it is done. */
  get isHandling(): boolean {
    return this.#reader.isWaiting
  }

  #onData(chunk: Buffer): void {
    this.#heartbeat?.heard()
    if (this.#handshake.isGreeted) this.#push(chunk)
    else if (this.#fault === undefined) this.#greet(chunk)
  }

  #push(chunk: Buffer): void {
    if (this.#secure === undefined) this.#reader.push(chunk)
    else this.#secure.push(chunk)
  }

  /** Ends it once what was written is with the system: the other side may be told why. */
  #refuse(fault: Fault): void {
    this.#fail(fault)
    this.#socket.destroySoon()
  }

  #fail(fault: Fault): void {
    this.#fault ??= fault
    this.#secure?.close()
    this.#reader.stop()
    this.#heartbeat?.stop()
    this.writer.close()
  }

  #greet(chunk: Buffer): void {
    const { fault, rest } = this.#handshake.greet(chunk)
    if (fault !== undefined) {
      this.#refuse(fault)
      return
    }
    if (!this.#handshake.isGreeted) return
    if (this.#secure === undefined) {
      this.writer.frame(COMMAND, encodeReady(this.#options.type))
      this.writer.flush()
    } else this.#secure.begin()
    this.#push(rest)
  }

  #onMessage(message: MessageView): void | Promise<void> {
    if (!this.#isEarly()) return this.#handlers.onMessage(message, this)
  }

  /** A subscription of ZMTP 3.0 is a message of one frame. */
  #onNoMessage(what: MalformedMessage): void {
    if (this.#isEarly()) return
    const change = what.frames === 1 && !what.oversize ? parseSubscription(what.first) : undefined
    if (change !== undefined && this.#takesSubscriptions) this.#onSubscription(change)
    else this.#handlers.onNoMessage(what, this)
  }

  get #takesSubscriptions(): boolean {
    return this.#options.type === 'XPUB'
  }

  /** Before READY there are no messages. */
  #isEarly(): boolean {
    if (this.#isOpen) return false
    this.fail(NOT_ZMTP)
    return true
  }

  #onCommand(name: string, body: Buffer): void {
    if (this.#isClosing) return
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
          this.#onSubscription({ prefix: body, subscribe: name === 'SUBSCRIBE' })
    }
    // Any other is of a later version, or an ERROR: its connection is closed by whoever sends it.
  }

  #onSubscription(change: SubscriptionChange): void {
    if (!this.#isClosing) this.#handlers.onSubscription(change, this)
  }

  #onPing(body: Buffer): void {
    this.#heartbeat?.pinged()
    // A peer that asks and never reads the answers would have them pile up here.
    if (!this.writer.backedUp) this.writer.frame(COMMAND, PONG, pingContext(body))
  }

  #onReady(body: Buffer): void {
    if (this.#handshake.state !== 'greeting') return
    const reason = this.#handshake.ready(body)
    if (reason !== undefined) {
      this.#refuse({ reason })
      return
    }
    clearTimeout(this.#handshakeTimer)
    this.#isOpen = true
    this.#heartbeat = new Heartbeat({
      answers: this.#handshake.knowsCommands,
      isBlocked: () => this.writer.blocked,
      onBeat: () => this.writer.frame(COMMAND, PING),
      onSilence: () => {
        this.#isSilent = true
        this.#socket.destroy()
      },
      onRevival: () => this.#handlers.onRevival?.(),
      isUnanswered: () => isPeerUnanswered(this.#socket),
    })
    this.#handlers.onOpen(this)
  }

  #onWritten(): void {
    this.#heartbeat?.progressed()
    this.#handlers.onWritten(this)
  }

  #onResume(): void {
    this.#heartbeat?.pause(false)
    if (this.#isClosed) this.#end()
  }

  #onClose(): void {
    this.#isClosed = true
    clearTimeout(this.#handshakeTimer)
    this.#heartbeat?.stop()
    this.#secure?.close()
    this.writer.forget()
    // Deliver what already arrived, in order, before the next connection starts.
    if (!this.#reader.isWaiting) this.#end()
  }

  #end(): void {
    this.#reader.stop()
    const { reason, isDenied = false } = this.#fault ?? {}
    const hangUp = this.#handshake.hangUp ?? this.#secure?.hangUp
    const error = this.#error
    this.#handlers.onEnd(
      {
        after: this.#handshake.state,
        silent: this.#isSilent || isUnreachable(error),
        ...(isDenied ? { isDenied } : {}),
        ...(reason === undefined ? {} : { fault: reason }),
        ...(hangUp === undefined ? {} : { hangUp }),
        ...(error === undefined ? {} : { error }),
      },
      this,
    )
  }
}

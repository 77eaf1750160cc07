import type { PeerLink, XSubSocket } from './carrier.ts'
import { decodeFlow, encodeMark, encodeWait, FLOW_TOPIC, type Wait } from './flow-message.ts'
import type { ForwardedTopic } from './forwarded-topic.ts'
import { MessageView } from './message-view.ts'

/** Bytes of all messages that wait. A further one does not wait: it goes to the subscribers that have room. */
const MAX_KEPT = 32 * 1024 * 1024
/** Room that the headers of a message of two frames take on the wire, in bytes. */
const HEADERS = 18

/** A proxy's side of flow control: the publishers whose messages wait until their subscribers have room. */
export class ControlledFlow {
  readonly #links = new Set<PeerLink>()
  #socket: XSubSocket | undefined
  #kept = 0

  /** Offers flow control to all publishers, if the socket can answer each. */
  open(socket: XSubSocket): void {
    if (socket.answer === undefined) return
    this.#socket = socket
    socket.send({ prefix: FLOW_TOPIC, subscribe: true })
  }

  has(link: PeerLink): boolean {
    return this.#links.has(link)
  }

  /** Takes in a publisher's mark. @returns whether the message was one */
  take(topic: Buffer, frame: Buffer, from: PeerLink): boolean {
    if (!FLOW_TOPIC.equals(topic)) return false
    const mark = decodeFlow(frame)
    if (typeof mark !== 'number') return false
    this.#links.add(from)
    this.#socket?.answer?.(from, FLOW_TOPIC, encodeMark(mark))
    return true
  }

  leave(link: PeerLink): void {
    this.#links.delete(link)
  }

  /** @returns a promise of the message, kept until it may have room; undefined if it may be forwarded now */
  wait(
    message: MessageView,
    topic: ForwardedTopic,
    from: PeerLink | undefined,
  ): Promise<MessageView> | undefined {
    if (this.#links.size === 0 || from === undefined || !this.#links.has(from)) return undefined
    const bytes = message.topicLength + message.frameLength + HEADERS
    if (this.#kept > 0 && this.#kept + bytes > MAX_KEPT) return undefined
    const room = topic.room(bytes, wait => this.#tell(from, wait))
    return room && this.#keep(message, bytes, room)
  }

  async #keep(message: MessageView, bytes: number, room: Promise<void>): Promise<MessageView> {
    // What was read may be overwritten once the message's handler has returned.
    const kept = MessageView.of(Buffer.from(message.topic), Buffer.from(message.frame))
    this.#kept += bytes
    await room
    this.#kept -= bytes
    return kept
  }

  #tell(link: PeerLink, wait: Wait): void {
    this.#socket?.answer?.(link, FLOW_TOPIC, encodeWait(wait))
  }
}

import { MAX_TOPIC } from '../wire/utf8.ts'

// Texts for the faults of malformed messages.

/** Names the fault of a malformed topic by its length in bytes. */
export function malformedTopic(bytes: number): string {
  return bytes > MAX_TOPIC
    ? `a topic of ${bytes} bytes, where ${MAX_TOPIC} are allowed`
    : 'a topic that is not UTF-8'
}

/** Names the fault of a message whose frames are not two. */
export function wrongFrames(frames: number, topic?: string): string {
  const under = topic === undefined ? '' : ` under topic '${topic}'`
  return `${frames} frame${frames === 1 ? '' : 's'}${under} where a message has 2`
}

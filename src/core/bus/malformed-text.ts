import { MAX_TOPIC } from '../wire/utf8.ts'

// Words for what is wrong with a message.

/** The fault of a malformed topic of so many bytes. */
export function malformedTopic(bytes: number): string {
  return bytes > MAX_TOPIC
    ? `a topic of ${bytes} bytes, where ${MAX_TOPIC} are allowed`
    : 'a topic that is not UTF-8'
}

/** The fault of a message of another number of frames than two. */
export function wrongFrames(frames: number, topic?: string): string {
  const under = topic === undefined ? '' : ` under topic '${topic}'`
  return `${frames} frame${frames === 1 ? '' : 's'}${under} where a message has 2`
}

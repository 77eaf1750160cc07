import { MAX_TOPIC } from '../wire/utf8.ts'

/** The fault of a malformed topic of so many bytes. */
export function malformedTopic(bytes: number): string {
  return bytes > MAX_TOPIC
    ? `a topic of ${bytes} bytes, where ${MAX_TOPIC} are allowed`
    : 'a topic that is not UTF-8'
}

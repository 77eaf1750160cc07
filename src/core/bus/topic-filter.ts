/** Which topics a receiver wants: exact names, and all that begin with a prefix. Neither is everything. */
export interface TopicSelection {
  readonly topics?: readonly string[]
  readonly prefixes?: readonly string[]
}

/** The prefixes to subscribe by: a ZeroMQ subscription is a prefix of bytes, so an exact topic is asked for as one too. */
export function subscriptionsOf({ topics = [], prefixes = [] }: TopicSelection): string[] {
  const all = [...new Set([...topics, ...prefixes])]
  return all.length === 0 ? [''] : all
}

/** Whether a selection wants a topic: ZeroMQ delivers `telemetry` to whoever asked for `tele`. */
export function topicMatcher({ topics = [], prefixes = [] }: TopicSelection): (topic: string) => boolean {
  if (topics.length === 0 && prefixes.length === 0) return () => true
  const exact = new Set(topics)
  return topic => exact.has(topic) || prefixes.some(prefix => topic.startsWith(prefix))
}

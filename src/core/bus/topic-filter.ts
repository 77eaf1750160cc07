/** Which topics a receiver wants: exact names, and all that begin with a prefix. Neither is everything. */
export interface TopicSelection {
  readonly topics?: readonly string[]
  readonly prefixes?: readonly string[]
  /** Topics that it does not want though they are among these; without either, none. Default none. */
  readonly except?: { readonly topics: readonly string[]; readonly prefixes: readonly string[] } | undefined
}

/** The prefixes to subscribe by: a ZeroMQ subscription is a prefix of bytes, so an exact topic is asked for as one too. */
export function subscriptionsOf({ topics = [], prefixes = [] }: TopicSelection): string[] {
  const all = [...new Set([...topics, ...prefixes])]
  return all.length === 0 ? [''] : all
}

/** Whether a selection wants a topic: ZeroMQ delivers `telemetry` to whoever asked for `tele`. */
export function topicMatcher({
  topics = [],
  prefixes = [],
  except,
}: TopicSelection): (topic: string) => boolean {
  const all = topics.length === 0 && prefixes.length === 0
  const asked = among(topics, prefixes)
  if (except === undefined) return all ? () => true : asked
  const excepted = among(except.topics, except.prefixes)
  return topic => (all || asked(topic)) && !excepted(topic)
}

function among(topics: readonly string[], prefixes: readonly string[]): (topic: string) => boolean {
  const exact = new Set(topics)
  return topic => exact.has(topic) || prefixes.some(prefix => topic.startsWith(prefix))
}

// The load of the commands' bench, in its own process. Requests arrive over the channel of child_process.fork.
import { publishLoad, type PublishRequest } from './bus-generator.ts'

process.on('message', (request: PublishRequest) => {
  void publishLoad(request).then(
    report => process.send?.({ report }),
    (error: unknown) => process.send?.({ error: String(error) }),
  )
})
process.on('disconnect', () => process.exit())
// Ignore the signal: the parent handles it and ends this process in due course.
process.on('SIGINT', () => {})
process.send?.({})

// The load of the commands' bench, in a process of its own: asked over the channel of child_process.fork.
import { publishLoad, type PublishRequest } from './bus-generator.ts'

process.on('message', (request: PublishRequest) => {
  void publishLoad(request).then(
    report => process.send?.({ report }),
    (error: unknown) => process.send?.({ error: String(error) }),
  )
})
process.on('disconnect', () => process.exit())
// A signal is for whoever started us: it ends this process when it is done.
process.on('SIGINT', () => {})
process.send?.({})

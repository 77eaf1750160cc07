// The generator or the receiver of `groundwire bench`, in a process of its own. Requests come over child_process.fork's channel.
import { Generator } from './generator.ts'
import { Receiver } from './receiver.ts'
import type { WorkerRequest } from './worker-messages.ts'

// The two clocks are read one after the other. The largest difference has the shortest time between the readings.
const offsets = Array.from({ length: 1000 }, () => Number(process.hrtime.bigint()) / 1e6 - performance.now())
const offsetMs = Math.max(...offsets)
const clock = () => offsetMs + performance.now()

const generator = new Generator(clock)
const receiver = new Receiver(clock)
const port = process.argv[2] === 'receive' ? await receiver.open() : 0
const answer = (message: object) => process.send?.(message)

process.on('message', (request: WorkerRequest) => {
  const cpuMs = cpu()
  switch (request.type) {
    case 'send':
      void generator.send(request).then(report => answer({ ...report, cpuMs: cpu() - cpuMs }))
      break
    case 'expect':
      receiver.expect(request.trial)
      answer({})
      break
    case 'report':
      answer({ ...receiver.report(), cpuMs })
  }
})
process.on('disconnect', () => process.exit())
// Ignore signals: the parent process handles them, and ends this one when it is done.
process.on('SIGINT', () => {})
answer({ port })

function cpu(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

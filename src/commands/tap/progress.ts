import type { Traffic } from '../../core/tap/traffic.ts'
import type { Terminal } from '../shared/terminal/terminal.ts'

const INTERVAL_MS = 1_000

/** Reports once a second the messages since the last report. @returns a function that ends it */
export function reportProgress(terminal: Terminal, traffic: Traffic): () => void {
  let since = { at: performance.now(), messages: 0, bytes: 0 }
  const timer = setInterval(() => {
    const { messages, bytes } = traffic
    const at = performance.now()
    const seconds = (at - since.at) / 1000
    const rate = ((messages - since.messages) / seconds).toFixed(1)
    const byteRate = Math.round((bytes - since.bytes) / seconds)
    terminal.info(`${messages} messages, ${rate} a second, ${byteRate} bytes a second`)
    since = { at, messages, bytes }
  }, INTERVAL_MS)
  return () => clearInterval(timer)
}

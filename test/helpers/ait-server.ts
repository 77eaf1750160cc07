import type { TestContext } from 'node:test'
import { type Bus, Run } from './groundwire.ts'
import { findPython } from './python.ts'
import { temporaryFolder } from './temporary.ts'
import { unusedPort } from './udp.ts'

/** Modules that AIT's server imports, as Debian packages them; gipc, which Debian lacks, is for plugins in processes of their own. */
const MODULES = ['zmq', 'gevent', 'bottle', 'yaml', 'jsonschema', 'setproctitle', 'requests', 'msgpack']

/** A stream of AIT's server: from a UDP port to the bus, or from topics of the bus to a UDP port. */
export interface AitStreams {
  readonly inbound: string
  readonly outbound: { readonly name: string; readonly topics: readonly string[]; readonly port: number }
}

/** AIT's own server with its broker, and the UDP port that its inbound stream listens on. */
export interface AitServer extends Bus {
  readonly port: number
}

/** Starts the AIT server at AIT_DIR. Without AIT_DIR it skips the test and returns undefined. */
export async function startAitServer(t: TestContext, streams: AitStreams): Promise<AitServer | undefined> {
  const source = process.env['AIT_DIR']
  if (source === undefined) {
    t.skip('AIT_DIR does not name an unpacked AIT-Core')
    return undefined
  }
  const python = findPython(t, ...MODULES)
  if (python === undefined) return undefined
  const folder = temporaryFolder(t)
  const port = await unusedPort()
  const [xsub, xpub] = [`tcp://127.0.0.1:${await unusedPort()}`, `tcp://127.0.0.1:${await unusedPort()}`]
  folder.write('gipc.py', '')
  folder.write('config.yaml', configOf(streams, { port, xsub, xpub }))
  const env = {
    AIT_ROOT: folder.path('.'),
    AIT_CONFIG: folder.path('config.yaml'),
    PYTHONPATH: `${source}:${folder.path('.')}`,
  }
  const run = new Run(t, python, ['-m', 'ait.core.bin.ait_server'], { env, cwd: folder.path('.') })
  return { run, port, xsub, xpub, env: { GROUNDWIRE_XSUB: xsub, GROUNDWIRE_XPUB: xpub } }
}

function configOf(
  { inbound, outbound }: AitStreams,
  at: { port: number; xsub: string; xpub: string },
): string {
  return `default:
  server:
    xsub: ${at.xsub}
    xpub: ${at.xpub}
    plugins: []
    inbound-streams:
      - stream:
          name: ${inbound}
          input: [${at.port}]
    outbound-streams:
      - stream:
          name: ${outbound.name}
          input: [${outbound.topics.join(', ')}]
          output: ${outbound.port}
`
}

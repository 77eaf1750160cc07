import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { freeUdpPort, freeUrl } from '../ports.ts'
import { missingModules, PYTHON } from '../programs.ts'
import { type Peer, TOPIC } from './peers.ts'
import { chainOf, removing } from './processes.ts'

/** AIT's own server, with one stream from a port and one to a port. AIT_DIR names its source. It has no marks or buffers to set. */
export function ait(): Peer {
  return {
    name: 'AIT server',
    everySize: true,
    ...(process.env['AIT_DIR'] === undefined
      ? { missing: 'AIT_DIR does not say where its source is' }
      : missingModules(
          'zmq',
          'gevent',
          'bottle',
          'yaml',
          'jsonschema',
          'setproctitle',
          'requests',
          'msgpack',
        )),
    async start(output) {
      const [input, xsub, xpub] = [await freeUdpPort(), await freeUrl(), await freeUrl()]
      const folder = mkdtempSync(path.join(tmpdir(), 'groundwire-bench-'))
      // AIT imports gipc for plugins in processes of their own; here no plugin has one. Debian does not have it.
      mkdirSync(path.join(folder, 'modules'))
      writeFileSync(path.join(folder, 'modules', 'gipc.py'), '')
      writeFileSync(path.join(folder, 'config.yaml'), configuration({ input, output, xsub, xpub }))
      const env = {
        PATH: process.env['PATH'],
        AIT_ROOT: folder,
        AIT_CONFIG: path.join(folder, 'config.yaml'),
        PYTHONPATH: [process.env['AIT_DIR'], path.join(folder, 'modules')].join(':'),
      }
      const server = spawn(PYTHON, ['-m', 'ait.core.bin.ait_server'], { cwd: folder, env, stdio: 'ignore' })
      return removing(folder, chainOf('AIT server', input, { 'ait-server': server }))
    },
  }
}

function configuration(at: { input: number; output: number; xsub: string; xpub: string }): string {
  return `default:
  server:
    xsub: ${at.xsub}
    xpub: ${at.xpub}
    plugins: []
    inbound-streams:
      - stream:
          name: ${TOPIC}
          input:
            - ${at.input}
    outbound-streams:
      - stream:
          name: out
          input:
            - ${TOPIC}
          output: ${at.output}
`
}

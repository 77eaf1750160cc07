// Ports under 1024 are refused to a program without CAP_NET_BIND_SERVICE (capabilities(7)).
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { shell } from '../helpers/groundwire.ts'
import { isolated, noNamespace } from '../helpers/isolated.ts'

for (const [line, error] of [
  [
    'udp-in 127.0.0.1:99 telem',
    'udp-in: error: no permission to listen on UDP 127.0.0.1:99: ports under 1024 need privileges\n',
  ],
  [
    'proxy --xsub tcp://127.0.0.1:99 --xpub tcp://127.0.0.1:*',
    'proxy: error: no permission to bind tcp://127.0.0.1:99\n',
  ],
  [
    'proxy --xsub tcp://127.0.0.1:99 --xpub tcp://127.0.0.1:* --carrier libzmq',
    'proxy: error: no permission to bind tcp://127.0.0.1:99\n',
  ],
] as const) {
  test(`groundwire ${line} without privileges is one line, and exit 1`, { skip: noNamespace }, async t => {
    const unprivileged = isolated(`exec setpriv --bounding-set=-net_bind_service groundwire ${line}`)
    const { code, stdout, stderr } = await shell(t, unprivileged).exit
    assert.equal(stderr, error)
    assert.equal(stdout.length, 0)
    assert.equal(code, 1)
  })
}

import assert from 'node:assert/strict'
import { mock, test, type TestContext } from 'node:test'
import { CookieKeys } from '../../../src/core/security/cookie-keys.ts'
import { CurveClient, clientIdentity } from '../../../src/core/security/curve-client.ts'
import type { CurveRole, Step } from '../../../src/core/security/curve-role.ts'
import { CurveServer, ServerIdentity } from '../../../src/core/security/curve-server.ts'
import type { AdmittedKey } from '../../../src/core/security/keys.ts'
import { Sodium } from '../../../src/core/security/sodium.ts'
import { encodeZ85 } from '../../../src/core/security/z85.ts'
import { makeKeys } from '../../helpers/curve-keys.ts'

const NO_METADATA = Buffer.alloc(0)

interface Options {
  /** The server key that clients are given. Default: the server's. */
  readonly serverKey?: Buffer
  readonly admit?: () => AdmittedKey | undefined
}

/** Both identities, wiped with the test, and the ends of any number of connections. */
async function world(t: TestContext, { serverKey, admit = () => ({ name: 'client' }) }: Options = {}) {
  const sodium = await Sodium.load()
  const [ofClient, ofServer] = [await makeKeys(), await makeKeys()]
  const server = new ServerIdentity(sodium, { ...ofServer, admit })
  const client = clientIdentity(sodium, { ...ofClient, serverKey: serverKey ?? ofServer.publicKey })
  const roles: CurveRole[] = []
  t.after(() => {
    server.close()
    client.secretKey.wipe()
    for (const role of roles) role.close()
  })
  const kept = <R extends CurveRole>(role: R): R => {
    roles.push(role)
    return role
  }
  return {
    sodium,
    ofClient,
    ofServer,
    server,
    newClient: () => kept(new CurveClient(sodium, client, NO_METADATA)),
    newServer: () => kept(new CurveServer(server, '127.0.0.1:1', NO_METADATA)),
  }
}

function reply({ reply: command, fault }: Step): Buffer {
  assert.equal(fault, undefined)
  assert.ok(command)
  return command
}

function hello(client: CurveClient): Buffer {
  const command = client.begin()
  assert.ok(command)
  return command
}

function changed(command: Buffer, at: number, byte?: number): Buffer {
  const copy = Buffer.from(command)
  copy[at] = byte ?? (copy[at] as number) ^ 1
  return copy
}

test('a recorded HELLO and INITIATE open no other connection, so that no recorded session does', async t => {
  const { newClient, newServer } = await world(t)
  const [client, first, second] = [newClient(), newServer(), newServer()]
  const recorded = hello(client)
  const initiate = reply(client.receive(reply(first.receive(recorded))))
  assert.ok(first.receive(initiate).opened)
  // The HELLO may be anybody's: it is answered with another cookie, which only its client can read.
  reply(second.receive(recorded))
  assert.match(second.receive(initiate).fault ?? '', /the cookie of another connection$/)
})

test('a cookie whose connection was changed to another is not opened', async t => {
  const { newClient, newServer } = await world(t)
  const [client, first, second] = [newClient(), newServer(), newServer()]
  const recorded = hello(client)
  const initiate = reply(client.receive(reply(first.receive(recorded))))
  reply(second.receive(recorded))
  const [ownConnection, otherConnection] = [12, 2]
  assert.equal(initiate[ownConnection], 1)
  const fault = second.receive(changed(initiate, ownConnection, otherConnection)).fault
  assert.match(fault ?? '', /a cookie that is not ours, or is too old$/)
})

test('commands out of turn, cut short or with a changed byte end the handshake', async t => {
  const { newClient, newServer } = await world(t)
  const make = (): { client: CurveClient; server: CurveServer; commands: Buffer[] } => {
    const [client, server] = [newClient(), newServer()]
    const first = hello(client)
    const welcome = reply(server.receive(first))
    const initiate = reply(client.receive(welcome))
    const ready = reply(server.receive(initiate))
    return { client, server, commands: [first, welcome, initiate, ready] }
  }
  const { commands } = make()
  const [first, welcome, initiate, ready] = commands as [Buffer, Buffer, Buffer, Buffer]
  for (const wrong of [initiate, welcome, ready, first.subarray(0, 199), Buffer.alloc(0)])
    assert.ok(newServer().receive(wrong).fault)
  // Every field of HELLO: name, version, padding, C', nonce, box.
  for (const at of [1, 6, 7, 40, 81, 119, 199]) assert.ok(newServer().receive(changed(first, at)).fault)

  const welcomed = () => {
    const client = newClient()
    const server = newServer()
    return { client, server, welcome: reply(server.receive(hello(client))) }
  }
  for (const at of [2, 9, 30, 167]) {
    const { client, welcome: own } = welcomed()
    assert.ok(client.receive(changed(own, at)).fault, `${at}`)
  }
  const { client: twice, welcome: own } = welcomed()
  reply(twice.receive(own))
  assert.match(twice.receive(own).fault ?? '', /WELCOME came out of turn$/)

  // Every field of INITIATE: cookie, its box, nonce, box.
  for (const at of [9, 20, 60, 112, 113, 200]) {
    const { client, server, welcome: theirs } = welcomed()
    assert.ok(server.receive(changed(reply(client.receive(theirs)), at)).fault, `${at}`)
  }
  const { client: again, server: ofAgain, welcome: theirs } = welcomed()
  const right = reply(again.receive(theirs))
  assert.ok(ofAgain.receive(right).opened)
  assert.match(ofAgain.receive(right).fault ?? '', /INITIATE came out of turn$/)

  const { client: last } = make()
  for (const wrong of [changed(ready, 8), changed(ready, ready.length - 1), ready.subarray(0, 29)])
    assert.ok(last.receive(wrong).fault)
})

test('a nonce of INITIATE that does not rise over that of HELLO ends the handshake', async t => {
  const { newClient, newServer } = await world(t)
  const [client, server] = [newClient(), newServer()]
  const initiate = reply(client.receive(reply(server.receive(hello(client)))))
  assert.equal(initiate[112], 2)
  assert.match(server.receive(changed(initiate, 112, 1)).fault ?? '', /whose nonce does not rise$/)
})

test('a public key of low order, which any secret goes with, is refused', async t => {
  const { newClient, newServer } = await world(t)
  const zero = Buffer.from(hello(newClient())).fill(0, 80, 112)
  const { fault } = newServer().receive(zero)
  assert.equal(fault, 'it does not know the public key of this side')
})

test('each side names what is wrong with the keys', async t => {
  const { publicKey: otherKey } = await makeKeys()
  const wrongKey = await world(t, { serverKey: otherKey })
  const client = wrongKey.newClient()
  const { fault, isDenied } = wrongKey.newServer().receive(hello(client))
  assert.deepEqual([fault, isDenied], ['it does not know the public key of this side', true])
  assert.equal(client.hangUp, 'it hung up at our HELLO: the server key given here is probably not its own')

  const notAllowed = await world(t, { admit: () => undefined })
  const [refused, server] = [notAllowed.newClient(), notAllowed.newServer()]
  const step = server.receive(reply(refused.receive(reply(server.receive(hello(refused))))))
  assert.equal(step.fault, `its key ${encodeZ85(notAllowed.ofClient.publicKey)} is not allowed`)
  assert.equal(step.reply?.toString('latin1'), '\x05ERROR\x03400')
  assert.deepEqual(refused.receive(step.reply ?? NO_METADATA), {
    fault: 'it does not admit our key (status 400)',
    isDenied: true,
  })
})

test('an ERROR with the text of a stranger is shown escaped, and a malformed one is none', async t => {
  const { newClient } = await world(t)
  const error = (reason: string, length = reason.length) => {
    const client = newClient()
    hello(client)
    return client.receive(Buffer.concat([Buffer.from('\x05ERROR'), Buffer.of(length), Buffer.from(reason)]))
  }
  assert.equal(error('go\x1b[2Jaway').fault, 'it refuses us: go?[2Jaway')
  assert.match(error('short', 200).fault ?? '', /a malformed ERROR$/)
})

test('a cookie opens for a minute at least and two at most, and its key is then gone', async () => {
  const sodium = await Sodium.load()
  mock.timers.enable({ apis: ['setInterval'] })
  try {
    const keys = new CookieKeys(sodium)
    const { publicKey, secretKey } = sodium.keyPair()
    const seal = (number: number) => keys.seal(publicKey, secretKey, Buffer.alloc(16, number))
    const isOpen = (cookie: Buffer) => {
      const kept = keys.open(cookie)
      if (kept === undefined) return false
      const isRight = kept.clientKey.equals(publicKey) && kept.secretKey.bytes.equals(secretKey.bytes)
      kept.secretKey.wipe()
      return isRight
    }
    const early = seal(1)
    assert.ok(isOpen(early))
    mock.timers.tick(60_000)
    const late = seal(2)
    assert.ok(isOpen(early) && isOpen(late))
    mock.timers.tick(60_000)
    assert.ok(!isOpen(early) && isOpen(late))
    mock.timers.tick(60_000)
    assert.ok(!isOpen(early) && !isOpen(late))
    keys.close()
    secretKey.wipe()
  } finally {
    mock.timers.reset()
  }
})

test('a server holds nothing of a client before its INITIATE, and nothing of either is left when they close', async () => {
  const sodium = await Sodium.load()
  const held = heldBy(sodium)
  try {
    const [ofClient, ofServer] = [await makeKeys(), await makeKeys()]
    const before = held.blocks
    const server = new ServerIdentity(sodium, { ...ofServer, admit: () => ({ name: 'client' }) })
    const client = clientIdentity(sodium, { ...ofClient, serverKey: ofServer.publicKey })
    const greeted = Array.from({ length: 50 }, () => {
      const [newcomer, end] = [
        new CurveClient(sodium, client, NO_METADATA),
        new CurveServer(server, '', NO_METADATA),
      ]
      const welcome = reply(end.receive(hello(newcomer)))
      return { newcomer, end, welcome }
    })
    // A pair of keys and a shared one for each client; for the server its secret, and the key of all cookies.
    assert.equal(held.blocks - before, 1 + 1 + 1 + 2 * greeted.length)
    for (const { newcomer, end, welcome } of greeted.slice(25)) {
      const { reply: ready, opened } = end.receive(reply(newcomer.receive(welcome)))
      const ofNewcomer = newcomer.receive(ready ?? NO_METADATA).opened
      assert.ok(opened && ofNewcomer)
      assert.equal(opened.keys.isWiped || ofNewcomer.keys.isWiped, false)
      opened.keys.wipe()
      ofNewcomer.keys.wipe()
    }
    for (const { newcomer, end } of greeted) {
      newcomer.close()
      end.close()
    }
    assert.ok(sodium.heap.includes(ofServer.secretKey))
    server.close()
    client.secretKey.wipe()
    assert.equal(held.blocks, before)
    for (const { secretKey } of [ofClient, ofServer]) assert.ok(!sodium.heap.includes(secretKey))
  } finally {
    held.release()
  }
})

/** Counts the blocks of memory that are held, and asserts that each is wiped before it is given back. */
function heldBy({ module }: Sodium) {
  const allocate = module._malloc.bind(module)
  const free = module._free.bind(module)
  const sizes = new Map<number, number>()
  Object.assign(module, {
    _malloc(size: number) {
      const at = allocate(size)
      sizes.set(at, size)
      return at
    },
    _free(at: number) {
      const size = sizes.get(at) ?? 0
      assert.ok(module.HEAPU8.subarray(at, at + size).every(byte => byte === 0))
      sizes.delete(at)
      free(at)
    },
  })
  return {
    get blocks() {
      return sizes.size
    },
    release: () => Object.assign(module, { _malloc: allocate, _free: free }),
  }
}

import type { TestContext } from 'node:test'
import { Broker } from '../../src/core/bus/broker.ts'
import type { BrokerEvent, BrokerOptions } from '../../src/core/bus/broker-options.ts'
import { Condition } from '../../src/core/condition.ts'
import type { AdmittedKey, ClientKeys } from '../../src/core/security/keys.ts'
import { encodeZ85 } from '../../src/core/security/z85.ts'
import { type KeyPair, makeKeys } from './curve-keys.ts'
import { PATIENCE_MS } from './groundwire.ts'

/** A broker with keys in this process. */
export interface KeyedBus {
  readonly broker: Broker
  readonly xsub: string
  readonly xpub: string
  readonly serverKeys: KeyPair
  /** Makes keys for a client, and lets them in, unless told otherwise. */
  client(name?: string | null): Promise<ClientKeys>
  /** Keys that are let in, by their public key in Z85. */
  readonly admitted: Map<string, AdmittedKey>
  readonly events: readonly BrokerEvent[]
  /** Resolves as soon as an event fits. */
  event(fits: (event: BrokerEvent) => boolean): Promise<BrokerEvent>
}

/** Starts a broker with keys on free ports, which is closed with the test. */
export async function keyedBus(t: TestContext, options: BrokerOptions = {}): Promise<KeyedBus> {
  const serverKeys = await makeKeys()
  const admitted = new Map<string, AdmittedKey>()
  const broker = new Broker({
    xsub: 'tcp://127.0.0.1:*',
    xpub: 'tcp://127.0.0.1:*',
    admitAfterMs: 0,
    ...options,
    security: { ...serverKeys, admit: publicKey => admitted.get(encodeZ85(publicKey)) },
  })
  t.after(() => broker.close())
  const events: BrokerEvent[] = []
  const condition = new Condition()
  broker.on('peer', event => {
    events.push(event)
    condition.notify()
  })
  const { xsub, xpub } = await broker.start()
  return {
    broker,
    xsub: xsub.join(),
    xpub: xpub.join(),
    serverKeys,
    admitted,
    events,
    async client(name = 'client') {
      const keys = await makeKeys()
      if (name !== null) admitted.set(encodeZ85(keys.publicKey), { name })
      return { ...keys, serverKey: serverKeys.publicKey }
    },
    async event(fits) {
      await condition.until(() => events.some(fits), { signal: AbortSignal.timeout(PATIENCE_MS) })
      return events.find(fits) as BrokerEvent
    },
  }
}

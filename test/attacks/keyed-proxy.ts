// A proxy with keys in its own process, to be attacked. KEYED_PROXY has its public and its secret key, and those that it lets in.
import { Broker } from '../../src/core/bus/broker.ts'

const [publicKey = '', secretKey = '', ...allowed] = (process.env['KEYED_PROXY'] ?? '').split(' ')
const broker = new Broker({
  xsub: 'tcp://127.0.0.1:*',
  xpub: 'tcp://127.0.0.1:*',
  security: {
    publicKey: Buffer.from(publicKey, 'hex'),
    secretKey: Buffer.from(secretKey, 'hex'),
    admit: key => (allowed.includes(Buffer.from(key).toString('hex')) ? { name: 'known' } : undefined),
  },
})
const { xsub, xpub } = await broker.start()
process.stderr.write(`publishers at ${xsub.join()} (xsub), subscribers at ${xpub.join()} (xpub)\n`)
process.once('SIGINT', () => {
  void broker.close().then(() => process.exit())
})

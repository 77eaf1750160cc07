import type { Payload } from '../wire/payload.ts'
import { PortInputClient } from './port-input-client.ts'

/** Publishes every datagram, as bytes, to the topic that is its name: the role of `groundwire udp-in`. */
export class UdpIn extends PortInputClient {
  override process(packet: Payload): void {
    this.publish(packet)
  }
}

import type { Payload } from '../wire/payload.ts'
import { PortOutputClient } from './port-output-client.ts'

/** Sends every message's bytes to its outputs: the role of `groundwire udp-out`. */
export class UdpOut extends PortOutputClient {
  override process(message: Payload): void {
    this.publish(message)
  }
}

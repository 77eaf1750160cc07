import type { Limits } from '../limits.ts'
import type { DescriptorEvent } from '../carrier.ts'
import { DescriptorGuard } from './descriptor-guard.ts'
import { MemoryRelease } from './memory-release.ts'
import { Reassembly } from './reassembly.ts'
import { Turns } from './turns.ts'

/** Resources that the two sides of a broker share, limited for both together. */
export class Resources {
  readonly limits: Limits
  readonly reassembly: Reassembly
  readonly descriptors: DescriptorGuard
  readonly turns = new Turns()

  readonly #memory: MemoryRelease

  constructor(limits: Limits, onDescriptors: (event: DescriptorEvent) => void) {
    this.limits = limits
    this.reassembly = new Reassembly(limits.reassembly)
    this.descriptors = new DescriptorGuard(onDescriptors)
    this.#memory = new MemoryRelease(limits.queues, limits.reassembly)
  }

  close(): void {
    this.descriptors.close()
    this.#memory.close()
  }
}

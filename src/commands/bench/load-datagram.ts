/** Length of the header of every datagram of a trial: the trial, the sequence number, the time of sending. */
export const LOAD_HEADER = 16

/** The trial number of datagrams that only check whether the chain is open. */
export const PROBE_TRIAL = 0

/** Reads the clock shared by all processes of a machine, in ms: `performance.now()` plus a constant per process. */
export type SharedClock = () => number

/** Writes the header, little-endian like the processors it runs on. */
export function writeLoadHeader(datagram: Buffer, trial: number, sequence: number, sentMs: number): void {
  datagram.writeUInt32LE(trial, 0)
  datagram.writeUInt32LE(sequence, 4)
  datagram.writeDoubleLE(sentMs, 8)
}

export function trialOf(datagram: Buffer): number {
  return datagram.length < LOAD_HEADER ? -1 : datagram.readUInt32LE(0)
}

export function sequenceOf(datagram: Buffer): number {
  return datagram.readUInt32LE(4)
}

export function sentMsOf(datagram: Buffer): number {
  return datagram.readDoubleLE(8)
}

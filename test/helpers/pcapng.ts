/** Builds pcapng blocks by hand, in either byte order, including ones that our writer never writes. */
export function blocks(littleEndian: boolean) {
  const u16 = (value: number) => number(2, view => view.setUint16(0, value, littleEndian))
  const u32 = (value: number) => number(4, view => view.setUint32(0, value, littleEndian))
  const i64 = (value: bigint) => number(8, view => view.setBigInt64(0, value, littleEndian))
  const timestamp = (units: bigint) =>
    Buffer.concat([u32(Number(units >> 32n)), u32(Number(units & 0xffff_ffffn))])
  const option = (code: number, value: Uint8Array | string) =>
    Buffer.concat([u16(code), u16(Buffer.byteLength(value)), pad(Buffer.from(value))])
  const block = (type: number, ...body: Uint8Array[]) => {
    const length = u32(body.reduce((sum, part) => sum + part.length, 12))
    return Buffer.concat([u32(type), length, ...body, length])
  }
  return {
    u16,
    u32,
    i64,
    option,
    block,
    section: (major = 1) => block(0x0a0d0d0a, u32(0x1a2b3c4d), u16(major), u16(0), i64(-1n)),
    description: (linkType: number, snapLength: number, ...options: Uint8Array[]) =>
      block(1, u16(linkType), u16(0), u32(snapLength), ...options),
    enhanced: (id: number, units: bigint, data: Uint8Array, ...options: Uint8Array[]) =>
      block(6, u32(id), timestamp(units), u32(data.length), u32(data.length), pad(data), ...options),
    obsolete: (id: number, drops: number, units: bigint, data: Uint8Array) =>
      block(2, u16(id), u16(drops), timestamp(units), u32(data.length), u32(data.length), pad(data)),
    simple: (originalLength: number, data: Uint8Array) => block(3, u32(originalLength), pad(data)),
  }
}

function number(length: number, set: (view: DataView) => void): Buffer {
  const bytes = Buffer.alloc(length)
  set(new DataView(bytes.buffer, bytes.byteOffset, length))
  return bytes
}

function pad(bytes: Uint8Array): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)])
}

import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { PROJECT } from '../../scripts/project.ts'
import { DateTime } from '../../src/core/wire/datetime.ts'
import { float, integer, Tuple, type Payload } from '../../src/core/wire/payload.ts'

/** One value, with AIT's frames of it in hexadecimal. */
export interface WireVector {
  readonly name: string
  readonly value: VectorValue
  readonly msgpack?: string
  readonly pickle?: string
}

/** Notation of the vector files: str, bool and null stand for themselves, a list is a list, other values are tagged. */
type VectorValue =
  | null
  | boolean
  | string
  | VectorValue[]
  | { bytes: string }
  | { int: string }
  | { float: string }
  | { tuple: VectorValue[] }
  | { datetime: string }
  | { map: [VectorValue, VectorValue][] }

interface VectorFile {
  readonly vectors: WireVector[]
  readonly pickled_twice?: WireVector[]
}

const shared = process.env['GROUNDWIRE_SHARED'] ?? path.join(PROJECT, '../shared')

/** The vectors of this repository, and those made by AIT itself if available (GROUNDWIRE_SHARED). */
export function wireVectors(): WireVector[] {
  const files = [
    path.join(PROJECT, 'test/vectors/wire.json'),
    path.join(shared, 'wire/ait-vectors.json'),
    path.join(PROJECT, '../../shared/wire/ait-vectors.json'),
  ]
  return files
    .filter(file => existsSync(file))
    .map(file => JSON.parse(readFileSync(file, 'utf8')) as VectorFile)
    .flatMap(({ vectors, pickled_twice = [] }) => vectors.concat(pickled_twice))
}

/** Converts a vector's value to its payload. */
export function vectorPayload(value: VectorValue): Payload {
  if (value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) return value.map(vectorPayload)
  if ('bytes' in value) return Buffer.from(value.bytes, 'hex')
  if ('int' in value) return integer(BigInt(value.int))
  if ('float' in value) return float(Number(value.float.replace('inf', 'Infinity')))
  if ('tuple' in value) return new Tuple(value.tuple.map(vectorPayload))
  if ('datetime' in value) return new DateTime(value.datetime)
  return new Map(value.map.map(([key, item]) => [vectorPayload(key), vectorPayload(item)]))
}

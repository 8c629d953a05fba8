// Records for tests of the journal: each knows its number, its length and its scope, and is filled with bytes that follow
// from them, so that what comes back can be compared byte by byte. They are framed as protobuf records are, which is what
// an adopted folder's reader walks.

import { createProtobufEnvelope } from '../src/envelope.ts'
import type { Scope } from '../src/record.ts'
import { type Run, SlabWriter } from '../src/slab.ts'

/** Tag, length (of two bytes, always), id, scope. */
const OVERHEAD_BYTES = 9
export const RECORD_BYTES = 16
export const SCOPES: readonly Scope[] = [{ name: 'app', version: '1.2.3' }, { name: 'db' }, { name: 'höm' }]
/** A KeyValueList of one attribute: service.name = orders. */
export const RESOURCE: Buffer = Buffer.from('0a180a0c736572766963652e6e616d6512080a066f7264657273', 'hex')

export const next: (slab: Buffer, offset: number) => number = createProtobufEnvelope(
  RESOURCE,
  (scopeId) => SCOPES[scopeId]!,
).next

/** Hands out records as an encoder does: from slabs, one after the other. */
export class Records extends SlabWriter {
  constructor(slabBytes = 1024) {
    super(1e6, slabBytes)
  }

  make(id: number, bytes: number = RECORD_BYTES, scopeId = 0): Run {
    this.ensure(bytes)
    recordOf(id, bytes, scopeId).copy(this.buf, this.pos)
    this.pos += bytes
    return this.give(scopeId)
  }
}

/** The bytes of a record. */
export function recordOf(id: number, bytes: number = RECORD_BYTES, scopeId = 0): Buffer {
  const record = Buffer.alloc(bytes)
  record[0] = 0x12
  record[1] = ((bytes - 3) & 0x7f) | 0x80
  record[2] = (bytes - 3) >> 7
  record.writeUInt32LE(id, 3)
  record.writeUInt16LE(scopeId, 7)
  for (let at = OVERHEAD_BYTES; at < bytes; at++) record[at] = (id * 31 + at * 7) & 0xff
  return record
}

/** A run of records that nobody shares a slab with. */
export function runOf(ids: readonly number[], bytes: number = RECORD_BYTES, scopeId = 0): Run {
  const slab = Buffer.concat(ids.map((id) => recordOf(id, bytes, scopeId)))
  return { slab, start: 0, end: slab.length, count: ids.length, scopeId }
}

/** The records in these runs. One that is not what was made under its id, to the byte and in its scope, is NaN. */
export function idsOf(runs: readonly Run[]): number[] {
  return runs.flatMap(({ slab, start, end, scopeId, count }) => {
    const ids: number[] = []
    for (let at = start; at < end; at = next(slab, at)) ids.push(idAt(slab, at, scopeId))
    return ids.length === count ? ids : [...ids, Number.NaN]
  })
}

function idAt(slab: Buffer, at: number, scopeId: number): number {
  const record = slab.subarray(at, next(slab, at))
  const id = record.readUInt32LE(3)
  return record.equals(recordOf(id, record.length, scopeId)) ? id : Number.NaN
}

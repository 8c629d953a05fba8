// The file format of the journal: a segment is a header, then frames, appended and never changed.
//
//   header  'OTLPLOGS' | version u16 | encoding u16 | created f64 | first f64 | resource length u32 | crc u32 | resource
//   frame   magic u16 | kind u8 | 0 u8 | length u32 | count u32 | scope u32 | first f64 | payload crc u32 | crc u32 | payload
//
// All numbers are little-endian. `created` is milliseconds since 1970, `first` the number of a record in its instance.
// - A frame of records holds encoded records of one scope, end to end; a frame of a scope defines it before its first use.
// - The frame's header has a checksum of its own: a payload that is damaged costs its frame and no more, since the length
//   can be trusted; after a damaged header the next good one is searched.
// - A tail that is cut is normal, it is what a crash leaves behind: it ends the segment, and is counted.
// No file is opened here: bytes in, bytes out.

import { crc32 } from 'node:zlib'
import type { Scope } from './record.ts'

export type SegmentEncoding = 'protobuf' | 'json'

export interface SegmentHeader {
  encoding: SegmentEncoding
  /** The Resource's attributes, encoded: what createProtobufEnvelope or createJsonEnvelope take. */
  resource: Buffer
  createdUnixMillis: number
  /** The number of the first record that may follow. */
  first: number
}

export interface RecordsFrame {
  kind: 'records'
  /** The number of its first record. */
  first: number
  count: number
  scopeId: number
  /** Where its payload lies in the bytes read, and where the next frame begins. */
  start: number
  end: number
}

/** What is found in a segment, in order. `damage` stands for one frame that is lost; it knows of how many records, or 0. */
export type Found =
  | RecordsFrame
  | { kind: 'scope'; scopeId: number; scope: Scope; end: number }
  | { kind: 'damage'; what: 'torn' | 'corrupt'; end: number }

const MAGIC = Buffer.from('OTLPLOGS')
const VERSION = 1
const HEADER_BYTES = 40
const FRAME_MAGIC = 0x4a4f
const FRAME_MAGIC_BYTES = Buffer.from([0x4f, 0x4a])
export const FRAME_HEADER_BYTES = 32
const RECORDS = 1
const SCOPE = 2
const ENCODINGS: readonly SegmentEncoding[] = ['protobuf', 'json']

export function encodeSegmentHeader({ encoding, resource, createdUnixMillis, first }: SegmentHeader): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES + resource.length)
  MAGIC.copy(bytes)
  bytes.writeUInt16LE(VERSION, 8)
  bytes.writeUInt16LE(ENCODINGS.indexOf(encoding), 10)
  bytes.writeDoubleLE(createdUnixMillis, 12)
  bytes.writeDoubleLE(first, 20)
  bytes.writeUInt32LE(resource.length, 28)
  resource.copy(bytes, HEADER_BYTES)
  bytes.writeUInt32LE(headerChecksum(bytes), 32)
  return bytes
}

function headerChecksum(bytes: Buffer): number {
  return crc32(bytes.subarray(HEADER_BYTES), crc32(bytes.subarray(0, 32)))
}

/** The header, and where the first frame begins; undefined when it is no header of this version, or damaged. */
export function decodeSegmentHeader(bytes: Buffer): { header: SegmentHeader; end: number } | undefined {
  if (bytes.length < HEADER_BYTES || !MAGIC.equals(bytes.subarray(0, 8))) return undefined
  const encoding = ENCODINGS[bytes.readUInt16LE(10)]
  const end = HEADER_BYTES + bytes.readUInt32LE(28)
  if (bytes.readUInt16LE(8) !== VERSION || encoding === undefined || end > bytes.length) return undefined
  if (bytes.readUInt32LE(32) !== headerChecksum(bytes.subarray(0, end))) return undefined
  const resource = Buffer.from(bytes.subarray(HEADER_BYTES, end))
  return {
    header: { encoding, resource, createdUnixMillis: bytes.readDoubleLE(12), first: bytes.readDoubleLE(20) },
    end,
  }
}

/** Whether it says itself that it is of another version. */
export function isOtherVersion(bytes: Buffer): boolean {
  return bytes.length >= HEADER_BYTES && MAGIC.equals(bytes.subarray(0, 8)) && bytes.readUInt16LE(8) !== VERSION
}

/** The header of a frame with this payload. @param into FRAME_HEADER_BYTES that are to hold it @default new ones */
export function recordsFrameHeader(
  first: number,
  count: number,
  scopeId: number,
  payload: Buffer,
  into: Buffer = Buffer.allocUnsafe(FRAME_HEADER_BYTES),
): Buffer {
  return frameHeader(RECORDS, first, count, scopeId, payload, into)
}

/** A whole frame. */
export function encodeScopeFrame(scopeId: number, { name, version }: Scope): Buffer {
  const payload = Buffer.from(JSON.stringify({ name, version }))
  const header = Buffer.allocUnsafe(FRAME_HEADER_BYTES)
  return Buffer.concat([frameHeader(SCOPE, 0, 0, scopeId, payload, header), payload])
}

/** Where a header is put together: views that are made once cost less than the Buffer's own methods. */
const DRAFT = Buffer.from(new ArrayBuffer(FRAME_HEADER_BYTES))
const DRAFT_CHECKED = DRAFT.subarray(0, 28)
const DRAFT_NUMBERS = new DataView(DRAFT.buffer)

function frameHeader(
  kind: number,
  first: number,
  count: number,
  scopeId: number,
  payload: Buffer,
  into: Buffer,
): Buffer {
  DRAFT_NUMBERS.setUint16(0, FRAME_MAGIC, true)
  DRAFT_NUMBERS.setUint16(2, kind, true)
  DRAFT_NUMBERS.setUint32(4, payload.length, true)
  DRAFT_NUMBERS.setUint32(8, count, true)
  DRAFT_NUMBERS.setUint32(12, scopeId, true)
  DRAFT_NUMBERS.setFloat64(16, first, true)
  DRAFT_NUMBERS.setUint32(24, crc32(payload), true)
  DRAFT_NUMBERS.setUint32(28, crc32(DRAFT_CHECKED), true)
  into.set(DRAFT)
  return into
}

/** What lies in these bytes from `offset` on, which is the beginning of a frame. Every step goes forward. */
export function* readFrames(bytes: Buffer, offset: number): Generator<Found> {
  for (let at = offset; at < bytes.length;) {
    const found = isFrameHeader(bytes, at) ? readFrame(bytes, at) : skipDamage(bytes, at)
    yield found
    at = found.end
  }
}

function isFrameHeader(bytes: Buffer, at: number): boolean {
  if (at + FRAME_HEADER_BYTES > bytes.length || bytes.readUInt16LE(at) !== FRAME_MAGIC) return false
  return bytes.readUInt32LE(at + 28) === crc32(bytes.subarray(at, at + 28))
}

function readFrame(bytes: Buffer, at: number): Found {
  const start = at + FRAME_HEADER_BYTES
  const end = start + bytes.readUInt32LE(at + 4)
  if (end > bytes.length) return { kind: 'damage', what: 'torn', end: bytes.length }
  const payload = bytes.subarray(start, end)
  const kind = bytes.readUInt16LE(at + 2)
  const scopeId = bytes.readUInt32LE(at + 12)
  if (bytes.readUInt32LE(at + 24) !== crc32(payload)) return { kind: 'damage', what: 'corrupt', end }
  const scope = kind === SCOPE ? decodeScope(payload.toString()) : undefined
  if (scope !== undefined) return { kind: 'scope', scopeId, scope, end }
  if (kind !== RECORDS) return { kind: 'damage', what: 'corrupt', end }
  return { kind: 'records', first: bytes.readDoubleLE(at + 16), count: bytes.readUInt32LE(at + 8), scopeId, start, end }
}

/** A checksum is no proof: bytes that somebody logged may look like a frame, where they are searched for one. */
function decodeScope(text: string): Scope | undefined {
  try {
    const { name, version } = JSON.parse(text) as Record<string, unknown>
    if (typeof name !== 'string') return undefined
    if (version === undefined) return { name }
    return typeof version === 'string' ? { name, version } : undefined
  } catch {
    return undefined
  }
}

/** Goes on at the next good header, or at the end. */
function skipDamage(bytes: Buffer, at: number): Found {
  for (let next = at; ;) {
    next = bytes.indexOf(FRAME_MAGIC_BYTES, next + 1)
    if (next === -1) return { kind: 'damage', what: 'torn', end: bytes.length }
    if (isFrameHeader(bytes, next)) return { kind: 'damage', what: 'corrupt', end: next }
  }
}

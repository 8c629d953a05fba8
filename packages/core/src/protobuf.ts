// OTLP's protobuf encoding, by hand, straight into a slab: AnyValue (common/v1) and LogRecord (logs/v1).
// A record carries its own tag and length (field 2 of ScopeLogs), so records laid end to end are a legal part of a
// ScopeLogs and can be walked without decoding them.
// Lengths are not known in advance: room for a guess is reserved, and what follows is moved where the guess was wrong.

import type { RecordFormat } from './record-format.ts'
import { type Run, SlabWriter } from './slab.ts'

/** ScopeLogs.log_records, length-delimited. */
export const LOG_RECORD_TAG = 0x12

/** Messages open at a time: 30 levels of three, and the few around them. */
const STACK_DEPTH = 128

export class ProtobufFormat extends SlabWriter implements RecordFormat {
  // Content starts and reserved length bytes of the messages that are open.
  readonly #starts = new Int32Array(STACK_DEPTH)
  readonly #reserved = new Int32Array(STACK_DEPTH)
  #depth = 0

  times(timeUnixNano: bigint | undefined, observedTimeUnixNano: bigint): void {
    this.ensure(32)
    // The record's own tag and length; three bytes hold the length of most records up to 2 MiB.
    this.#depth = 0
    this.buf[this.pos++] = LOG_RECORD_TAG
    this.#fork(200)
    if (timeUnixNano !== undefined) {
      this.buf[this.pos++] = 0x09
      this.pos = this.buf.writeBigUInt64LE(BigInt.asUintN(64, timeUnixNano), this.pos)
    }
    this.buf[this.pos++] = 0x59
    this.pos = this.buf.writeBigUInt64LE(BigInt.asUintN(64, observedTimeUnixNano), this.pos)
  }

  severity(number: number, text: string | undefined): void {
    this.ensure(4)
    if (number !== 0) {
      this.buf[this.pos++] = 0x10
      this.buf[this.pos++] = number
    }
    if (text !== undefined && text !== '') this.#text(0x1a, text)
  }

  beginBody(hint: number): void {
    this.ensure(8)
    this.buf[this.pos++] = 0x2a
    this.#fork(hint)
  }

  endBody(): void {
    this.#join()
  }

  beginAttributes(): void {}
  endAttributes(): void {}

  beginAttribute(key: string, hint: number): void {
    this.#beginKeyValue(0x32, key, hint)
  }

  endAttribute(): void {
    this.#join()
    this.#join()
  }

  droppedAttributesCount(count: number): void {
    this.ensure(8)
    this.buf[this.pos++] = 0x38
    this.#varint(count)
  }

  trace(traceId: string, spanId: string | undefined, flags: number | undefined): void {
    this.ensure(40)
    if (flags !== undefined && flags !== 0) {
      this.buf[this.pos++] = 0x45
      this.pos = this.buf.writeUInt32LE(flags & 0xff, this.pos)
    }
    this.#hex(0x4a, traceId)
    if (spanId !== undefined) this.#hex(0x52, spanId)
  }

  eventName(name: string): void {
    this.#text(0x62, name)
  }

  endRecord(scopeId: number): Run {
    this.#join()
    return this.give(scopeId)
  }

  endValue(): Buffer {
    const value = Buffer.from(this.buf.subarray(this.start, this.pos))
    this.rewind()
    return value
  }

  override rewind(): void {
    super.rewind()
    this.#depth = 0
  }

  string(value: string): void {
    this.#text(0x0a, value)
  }

  stringBytes(value: string): number {
    return Buffer.byteLength(value)
  }

  bool(value: boolean): void {
    this.ensure(2)
    this.buf[this.pos++] = 0x10
    this.buf[this.pos++] = value ? 1 : 0
  }

  int(value: number | bigint): void {
    this.ensure(11)
    this.buf[this.pos++] = 0x18
    if (typeof value === 'bigint') return this.#varint64(BigInt.asUintN(64, value))
    if (value < 0) return this.#varint64(BigInt.asUintN(64, BigInt(value)))
    this.#varint(value)
  }

  double(value: number): void {
    this.ensure(9)
    this.buf[this.pos++] = 0x21
    this.pos = this.buf.writeDoubleLE(value, this.pos)
  }

  bytes(value: Uint8Array): void {
    this.ensure(value.length + 11)
    this.buf[this.pos++] = 0x3a
    this.#varint(value.length)
    this.buf.set(value, this.pos)
    this.pos += value.length
  }

  empty(): void {}

  beginArray(): void {
    this.ensure(8)
    this.buf[this.pos++] = 0x2a
    this.#fork(0)
  }

  beginElement(hint: number): void {
    this.ensure(8)
    this.buf[this.pos++] = 0x0a
    this.#fork(hint)
  }

  endElement(): void {
    this.#join()
  }

  endArray(): void {
    this.#join()
  }

  beginMap(): void {
    this.ensure(8)
    this.buf[this.pos++] = 0x32
    this.#fork(0)
  }

  beginEntry(key: string, hint: number): void {
    this.#beginKeyValue(0x0a, key, hint)
  }

  endEntry(): void {
    this.#join()
    this.#join()
  }

  endMap(): void {
    this.#join()
  }

  #beginKeyValue(tag: number, key: string, hint: number): void {
    this.ensure(8)
    this.buf[this.pos++] = tag
    this.#fork(hint === 0 ? 0 : hint + key.length + 5)
    this.#text(0x0a, key)
    this.ensure(8)
    this.buf[this.pos++] = 0x12
    this.#fork(hint)
  }

  /** Opens a message whose content will have about `hint` bytes. The caller has ensured 8 bytes. */
  #fork(hint: number): void {
    const reserved = varintSize(hint)
    this.pos += reserved
    // Relative to the record's start: a record that outgrows its slab moves.
    this.#starts[this.#depth] = this.pos - this.start
    this.#reserved[this.#depth++] = reserved
  }

  #join(): void {
    const start = this.start + this.#starts[--this.#depth]!
    const reserved = this.#reserved[this.#depth]!
    const length = this.pos - start
    const needed = varintSize(length)
    if (needed !== reserved) {
      this.ensure(4)
      return this.#move(this.start + this.#starts[this.#depth]!, length, needed - reserved)
    }
    putVarint(this.buf, start - reserved, length)
  }

  #move(start: number, length: number, by: number): void {
    this.buf.copyWithin(start + by, start, start + length)
    this.pos += by
    putVarint(this.buf, start + by - varintSize(length), length)
  }

  #text(tag: number, value: string): void {
    const { length } = value
    // In UTF-8 a code unit takes at most 3 bytes. Where that is too much to ask, the true length is looked up: neither a
    // slab is wasted then, nor a record refused that fits.
    if (this.pos + length * 3 + 6 > this.buf.length) this.ensure(Buffer.byteLength(value) + 6)
    this.buf[this.pos++] = tag
    const reserved = varintSize(length)
    const start = this.pos + reserved
    const written = length < 24 ? putShort(this.buf, start, value) : this.buf.write(value, start, 'utf8')
    const needed = varintSize(written)
    if (needed !== reserved) this.buf.copyWithin(start + needed - reserved, start, start + written)
    putVarint(this.buf, this.pos, written)
    this.pos += needed + written
  }

  #hex(tag: number, hex: string): void {
    const { buf } = this
    let { pos } = this
    buf[pos++] = tag
    buf[pos++] = hex.length >> 1
    for (let i = 0; i < hex.length; i += 2) {
      buf[pos++] = (nibble(hex.charCodeAt(i)) << 4) | nibble(hex.charCodeAt(i + 1))
    }
    this.pos = pos
  }

  /** A whole number from 0 to 2^53. */
  #varint(value: number): void {
    let rest = value
    while (rest > 0x7f) {
      this.buf[this.pos++] = (rest % 128) | 0x80
      rest = rest > 0x7fffffff ? Math.floor(rest / 128) : rest >>> 7
    }
    this.buf[this.pos++] = rest
  }

  #varint64(value: bigint): void {
    let rest = value
    while (rest > 0x7fn) {
      this.buf[this.pos++] = Number(rest & 0x7fn) | 0x80
      rest >>= 7n
    }
    this.buf[this.pos++] = Number(rest)
  }
}

/** Bytes that the varint of a number below 2^32 takes. */
export function varintSize(value: number): number {
  if (value < 0x80) return 1
  if (value < 0x4000) return 2
  if (value < 0x200000) return 3
  return value < 0x10000000 ? 4 : 5
}

/** Writes the varint of a number below 2^32 and gives the offset behind it. */
export function putVarint(buffer: Uint8Array, offset: number, value: number): number {
  let at = offset
  let rest = value
  while (rest > 0x7f) {
    buffer[at++] = (rest & 0x7f) | 0x80
    rest >>>= 7
  }
  buffer[at++] = rest
  return at
}

/** Short ASCII strings, most keys among them, are faster byte by byte than through the native writer. */
function putShort(buffer: Buffer, offset: number, value: string): number {
  for (let i = 0; i < value.length; i++) {
    const unit = value.charCodeAt(i)
    if (unit > 0x7f) return buffer.write(value, offset, 'utf8')
    buffer[offset + i] = unit
  }
  return value.length
}

function nibble(code: number): number {
  return code < 58 ? code - 48 : code - 87
}

// AnyValue and KeyValue (common/v1) in protobuf, straight into a slab.
// Lengths are not known in advance: room for a guess is reserved, and what follows is moved where the guess was wrong.

import { type KeyHead, KeyHeads } from './key-heads.ts'
import { SlabWriter } from './slab.ts'
import type { ValueWriter } from './value-writer.ts'
import { putVarint, varintSize } from './varint.ts'

/** Messages open at a time: 30 levels of three, and the few around them. */
const STACK_DEPTH = 128

/** KeyValueList.values. */
const ENTRY = 0x0a

/** Shorter strings are faster byte by byte than through the native writer, which takes 0.04 us whatever the length. */
const LOOP_CHARS = 12

/** With the value's own tag and both its lengths, 127 bytes at most: what a length of one byte can say. */
const MAX_SIMPLE_CHARS = 124
/** Tag, length, and a text whose characters may all take three bytes, until that is known. */
const SIMPLE_BYTES = 2 + 3 + MAX_SIMPLE_CHARS * 3

export class ProtobufValues extends SlabWriter implements ValueWriter {
  // Content starts and reserved length bytes of the messages that are open.
  readonly #starts = new Int32Array(STACK_DEPTH)
  readonly #reserved = new Int32Array(STACK_DEPTH)
  #depth = 0
  readonly #keys = new KeyHeads()

  override rewind(): void {
    super.rewind()
    this.#depth = 0
  }

  /** Nothing is open any more. */
  protected beginMessages(): void {
    this.#depth = 0
    this.#keys.begin()
  }

  string(value: string): void {
    this.text(0x0a, value)
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
    this.varint(value)
  }

  double(value: number): void {
    this.ensure(9)
    this.buf[this.pos++] = 0x21
    this.pos = this.buf.writeDoubleLE(value, this.pos)
  }

  bytes(value: Uint8Array): void {
    this.ensure(value.length + 11)
    this.buf[this.pos++] = 0x3a
    this.varint(value.length)
    this.buf.set(value, this.pos)
    this.pos += value.length
  }

  empty(): void {}

  beginArray(): void {
    this.ensure(8)
    this.buf[this.pos++] = 0x2a
    this.fork(0)
  }

  beginElement(hint: number): void {
    this.ensure(8)
    this.buf[this.pos++] = 0x0a
    this.fork(hint)
  }

  endElement(): void {
    this.join()
  }

  endArray(): void {
    this.join()
  }

  beginMap(): void {
    this.ensure(8)
    this.buf[this.pos++] = 0x32
    this.fork(0)
  }

  simpleEntry(key: string, value: string | number | boolean): boolean {
    return this.simple(ENTRY, key, value)
  }

  beginEntry(key: string, hint: number): void {
    this.beginKeyValue(ENTRY, key, hint)
  }

  endEntry(): void {
    this.join()
    this.join()
  }

  endMap(): void {
    this.join()
  }

  protected beginKeyValue(tag: number, key: string, hint: number): void {
    const head = this.#keys.of(key)
    if (head === undefined) return this.#beginLongKeyValue(tag, key, hint)
    this.ensure(head.length + 12)
    this.buf[this.pos++] = tag
    this.fork(hint === 0 ? 0 : hint + head.length + 2)
    const { buf, pos } = this
    for (let i = 0; i < head.length; i++) buf[pos + i] = head[i]!
    this.pos = pos + head.length
    this.fork(hint)
  }

  /** A whole KeyValue at once; false, and nothing is written, where that has no short way. */
  protected simple(tag: number, key: string, value: string | number | boolean): boolean {
    const head = this.#keys.of(key)
    if (head === undefined) return false
    // Near a slab's end the long way finds out what fits.
    const isWritten = this.pos + SIMPLE_BYTES <= this.buf.length && this.#simple(tag, head, value)
    if (!isWritten) this.#keys.back()
    return isWritten
  }

  /** False, and nothing is written, unless all lengths take one byte. There is room for SIMPLE_BYTES. */
  #simple(tag: number, head: KeyHead, value: string | number | boolean): boolean {
    const { buf } = this
    const start = this.pos
    const valueStart = start + 3 + head.length
    let at = valueStart
    if (typeof value === 'string') {
      const { length } = value
      if (head.length + length > MAX_SIMPLE_CHARS) return false
      buf[at++] = 0x0a
      buf[at++] = length
      // Where the text is not all ASCII it has more bytes than units.
      const written = length < LOOP_CHARS ? putShort(buf, at, value) : buf.write(value, at)
      if (written !== length) return false
      at += length
    } else if (typeof value === 'boolean') {
      buf[at++] = 0x10
      buf[at++] = value ? 1 : 0
    } else if (Number.isSafeInteger(value)) {
      if (value < 0) return false
      buf[at++] = 0x18
      let rest = value
      for (; rest > 0x7fffffff; rest = Math.floor(rest / 128)) buf[at++] = (rest % 128) | 0x80
      at = putVarint(buf, at, rest)
    } else {
      if (Number.isInteger(value)) return false
      buf[at++] = 0x21
      at = buf.writeDoubleLE(value, at)
    }
    buf[start] = tag
    buf[start + 1] = at - start - 2
    for (let i = 0; i < head.length; i++) buf[start + 2 + i] = head[i]!
    buf[valueStart - 1] = at - valueStart
    this.pos = at
    return true
  }

  #beginLongKeyValue(tag: number, key: string, hint: number): void {
    this.ensure(8)
    this.buf[this.pos++] = tag
    this.fork(hint === 0 ? 0 : hint + key.length + 5)
    this.text(0x0a, key)
    this.ensure(8)
    this.buf[this.pos++] = 0x12
    this.fork(hint)
  }

  /** Opens a message whose content will have about `hint` bytes. The caller has ensured 8 bytes. */
  protected fork(hint: number): void {
    const reserved = varintSize(hint)
    this.pos += reserved
    // Relative to the record's start: a record that outgrows its slab moves.
    this.#starts[this.#depth] = this.pos - this.start
    this.#reserved[this.#depth++] = reserved
  }

  protected join(): void {
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

  protected text(tag: number, value: string): void {
    const { length } = value
    // In UTF-8 a code unit takes at most 3 bytes. Where that is too much to ask, the true length is looked up: neither a
    // slab is wasted then, nor a record refused that fits.
    if (this.pos + length * 3 + 6 > this.buf.length) this.ensure(Buffer.byteLength(value) + 6)
    this.buf[this.pos++] = tag
    const reserved = varintSize(length)
    const start = this.pos + reserved
    const written = length < LOOP_CHARS ? putShort(this.buf, start, value) : this.buf.write(value, start)
    const needed = varintSize(written)
    if (needed !== reserved) this.buf.copyWithin(start + needed - reserved, start, start + written)
    putVarint(this.buf, this.pos, written)
    this.pos += needed + written
  }

  /** A whole number from 0 to 2^53. */
  protected varint(value: number): void {
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

function putShort(buffer: Buffer, offset: number, value: string): number {
  for (let i = 0; i < value.length; i++) {
    const unit = value.charCodeAt(i)
    if (unit > 0x7f) return buffer.write(value, offset, 'utf8')
    buffer[offset + i] = unit
  }
  return value.length
}

// OTLP's protobuf encoding, by hand, straight into a slab: LogRecord (logs/v1).
// A record carries its own tag and length (field 2 of ScopeLogs), so records laid end to end are a legal part of a
// ScopeLogs and can be walked without decoding them.

import { CachedFixed64 } from './fixed64.ts'
import { ProtobufValues } from './protobuf-values.ts'
import type { RecordFormat } from './record-format.ts'
import type { Run } from './slab.ts'

/** ScopeLogs.log_records, length-delimited. */
export const LOG_RECORD_TAG = 0x12
/** LogRecord.attributes. */
const ATTRIBUTES = 0x32

export class ProtobufFormat extends ProtobufValues implements RecordFormat {
  readonly #time = new CachedFixed64()
  readonly #observedTime = new CachedFixed64()

  times(timeUnixNano: bigint | undefined, observedTimeUnixNano: bigint): void {
    this.ensure(32)
    // The record's own tag and length; three bytes hold the length of most records up to 2 MiB.
    this.beginMessages()
    this.buf[this.pos++] = LOG_RECORD_TAG
    this.fork(200)
    if (timeUnixNano !== undefined) this.#fixed64(0x09, this.#time.bytesOf(timeUnixNano))
    this.#fixed64(0x59, this.#observedTime.bytesOf(observedTimeUnixNano))
  }

  #fixed64(tag: number, bytes: Uint8Array): void {
    const { buf, pos } = this
    buf[pos] = tag
    for (let i = 0; i < 8; i++) buf[pos + 1 + i] = bytes[i]!
    this.pos = pos + 9
  }

  severity(number: number, text: string | undefined): void {
    this.ensure(4)
    if (number !== 0) {
      this.buf[this.pos++] = 0x10
      this.buf[this.pos++] = number
    }
    if (text !== undefined && text !== '') this.text(0x1a, text)
  }

  beginBody(hint: number): void {
    this.ensure(8)
    this.buf[this.pos++] = 0x2a
    this.fork(hint)
  }

  endBody(): void {
    this.join()
  }

  beginAttributes(): void {}
  endAttributes(): void {}

  simpleAttribute(key: string, value: string | number | boolean): boolean {
    return this.simple(ATTRIBUTES, key, value)
  }

  beginAttribute(key: string, hint: number): void {
    this.beginKeyValue(ATTRIBUTES, key, hint)
  }

  endAttribute(): void {
    this.join()
    this.join()
  }

  droppedAttributesCount(count: number): void {
    this.ensure(8)
    this.buf[this.pos++] = 0x38
    this.varint(count)
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
    this.text(0x62, name)
  }

  endRecord(scopeId: number): Run {
    this.join()
    return this.give(scopeId)
  }

  endValue(): Buffer {
    const value = Buffer.from(this.buf.subarray(this.start, this.pos))
    this.rewind()
    return value
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
}

function nibble(code: number): number {
  return code < 58 ? code - 48 : code - 87
}

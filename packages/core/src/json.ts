// OTLP/JSON: proto3 JSON with OTLP's own rules (docs/specification.md, JSON Protobuf Encoding): ids are hex, enums are
// numbers, 64-bit integers are decimal strings, bytes are base64, NaN and the infinities are strings.
// A record is one line of text that ends in ",\n". JSON text has no raw line feed, so lines need no table of boundaries.

import type { RecordFormat } from './record-format.ts'
import { type Run, RECORD_TOO_LARGE, SlabWriter } from './slab.ts'

/** What stands between two records. */
export const JSON_SEPARATOR = ',\n'

export class JsonFormat extends SlabWriter implements RecordFormat {
  #text = ''
  // What the text has more in bytes than in UTF-16 units.
  #surplus = 0
  // Whether the next element or entry of the innermost container needs a comma before it.
  #comma = false
  readonly #maxRecordBytes: number

  constructor(maxRecordBytes: number, slabBytes?: number) {
    super(maxRecordBytes, slabBytes)
    this.#maxRecordBytes = maxRecordBytes
  }

  override get size(): number {
    return this.#text.length + this.#surplus
  }

  times(timeUnixNano: bigint | undefined, observedTimeUnixNano: bigint): void {
    this.#surplus = 0
    this.#text = `{"observedTimeUnixNano":"${BigInt.asUintN(64, observedTimeUnixNano)}"`
    if (timeUnixNano !== undefined) this.#text += `,"timeUnixNano":"${BigInt.asUintN(64, timeUnixNano)}"`
  }

  severity(number: number, text: string | undefined): void {
    if (number !== 0) this.#text += `,"severityNumber":${number}`
    if (text !== undefined && text !== '') this.#text += `,"severityText":${this.#quote(text)}`
  }

  beginBody(): void {
    this.#text += ',"body":'
  }

  endBody(): void {}

  beginAttributes(): void {
    this.#text += ',"attributes":['
    this.#comma = false
  }

  simpleAttribute(): boolean {
    return false
  }

  simpleEntry(): boolean {
    return false
  }

  beginAttribute(key: string): void {
    this.beginEntry(key)
  }

  endAttribute(): void {
    this.endEntry()
  }

  endAttributes(): void {
    this.#text += ']'
  }

  droppedAttributesCount(count: number): void {
    this.#text += `,"droppedAttributesCount":${count}`
  }

  trace(traceId: string, spanId: string | undefined, flags: number | undefined): void {
    this.#text += `,"traceId":"${traceId}"`
    if (spanId !== undefined) this.#text += `,"spanId":"${spanId}"`
    if (flags !== undefined && flags !== 0) this.#text += `,"flags":${flags & 0xff}`
  }

  eventName(name: string): void {
    this.#text += `,"eventName":${this.#quote(name)}`
  }

  endRecord(scopeId: number): Run {
    const text = `${this.#text}}${JSON_SEPARATOR}`
    this.#text = ''
    const bytes = Buffer.byteLength(text)
    if (bytes > this.#maxRecordBytes) throw RECORD_TOO_LARGE
    this.ensure(bytes)
    this.pos += this.buf.write(text, this.pos, 'utf8')
    return this.give(scopeId)
  }

  endValue(): Buffer {
    const value = Buffer.from(this.#text)
    this.rewind()
    return value
  }

  override rewind(): void {
    super.rewind()
    this.#text = ''
    this.#surplus = 0
  }

  stringBytes(value: string): number {
    return Buffer.byteLength(JSON.stringify(value))
  }

  string(value: string): void {
    // Here rather than at the end, so that a huge value does not become several huge strings first.
    if (this.#text.length + value.length > this.#maxRecordBytes) throw RECORD_TOO_LARGE
    this.#text += `{"stringValue":${this.#quote(value)}}`
  }

  bool(value: boolean): void {
    this.#text += value ? '{"boolValue":true}' : '{"boolValue":false}'
  }

  int(value: number | bigint): void {
    this.#text += `{"intValue":"${value}"}`
  }

  double(value: number): void {
    this.#text += Number.isFinite(value) ? `{"doubleValue":${value}}` : `{"doubleValue":"${value}"}`
  }

  bytes(value: Uint8Array): void {
    const base64 = Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64')
    this.#text += `{"bytesValue":"${base64}"}`
  }

  empty(): void {
    this.#text += '{}'
  }

  beginArray(): void {
    this.#text += '{"arrayValue":{"values":['
    this.#comma = false
  }

  beginElement(): void {
    if (this.#text.length > this.#maxRecordBytes) throw RECORD_TOO_LARGE
    if (this.#comma) this.#text += ','
  }

  endElement(): void {
    this.#comma = true
  }

  endArray(): void {
    this.#text += ']}}'
  }

  beginMap(): void {
    this.#text += '{"kvlistValue":{"values":['
    this.#comma = false
  }

  beginEntry(key: string): void {
    if (this.#text.length > this.#maxRecordBytes) throw RECORD_TOO_LARGE
    this.#text += `${this.#comma ? ',' : ''}{"key":${this.#quote(key)},"value":`
  }

  endEntry(): void {
    this.#text += '}'
    this.#comma = true
  }

  endMap(): void {
    this.#text += ']}}'
  }

  /** JSON text of a string. Lone surrogates become U+FFFD, as in UTF-8: parsers in use refuse their escapes. */
  #quote(value: string): string {
    const text = JSON.stringify(value.isWellFormed() ? value : value.toWellFormed())
    this.#surplus += Buffer.byteLength(text) - text.length
    return text
  }
}

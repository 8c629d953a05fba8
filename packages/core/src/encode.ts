// LogRecord -> bytes, when the record is emitted. From here on only bytes move: what the app changes later is not sent,
// retries and restarts handle the same opaque bytes, and the queue's bound is exact.
// - The attribute limits of logs/sdk.md (LogRecordLimits) are applied here, to attributes only, never to the body.
// - A record that outgrows `maxRecordBytes` is written again with its strings cut, and marked; so it still arrives.
// - A record that cannot be encoded is rewound: its neighbours' bytes are untouched.

import { AnyValueWalk, hintOf, read } from './any-value.ts'
import { createJsonEnvelope, createProtobufEnvelope, type Envelope } from './envelope.ts'
import { JsonFormat } from './json.ts'
import { ProtobufFormat } from './protobuf.ts'
import type { Protocol } from './options.ts'
import type { LogRecord, Scope } from './record.ts'
import type { RecordFormat } from './record-format.ts'
import { RECORD_TOO_LARGE, type Run } from './slab.ts'
import { isSpanId, isTraceId } from './trace-context.ts'

/** Set to true on records of which something was cut to fit `maxRecordBytes`. */
export const TRUNCATED_ATTRIBUTE = 'otlp_logs.truncated'

/** Room for what stands behind the last value: ids, counts, and the ends or lengths of 30 levels. */
const TAIL_BYTES = 512

/** What the field droppedAttributesCount holds; a receiver refuses more, and the whole batch with it. */
const MAX_UINT32 = 2 ** 32 - 1

// Object.hasOwn, which reads better, is not yet one of what V8 knows within a for-in.
const { hasOwnProperty } = Object.prototype

/** With more logger names than this, the rest share the default scope: a name is meant to be one of a few. */
const MAX_SCOPES = 64

export interface EncoderOptions {
  protocol: Protocol
  resource: Record<string, unknown>
  /** The scope of records that name none. */
  scope: Scope
  attributeCountLimit: number
  attributeValueLengthLimit: number
  maxRecordBytes: number
  slabBytes?: number | undefined
}

export class Encoder {
  readonly envelope: Envelope
  /** The Resource's attributes, encoded as the envelope takes them. */
  readonly resource: Buffer
  /** Whether the last record was cut. */
  truncated = false
  readonly #format: RecordFormat
  readonly #walk: AnyValueWalk
  readonly #scopes: Scope[]
  readonly #options: EncoderOptions

  constructor(options: EncoderOptions) {
    const { protocol, resource, scope, maxRecordBytes, slabBytes } = options
    const isJson = protocol === 'http/json'
    this.#options = options
    this.#format = isJson ? new JsonFormat(maxRecordBytes, slabBytes) : new ProtobufFormat(maxRecordBytes, slabBytes)
    this.#walk = new AnyValueWalk(this.#format)
    this.#scopes = [scope]
    const scopes = (scopeId: number): Scope => this.scope(scopeId)
    this.resource = isJson
      ? Buffer.from(jsonList(encodeAlone(new JsonFormat(Number.MAX_SAFE_INTEGER), resource)))
      : protobufList(encodeAlone(new ProtobufFormat(Number.MAX_SAFE_INTEGER), resource))
    this.envelope = isJson
      ? createJsonEnvelope(this.resource.toString(), scopes)
      : createProtobufEnvelope(this.resource, scopes)
  }

  scope(scopeId: number): Scope {
    return this.#scopes[scopeId]!
  }

  /**
   * Encodes one record. Throws RECORD_TOO_LARGE when it does not fit even with everything cut, and whatever a hostile
   * record may throw; in both cases nothing of it stays behind.
   */
  encode(record: LogRecord): Run {
    this.truncated = false
    this.#walk.cut = false
    try {
      return this.#write(record, Number.POSITIVE_INFINITY)
    } catch (error) {
      this.#forget()
      if (error !== RECORD_TOO_LARGE) throw error
    }
    try {
      const { maxRecordBytes } = this.#options
      return this.#write(record, Math.min(maxRecordBytes * 0.9, maxRecordBytes - TAIL_BYTES))
    } catch (error) {
      this.#forget()
      throw error
    }
  }

  /** Takes back so many records of a slab, which nothing reads any more, nor ever will. */
  giveBack(slab: Buffer, count: number): void {
    this.#format.giveBack(slab, count)
  }

  /** Takes back the record encoded last, when nobody kept it. */
  takeBack(run: Run): void {
    this.#format.takeBack(run)
  }

  #forget(): void {
    this.#format.rewind()
    this.#walk.reset()
  }

  #write(record: LogRecord, maxBytes: number): Run {
    const format = this.#format
    const walk = this.#walk
    walk.maxBytes = maxBytes
    format.times(record.timeUnixNano, record.observedTimeUnixNano)
    format.severity(severityOf(record.severityNumber), record.severityText)
    const { body } = record
    if (body !== undefined) {
      walk.maxLength = Number.POSITIVE_INFINITY
      format.beginBody(hintOf(body))
      walk.write(body)
      format.endBody()
    }
    const dropped = this.#attributes(record.attributes, maxBytes) + countOf(record.droppedAttributesCount)
    if (dropped > 0) format.droppedAttributesCount(Math.min(dropped, MAX_UINT32))
    const { traceId, spanId, traceFlags } = record
    if (isTraceId(traceId)) format.trace(traceId, isSpanId(spanId) ? spanId : undefined, traceFlags)
    if (record.eventName !== undefined) format.eventName(record.eventName)
    const run = format.endRecord(this.#scopeId(record.scopeName))
    this.truncated = walk.cut || maxBytes !== Number.POSITIVE_INFINITY
    return run
  }

  /** How many were left out. */
  #attributes(attributes: Record<string, unknown>, maxBytes: number): number {
    const format = this.#format
    const walk = this.#walk
    const limit = this.#options.attributeCountLimit
    walk.maxLength = this.#options.attributeValueLengthLimit
    let count = 0
    let dropped = 0
    // A hook may have taken them away.
    if (typeof attributes !== 'object' || attributes === null) throw new TypeError('Expected attributes')
    format.beginAttributes()
    if (maxBytes !== Number.POSITIVE_INFINITY && limit > 0) {
      count++
      this.#attribute(TRUNCATED_ATTRIBUTE, true)
    }
    // 0.07 us a record less than Object.keys.
    for (const key in attributes) {
      if (!hasOwnProperty.call(attributes, key)) continue
      const value = read(attributes, key)
      if (value === undefined) continue
      if (key === '' || count >= limit || format.size + key.length > maxBytes) dropped++
      else {
        count++
        this.#attribute(key, value)
      }
    }
    format.endAttributes()
    return dropped
  }

  #attribute(key: string, value: unknown): void {
    if (this.#walk.isSimple(value) && this.#format.simpleAttribute(key, value)) return
    this.#format.beginAttribute(key, hintOf(value))
    this.#walk.write(value)
    this.#format.endAttribute()
  }

  #scopeId(name: string | undefined): number {
    if (typeof name !== 'string') return 0
    const known = this.#scopes.findIndex((scope) => scope.name === name)
    if (known !== -1) return known
    if (this.#scopes.length > MAX_SCOPES) return 0
    return this.#scopes.push({ name }) - 1
  }
}

// A hook may have made anything of a record, and a receiver refuses a batch as a whole: what is not valid is left out.

function severityOf(value: unknown): number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 24 ? (value as number) : 0
}

function countOf(value: unknown): number {
  return Number.isSafeInteger(value) && (value as number) > 0 ? (value as number) : 0
}

function encodeAlone(format: RecordFormat, value: Record<string, unknown>): Buffer {
  new AnyValueWalk(format).write({ ...value })
  return format.endValue()
}

// An AnyValue that holds a map is a KeyValueList in a thin wrapper. Resource.attributes has that list's very shape, so
// that the wrapper is all that needs to go.

function protobufList(anyValue: Buffer): Buffer {
  let at = 1
  while (anyValue[at]! >= 0x80) at++
  return anyValue.subarray(at + 1)
}

function jsonList(anyValue: Buffer): string {
  return anyValue.toString().slice('{"kvlistValue":{"values":'.length, -2)
}

// What encode.ts asks of an encoding: the fields of a LogRecord, in this order, and the record's bytes at the end.
// protobuf.ts and json.ts answer; both write into a slab and give the record out as a Run.

import type { Run } from './slab.ts'
import type { ValueWriter } from './value-writer.ts'

export interface RecordFormat extends ValueWriter {
  times(timeUnixNano: bigint | undefined, observedTimeUnixNano: bigint): void
  /** 0 and undefined are left out. */
  severity(number: number, text: string | undefined): void
  beginBody(hint: number): void
  endBody(): void
  beginAttributes(): void
  /** As `simpleEntry`. */
  simpleAttribute(key: string, value: string | number | boolean): boolean
  beginAttribute(key: string, hint: number): void
  endAttribute(): void
  endAttributes(): void
  droppedAttributesCount(count: number): void
  /** Ids are valid lower-case hex here; a span id comes with a trace id. */
  trace(traceId: string, spanId: string | undefined, flags: number | undefined): void
  eventName(name: string): void
  /** Ends the record. Throws RECORD_TOO_LARGE when it outgrew its bound; the record is then forgotten. */
  endRecord(scopeId: number): Run
  /** Ends a value that was written outside any record and gives out a copy of its bytes. */
  endValue(): Buffer
  /** Forgets a record that was begun but not ended. */
  rewind(): void
  /** Takes back so many records of a slab, which nothing reads any more, nor ever will. */
  giveBack(slab: Buffer, count: number): void
  /** Takes back a record just ended, when nobody kept it. */
  takeBack(run: Run): void
}

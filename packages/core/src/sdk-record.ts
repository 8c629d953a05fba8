// LogRecord -> what an OpenTelemetry Logger takes. Times are exact, values are copies (sdk-value.ts), the span is the
// record's own (span-context.ts). The SDK bounds the number of attributes and counts what it drops; lengths are cut here,
// in code points, since it would cut a character in two.

import { read } from './any-value.ts'
import type { ApiLogRecord } from './logger-provider.ts'
import type { LogRecord } from './record.ts'
import { sdkKey, SdkValues } from './sdk-value.ts'
import { contextOf } from './span-context.ts'
import { isSpanId, isTraceId } from './trace-context.ts'

export interface SdkRecord {
  record: ApiLogRecord
  /** Whether something was cut for its depth. */
  truncated: boolean
}

const values = new SdkValues()

/** @throws what a hostile record may throw */
export function toSdkRecord(record: LogRecord, attributeValueLengthLimit: number): SdkRecord {
  values.cut = false
  const attributes: Record<string, unknown> = {}
  for (const key of Object.keys(record.attributes)) {
    const value = read(record.attributes, key)
    if (value !== undefined && key !== '') attributes[sdkKey(key)] = values.of(value, attributeValueLengthLimit)
  }
  const { traceId, spanId, severityNumber, severityText, eventName } = record
  // The SDK sends no trace id without a span id.
  if (isTraceId(traceId) && !isSpanId(spanId)) attributes['trace_id'] ??= traceId
  const isSeverity = Number.isInteger(severityNumber) && severityNumber >= 1 && severityNumber <= 24
  return {
    record: {
      timestamp: hrTimeOf(record.timeUnixNano),
      observedTimestamp: hrTimeOf(record.observedTimeUnixNano),
      severityNumber: isSeverity ? severityNumber : 0,
      severityText: severityText === undefined ? undefined : String(severityText).toWellFormed(),
      body: record.body === undefined ? undefined : values.of(record.body),
      attributes,
      ...(eventName !== undefined && { eventName: String(eventName).toWellFormed() }),
      context: contextOf(record),
    },
    truncated: values.cut,
  }
}

function hrTimeOf(nanos: bigint | undefined): [seconds: number, nanos: number] | undefined {
  return nanos === undefined ? undefined : [Number(nanos / 1_000_000_000n), Number(nanos % 1_000_000_000n)]
}

// The text of a log line, for `body: 'line'`, where the one that the logger wrote cannot be sent: because redaction, a
// transform or httpAttributes took something out of the record that it still holds, or because the logger wrote no JSON.
// It is written anew from the record, so that nothing can be in it that is not in the record.

import { read } from './any-value.ts'
import { jsonText, type Plain, PlainValues } from './plain-value.ts'
import type { LogRecord } from './record.ts'

/** @param messageKey under which the logger writes the message */
export function sourceLine(record: LogRecord, messageKey: string): string {
  const values = new PlainValues()
  const { severityText, severityNumber, timeUnixNano, attributes, body, traceId, spanId } = record
  const line = new Map<string, Plain>()
  const put = (key: string, value: unknown): void => {
    if (value !== undefined) line.set(key, values.plain(value))
  }
  put('level', severityText ?? (severityNumber === 0 ? undefined : severityNumber))
  put('time', timeUnixNano === undefined ? undefined : dateOf(timeUnixNano))
  // Attributes may have any name, and must not hide what is the line's own.
  const own = new Set([...line.keys(), messageKey])
  for (const key of Object.keys(attributes)) put(own.has(key) ? `custom.${key}` : key, read(attributes, key))
  put('trace_id', traceId)
  put('span_id', spanId)
  put(messageKey, body)
  return jsonText(line)
}

function dateOf(unixNano: bigint): string | undefined {
  const date = new Date(Number(unixNano / 1_000_000n))
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString()
}

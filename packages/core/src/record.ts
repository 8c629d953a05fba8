// The record model: OpenTelemetry's LogRecord with its fields' own names (logs/data-model.md).
// Adapters make one per line or info; hooks (filter, transform, redaction) see it; encode.ts turns it into bytes
// at once, so nothing that the app changes later is sent. Bounds are not applied here but where the record is encoded.

/** One log record, before encoding. */
export interface LogRecord {
  /** When the event happened at its source, in nanoseconds since the Unix epoch. Absent when the source does not say. */
  timeUnixNano?: bigint | undefined
  /** When this library first saw the record, in nanoseconds since the Unix epoch. */
  observedTimeUnixNano: bigint
  /** 1 to 24, see SeverityNumber in logs/data-model.md; 0 when the source does not say. */
  severityNumber: number
  /** The level as the source wrote it. */
  severityText?: string | undefined
  /** The message: usually a string, but any value is legal. `undefined` means no body; `null` is a body with no value. */
  body?: unknown
  /** Any JavaScript value is legal as an attribute's value; docs/mapping.md says what becomes of it. */
  attributes: Record<string, unknown>
  /** How many attributes were already left out before encoding. */
  droppedAttributesCount?: number | undefined
  /** 32 lower-case hex digits, not all zero. */
  traceId?: string | undefined
  /** 16 lower-case hex digits, not all zero. Only set together with `traceId`. */
  spanId?: string | undefined
  /** The W3C trace flags, 0 to 255. */
  traceFlags?: number | undefined
  /** The event's name, for records that are OpenTelemetry events. */
  eventName?: string | undefined
  /** The text that the record was made of, where `Settings.keepsOriginal` asks for it. */
  original?: string | undefined
  /** The instrumentation scope, when it is not the pipeline's own. */
  scopeName?: string | undefined
}

/** Who emitted the records: `InstrumentationScope`. */
export interface Scope {
  name: string
  version?: string | undefined
}

// Lines come many to a millisecond, and each asks for two times: its own, and when it was seen.
let millisA = Number.NaN
let nanosA = 0n
let millisB = Number.NaN
let nanosB = 0n

/** Milliseconds since the epoch, whole or not, to nanoseconds. Exact for whole milliseconds: the product is never a float64. */
export function millisToUnixNano(millis: number): bigint {
  if (millis === millisA) return nanosA
  if (millis === millisB) return nanosB
  const whole = Math.floor(millis)
  const nanos = BigInt(whole) * 1_000_000n + BigInt(Math.round((millis - whole) * 1e6))
  millisB = millisA
  nanosB = nanosA
  millisA = millis
  nanosA = nanos
  return nanos
}

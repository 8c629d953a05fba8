// One received LogRecord as a test wants to see it: flat, with its resource and scope beside it, numbers exact, and the
// values twice: as plain JavaScript (`body`, `attributes`) and as they were on the wire (`bodyValue`, `attributeValues`).
// Objects made from keys of the wire have no prototype, so that `__proto__` and `toString` are keys like any other.

import type { AnyValue, KeyValue, LogRecordMessage, LogsMessage } from './decode.ts'

export interface ReceivedRecord {
  timeUnixNano: bigint
  observedTimeUnixNano: bigint
  severityNumber: number
  severityText: string
  /** Plain JavaScript, see `plain`. undefined when the record has no body, null when the body has no value. */
  body: unknown
  bodyValue: AnyValue | undefined
  attributes: Record<string, unknown>
  attributeValues: Record<string, AnyValue>
  droppedAttributesCount: number
  /** 32 lower-case hex digits, or ''. */
  traceId: string
  /** 16 lower-case hex digits, or ''. */
  spanId: string
  flags: number
  eventName: string
  resource: Record<string, unknown>
  resourceSchemaUrl: string
  scope: { name: string; version: string; attributes: Record<string, unknown> }
  scopeSchemaUrl: string
  /** The index in `Receiver.requests` of the request that brought the record. */
  requestIndex: number
}

/** All records of a message, in their order on the wire. */
export function flattenRecords(message: LogsMessage, requestIndex: number): ReceivedRecord[] {
  return message.resourceLogs.flatMap(({ resource, scopeLogs, schemaUrl: resourceSchemaUrl }) => {
    const resourceAttributes = plainEntries(resource?.attributes ?? [])
    return scopeLogs.flatMap(({ scope, logRecords, schemaUrl: scopeSchemaUrl }) => {
      const shared = {
        resource: resourceAttributes,
        resourceSchemaUrl,
        scope: {
          name: scope?.name ?? '',
          version: scope?.version ?? '',
          attributes: plainEntries(scope?.attributes ?? []),
        },
        scopeSchemaUrl,
        requestIndex,
      }
      return logRecords.map((record) => ({ ...flattenRecord(record), ...shared }))
    })
  })
}

type OwnFields = Omit<ReceivedRecord, 'resource' | 'resourceSchemaUrl' | 'scope' | 'scopeSchemaUrl' | 'requestIndex'>

function flattenRecord(record: LogRecordMessage): OwnFields {
  return {
    timeUnixNano: BigInt(record.timeUnixNano),
    observedTimeUnixNano: BigInt(record.observedTimeUnixNano),
    severityNumber: record.severityNumber,
    severityText: record.severityText,
    body: record.body === null ? undefined : plain(record.body),
    bodyValue: record.body ?? undefined,
    attributes: plainEntries(record.attributes),
    attributeValues: keyed(record.attributes, (value) => value),
    droppedAttributesCount: record.droppedAttributesCount,
    traceId: record.traceId,
    spanId: record.spanId,
    flags: record.flags,
    eventName: record.eventName,
  }
}

/**
 * An AnyValue as plain JavaScript. Integers are numbers while that is exact and bigints beyond, bytes are Buffers, lists
 * of pairs are objects without a prototype, no value is null. Integers and doubles look alike: see `bodyValue`,
 * `attributeValues` for the difference.
 */
export function plain(value: AnyValue): unknown {
  if (value.stringValue !== undefined) return value.stringValue
  if (value.boolValue !== undefined) return value.boolValue
  if (value.intValue !== undefined) {
    const number = Number(value.intValue)
    return Number.isSafeInteger(number) ? number : BigInt(value.intValue)
  }
  if (value.doubleValue !== undefined) return value.doubleValue
  if (value.bytesValue !== undefined) return value.bytesValue
  if (value.arrayValue !== undefined) return value.arrayValue.values.map(plain)
  if (value.kvlistValue !== undefined) return plainEntries(value.kvlistValue.values)
  return null
}

function plainEntries(entries: KeyValue[]): Record<string, unknown> {
  return keyed(entries, plain)
}

/** Of duplicate keys, which decode.ts reports, the last wins. */
function keyed<T>(entries: KeyValue[], map: (value: AnyValue) => T): Record<string, T> {
  const result = Object.create(null) as Record<string, T>
  for (const { key, value } of entries) result[key] = map(value ?? {})
  return result
}

// Protobuf bytes or OTLP/JSON text -> one normalized message, the same for both, by way of the official schema only.
// What no strict receiver could read (broken protobuf or JSON, invalid UTF-8, too deep) gives no message and one problem.
// What can be read but must not be sent (empty envelopes, duplicate or empty keys, ids that are invalid, two values in
// one AnyValue) gives the message and a problem each, so that a test need only expect `problems` to be empty.

import { parseOtlpJson } from './otlp-json.ts'
import { decodeRequestBytes, encodeRequestBytes } from './schema.ts'

export type Encoding = 'protobuf' | 'json'

/** As in OTLP/JSON, but exact: `intValue` is always a decimal string, `doubleValue` a number, `bytesValue` a Buffer. `{}` is no value. */
export interface AnyValue {
  stringValue?: string
  boolValue?: boolean
  intValue?: string
  doubleValue?: number
  bytesValue?: Buffer
  arrayValue?: { values: AnyValue[] }
  kvlistValue?: { values: KeyValue[] }
}

export interface KeyValue {
  key: string
  value: AnyValue | null
}

/** One LogRecord of the message. Ids are lower-case hex, '' when absent; absent numbers are 0, absent strings ''. */
export interface LogRecordMessage {
  timeUnixNano: string
  observedTimeUnixNano: string
  severityNumber: number
  severityText: string
  /** null when the record has no body; `{}` when it has a body without a value. */
  body: AnyValue | null
  attributes: KeyValue[]
  droppedAttributesCount: number
  flags: number
  traceId: string
  spanId: string
  eventName: string
}

export interface ScopeLogsMessage {
  scope: { name: string; version: string; attributes: KeyValue[]; droppedAttributesCount: number } | null
  logRecords: LogRecordMessage[]
  schemaUrl: string
}

export interface ResourceLogsMessage {
  resource: { attributes: KeyValue[]; droppedAttributesCount: number } | null
  scopeLogs: ScopeLogsMessage[]
  schemaUrl: string
}

export interface LogsMessage {
  resourceLogs: ResourceLogsMessage[]
}

export interface Decoded {
  /** undefined when the bytes cannot be read. */
  message: LogsMessage | undefined
  problems: string[]
}

/** Decodes the uncompressed body of an export request. Never throws. */
export function decodeRequest(body: Uint8Array, encoding: Encoding): Decoded {
  try {
    const { object, complaint } = decodeRequestBytes(encoding === 'json' ? jsonToProtobuf(body) : body)
    const message = object as LogsMessage
    const problems = complaint === null ? [] : [complaint]
    inspect(message, problems)
    return { message, problems }
  } catch (error) {
    return { message: undefined, problems: [`unreadable ${encoding}: ${(error as Error).message}`] }
  }
}

function jsonToProtobuf(body: Uint8Array): Buffer {
  return encodeRequestBytes(parseOtlpJson(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body)))
}

/** Walks the message once: writes the ids as hex and collects the problems. */
function inspect(message: LogsMessage, problems: string[]): void {
  if (message.resourceLogs.length === 0) problems.push('request: no resourceLogs')
  message.resourceLogs.forEach((resourceLogs, r) => {
    const atResource = `resourceLogs[${r}]`
    inspectAttributes(resourceLogs.resource?.attributes, `${atResource}.resource`, problems)
    if (resourceLogs.scopeLogs.length === 0) problems.push(`${atResource}: no scopeLogs`)
    resourceLogs.scopeLogs.forEach((scopeLogs, s) => {
      const atScope = `${atResource}.scopeLogs[${s}]`
      inspectAttributes(scopeLogs.scope?.attributes, `${atScope}.scope`, problems)
      if (scopeLogs.logRecords.length === 0) problems.push(`${atScope}: no logRecords`)
      scopeLogs.logRecords.forEach((record, l) => inspectRecord(record, `${atScope}.logRecords[${l}]`, problems))
    })
  })
}

function inspectRecord(record: LogRecordMessage, at: string, problems: string[]): void {
  record.traceId = readId(record.traceId as unknown as Buffer, 16, `${at}.traceId`, problems)
  record.spanId = readId(record.spanId as unknown as Buffer, 8, `${at}.spanId`, problems)
  if (record.flags > 0xff) problems.push(`${at}.flags: reserved bits are set in ${record.flags}`)
  if (record.body !== null) inspectValue(record.body, `${at}.body`, problems)
  inspectAttributes(record.attributes, at, problems)
}

function readId(bytes: Buffer, length: number, at: string, problems: string[]): string {
  const id = Buffer.from(bytes).toString('hex')
  if (bytes.length !== 0 && bytes.length !== length) problems.push(`${at}: ${bytes.length} bytes instead of ${length}`)
  else if (/^0+$/.test(id)) problems.push(`${at}: all zero`)
  return id
}

function inspectAttributes(attributes: KeyValue[] | undefined, at: string, problems: string[]): void {
  if (attributes?.some(({ key }) => key === '')) problems.push(`${at}.attributes: an empty key`)
  inspectList(attributes ?? [], `${at}.attributes`, problems)
}

function inspectList(entries: KeyValue[], at: string, problems: string[]): void {
  const seen = new Set<string>()
  for (const { key, value } of entries) {
    if (seen.has(key)) problems.push(`${at}: duplicate key ${JSON.stringify(key)}`)
    seen.add(key)
    if (value === null) problems.push(`${at}[${JSON.stringify(key)}]: no value`)
    else inspectValue(value, `${at}[${JSON.stringify(key)}]`, problems)
  }
}

function inspectValue(value: AnyValue, at: string, problems: string[]): void {
  const kinds = Object.keys(value)
  if (kinds.length > 1) problems.push(`${at}: more than one value: ${kinds.join(', ')}`)
  if (value.kvlistValue) inspectList(value.kvlistValue.values, at, problems)
  value.arrayValue?.values.forEach((item, index) => inspectValue(item, `${at}[${index}]`, problems))
}

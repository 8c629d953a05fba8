// pino line -> LogRecord:
//
//   level                        severityNumber, severityText (levels.ts)
//   time                         timeUnixNano; what is no time stays an attribute
//   msg, or messageKey           body
//   err, or errorKey             exception.type, .message, .stacktrace; its other fields stay under the key
//   trace_id, span_id, trace_flags (and camelCase, dotted)   traceId, spanId, traceFlags; invalid ones stay attributes
//   otel.event.name              eventName
//   pid, hostname                nothing where the resource says the same, else process.pid, host.name
//   name                         the scope with `scope: 'name'`, else an attribute
//   nestedKey, with keys.nested  its members become attributes of their own
//   caller, with keys.caller     code.*
//   level, time of a logged object   custom.level, time: pino's own win
//   anything else                attributes, as it is
//
// A line that is not a JSON object becomes a record whose body is that line. No line is lost, and none throws.

import {
  activeSpan,
  isLevelName,
  type LogRecord,
  millisToUnixNano,
  safeAttributeName,
  type Settings,
  type SpanIds,
  takeSpanIds,
  toCodeLocation,
  toException,
  toUnixNano,
} from 'otlp-logs-core'
import { Levels } from './levels.ts'
import { type Line, parseLine } from './parse-line.ts'
import { readSplice, SPLICE_KEY } from './splice.ts'

/** What pino tells a transport about the logger that writes to it. */
export interface PinoConfig {
  levels?: { labels?: Record<string, string> | undefined } | undefined
  messageKey?: string | undefined
  errorKey?: string | undefined
}

type Role =
  'message' | 'error' | 'maybeError' | 'trace' | 'event' | 'pid' | 'hostname' | 'name' | 'nested' | 'caller' | 'splice'

export class LineMapper {
  readonly levels: Levels
  readonly #settings: Settings
  readonly #roles = new Map<string, Role>()
  readonly #keys: { level: string; time: string; isLevelName(name: string): boolean }

  constructor(settings: Settings) {
    const { keys, scope, severity } = settings
    this.#settings = settings
    this.levels = new Levels(severity)
    this.#keys = { level: keys.level, time: keys.time, isLevelName }
    const roles = this.#roles
    for (const key of ['trace_id', 'span_id', 'trace_flags', 'traceId', 'spanId', 'traceFlags']) roles.set(key, 'trace')
    for (const key of ['trace.id', 'span.id', 'trace.flags']) roles.set(key, 'trace')
    roles.set('otel.event.name', 'event').set('pid', 'pid').set('hostname', 'hostname').set(SPLICE_KEY, 'splice')
    roles
      .set('error', 'maybeError')
      .set('err', 'error')
      .set(keys.error ?? 'err', 'error')
      .set(keys.message ?? 'msg', 'message')
    if (scope === 'name') roles.set('name', 'name')
    if (keys.nested !== undefined) roles.set(keys.nested, 'nested')
    if (keys.caller !== undefined) roles.set(keys.caller, 'caller')
  }

  /** Learns what a logger says of itself. Loggers that share a transport each send theirs; none is forgotten. */
  learn({ levels, messageKey, errorKey }: PinoConfig): void {
    const { keys } = this.#settings
    if (typeof errorKey === 'string' && keys.error === undefined) this.#roles.set(errorKey, 'error')
    if (typeof messageKey === 'string' && keys.message === undefined) this.#roles.set(messageKey, 'message')
    if (typeof levels?.labels === 'object') this.levels.learn(levels.labels)
  }

  /** @param captureSpan whether this runs where the line was logged, so that the active span is the line's */
  toLogRecord(text: string, captureSpan: boolean): LogRecord {
    const observedTimeUnixNano = millisToUnixNano(Date.now())
    const line = parseLine(text, this.#keys)
    const record: LogRecord = { observedTimeUnixNano, severityNumber: 0, attributes: {} }
    if ('value' in line) record.body = line.value
    else this.#fill(record, line)
    if (captureSpan && record.traceId === undefined) putSpan(record, activeSpan())
    return record
  }

  #fill(record: LogRecord, line: Line): void {
    Object.assign(record, this.levels.severityOf(line.level))
    if (line.time !== undefined) {
      record.timeUnixNano = toUnixNano(line.time)
      // What is no time stays an attribute, unless the user's own field of that name does.
      if (record.timeUnixNano === undefined && !line.userTime) put(record.attributes, line.timeKey, line.time)
    }
    const found: Found = { ids: undefined, exception: undefined, nested: undefined }
    for (const key of Object.keys(line.fields)) {
      if (key === line.levelKey && !line.userLevel) continue
      if (key === line.timeKey && !line.userTime) continue
      this.#field(record, key, line.fields[key], found)
    }
    if (found.nested !== undefined) this.#hoist(record, found.nested, found)
    if (found.exception !== undefined) {
      // In front, so that the limit on attributes cuts others first; but what the user set under these names wins.
      record.attributes = { ...found.exception, ...record.attributes }
    }
    if (found.ids === undefined) return
    const own = takeSpanIds(found.ids)
    for (const key of Object.keys(found.ids)) put(record.attributes, key, found.ids[key])
    if (own !== undefined) putSpan(record, own)
  }

  #field(record: LogRecord, key: string, value: unknown, found: Found): void {
    const { attributes } = record
    switch (this.#roles.get(key)) {
      case undefined:
        return put(attributes, key, value)
      case 'message':
        // With several loggers, several names: pino writes the message last.
        if (record.body !== undefined) put(attributes, key, record.body)
        record.body = value
        return
      case 'error':
        return putError(attributes, key, value, true, found)
      case 'maybeError':
        return putError(attributes, key, value, false, found)
      case 'trace':
        found.ids ??= {}
        found.ids[key] = value
        return
      case 'event':
        if (typeof value === 'string' && value !== '') record.eventName = value
        else put(attributes, key, value)
        return
      case 'pid':
        return this.#unlessInResource(attributes, 'process.pid', value)
      case 'hostname':
        return this.#unlessInResource(attributes, 'host.name', value)
      case 'name':
        if (typeof value === 'string' && value !== '') record.scopeName = value
        else put(attributes, key, value)
        return
      case 'nested':
        if (typeof value === 'object' && value !== null && !Array.isArray(value)) found.nested = { key, value }
        else put(attributes, key, value)
        return
      case 'caller': {
        const location = toCodeLocation(value)
        if (location === undefined) put(attributes, key, value)
        else Object.assign(attributes, location)
        return
      }
      case 'splice':
        return this.#spliced(record, value)
    }
  }

  /** What the main thread added to the line. The user's own ids are read later and win. */
  #spliced(record: LogRecord, value: unknown): void {
    const { span, label } = readSplice(value)
    putSpan(record, span)
    if (label === undefined) return
    record.severityText = label
    const { severityNumber } = this.levels.severityOf(label)
    if (severityNumber !== 0) record.severityNumber = severityNumber
  }

  #hoist(record: LogRecord, { key, value }: { key: string; value: object }, found: Found): void {
    const left: Record<string, unknown> = {}
    for (const [name, inner] of Object.entries(value)) {
      const role = this.#roles.get(name)
      const keep = role === 'error' || role === 'maybeError' || role === 'trace' || role === 'event' ? role : undefined
      if (keep !== undefined) this.#field(record, name, inner, found)
      // A child's bindings stand beside the nested object and may have the same names: both are kept.
      else if (Object.hasOwn(record.attributes, name)) put(left, name, inner)
      else put(record.attributes, name, inner)
    }
    if (Object.keys(left).length > 0) put(record.attributes, key, left)
  }

  #unlessInResource(attributes: Record<string, unknown>, name: string, value: unknown): void {
    if (this.#settings.resource[name] !== value) put(attributes, name, value)
  }
}

interface Found {
  ids: Record<string, unknown> | undefined
  exception: Record<string, unknown> | undefined
  nested: { key: string; value: object } | undefined
}

function putError(
  attributes: Record<string, unknown>,
  key: string,
  value: unknown,
  atErrorKey: boolean,
  found: Found,
): void {
  const exception = found.exception === undefined ? toException(value, atErrorKey) : undefined
  if (exception === undefined) return put(attributes, key, value)
  found.exception = { ...exception.attributes }
  if (exception.rest !== undefined) put(attributes, key, exception.rest)
}

function putSpan(record: LogRecord, span: SpanIds | undefined): void {
  if (span === undefined) return
  record.traceId = span.traceId
  record.spanId = span.spanId
  record.traceFlags = span.traceFlags
}

function put(attributes: Record<string, unknown>, key: string, value: unknown): void {
  const name = safeAttributeName(key)
  if (name !== '__proto__') attributes[name] = value
  // An assignment would set the prototype instead.
  else Object.defineProperty(attributes, name, { value, enumerable: true, configurable: true, writable: true })
}

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
  putSpan,
  RecordFields,
  type Settings,
  toUnixNano,
} from 'otlp-logs-core'
import { Levels } from './levels.ts'
import { type Line, type LineKeys, parseLine } from './parse-line.ts'
import { readSplice, SPLICE_KEY, unsplice } from './splice.ts'

/** What pino tells a transport about the logger that writes to it. */
export interface PinoConfig {
  levels?: { labels?: Record<string, string> | undefined } | undefined
  messageKey?: string | undefined
  errorKey?: string | undefined
}

export class LineMapper {
  readonly #settings: Settings
  readonly #levels: Levels
  readonly #fields: RecordFields
  /** Until a logger says its own. */
  #messageKeys: ReadonlySet<string>
  #knowsMessageKey: boolean
  readonly #keys: LineKeys

  constructor(settings: Settings) {
    const { keys, severity } = settings
    this.#settings = settings
    this.#levels = new Levels(severity)
    this.#fields = new RecordFields(settings)
    this.#messageKeys = new Set([keys.message ?? 'msg'])
    this.#knowsMessageKey = keys.message !== undefined
    this.#keys = { level: keys.level, time: keys.time, isLevelName }
  }

  /** Learns what a logger says of itself. Loggers that share a transport each send theirs; none is forgotten. */
  learn({ levels, messageKey, errorKey }: PinoConfig): void {
    const { keys } = this.#settings
    if (typeof errorKey === 'string' && keys.error === undefined) this.#fields.learnErrorKey(errorKey)
    if (typeof messageKey === 'string' && keys.message === undefined) {
      this.#messageKeys = new Set([...(this.#knowsMessageKey ? this.#messageKeys : []), messageKey])
      this.#knowsMessageKey = true
    }
    if (typeof levels?.labels === 'object') this.#levels.learn(levels.labels)
  }

  /** @param captureSpan whether this runs where the line was logged, so that the active span is the line's */
  toLogRecord(text: string, captureSpan: boolean): LogRecord {
    const observedTimeUnixNano = millisToUnixNano(Date.now())
    const line = parseLine(text, this.#keys)
    const record: LogRecord = { observedTimeUnixNano, severityNumber: 0, attributes: {} }
    if (this.#settings.keepsOriginal) record.original = unsplice(text)
    if ('value' in line) record.body = line.value
    else this.#fill(record, line)
    const span = captureSpan && record.traceId === undefined ? activeSpan() : undefined
    if (span !== undefined) putSpan(record, span)
    return record
  }

  #fill(record: LogRecord, line: Line): void {
    const fields = this.#fields
    fields.begin(record)
    Object.assign(record, this.#levels.severityOf(line.level))
    if (line.time !== undefined) {
      record.timeUnixNano = toUnixNano(line.time)
      // What is no time stays an attribute, unless the user's own field of that name does.
      if (record.timeUnixNano === undefined && !line.userTime) fields.attribute(line.timeKey, line.time)
    }
    let messageKey: string | undefined
    for (const key of Object.keys(line.fields)) {
      if (key === line.levelKey && !line.userLevel) continue
      if (key === line.timeKey && !line.userTime) continue
      const value = line.fields[key]
      if (key === 'pid') fields.unlessInResource('process.pid', value)
      else if (key === 'hostname') fields.unlessInResource('host.name', value)
      else if (key === SPLICE_KEY) this.#spliced(record, value)
      else if (this.#messageKeys.has(key)) {
        // With several loggers there are several names for it; pino writes the message last.
        if (messageKey !== undefined) fields.attribute(messageKey, record.body)
        messageKey = key
        record.body = value
      } else fields.add(key, value)
    }
    fields.end()
  }

  /** What the main thread added to the line. The user's own ids are lifted at the end, and win. */
  #spliced(record: LogRecord, value: unknown): void {
    const { span, label } = readSplice(value)
    if (span !== undefined) putSpan(record, span)
    if (label === undefined) return
    record.severityText = label
    const { severityNumber } = this.#levels.severityOf(label)
    if (severityNumber !== 0) record.severityNumber = severityNumber
  }
}

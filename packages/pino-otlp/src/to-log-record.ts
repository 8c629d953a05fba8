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
  createRecordShape,
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

/** Where a field goes, by its key. */
type Place = 'attribute' | 'message' | 'pid' | 'hostname' | 'splice' | 'other'

const MAX_PLACES = 1000
const NONE: Record<string, unknown> = {}

export class LineMapper {
  readonly #settings: Settings
  readonly #levels: Levels
  readonly #fields: RecordFields
  /** Until a logger says its own. */
  #messageKeys: ReadonlySet<string>
  #knowsMessageKey: boolean
  readonly #keys: LineKeys
  /** Whether anything but the encoder reads the records. */
  readonly #isHooked: boolean
  /** By key. They are few; a logger that invents keys must not fill the memory. */
  readonly #places = new Map<string, Place>()
  /** The same by position, as line after line has the same keys in the same order: no look-up then. */
  readonly #seenKeys: string[] = []
  readonly #seenPlaces: Place[] = []

  constructor(settings: Settings) {
    const { keys, severity } = settings
    this.#settings = settings
    this.#levels = new Levels(severity)
    this.#fields = new RecordFields(settings)
    this.#messageKeys = new Set([keys.message ?? 'msg'])
    this.#knowsMessageKey = keys.message !== undefined
    this.#keys = { level: keys.level, time: keys.time, isLevelName }
    const { filter, transform, redact, loggerProvider, pipeline } = settings
    this.#isHooked =
      [filter, transform, redact, loggerProvider, createRecordShape(settings, 'msg')].some(
        (one) => one !== undefined,
      ) || pipeline === 'sdk'
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
    this.#places.clear()
    this.#seenKeys.length = 0
  }

  /** @param captureSpan whether this runs where the line was logged, so that the active span is the line's */
  toLogRecord(text: string, captureSpan: boolean): LogRecord {
    const observedTimeUnixNano = millisToUnixNano(Date.now())
    const line = parseLine(text, this.#keys)
    const record: LogRecord = {
      timeUnixNano: undefined,
      observedTimeUnixNano,
      severityNumber: 0,
      severityText: undefined,
      body: undefined,
      attributes: NONE,
    }
    if (this.#settings.keepsOriginal) record.original = unsplice(text)
    if ('value' in line) {
      record.body = line.value
      record.attributes = {}
    } else this.#fill(record, line)
    const span = captureSpan && record.traceId === undefined ? activeSpan() : undefined
    if (span !== undefined) putSpan(record, span)
    return record
  }

  #fill(record: LogRecord, line: Line): void {
    const { severityNumber, severityText } = this.#levels.severityOf(line.level)
    record.severityNumber = severityNumber
    record.severityText = severityText
    if (line.time !== undefined) record.timeUnixNano = toUnixNano(line.time)
    if (this.#isHooked || !this.#fillAsItIs(record, line)) this.#fillFieldByField(record, line)
  }

  /**
   * For most lines: all fields but pino's own are attributes, as they are. The parsed line itself is then the attributes,
   * with `undefined`, which is no attribute, where something else was: 0.3 us less than an object of their own.
   * False, and nothing is done, for a line with more to it.
   */
  #fillAsItIs(record: LogRecord, line: Line): boolean {
    const { fields, timeKey, levelKey } = line
    const { resource } = this.#settings
    if (record.timeUnixNano === undefined || line.userLevel || line.userTime) return false
    let messageKey: string | undefined
    let hasPid = false
    let hasHostname = false
    let hasSplice = false
    let at = 0
    for (const key in fields) {
      const place = key === this.#seenKeys[at] ? this.#seenPlaces[at] : this.#look(key, at)
      at++
      switch (place) {
        case 'attribute':
          break
        case 'message':
          if (messageKey !== undefined) return false
          messageKey = key
          break
        case 'pid':
          if (resource['process.pid'] !== fields['pid']) return false
          hasPid = true
          break
        case 'hostname':
          if (resource['host.name'] !== fields['hostname']) return false
          hasHostname = true
          break
        case 'splice':
          hasSplice = true
          break
        default:
          if (key !== levelKey && key !== timeKey) return false
      }
    }
    if (messageKey !== undefined) {
      record.body = fields[messageKey]
      fields[messageKey] = undefined
    }
    if (hasSplice) {
      this.#spliced(record, fields[SPLICE_KEY])
      fields[SPLICE_KEY] = undefined
    }
    if (hasPid) fields['pid'] = undefined
    if (hasHostname) fields['hostname'] = undefined
    if (line.level !== undefined) fields[levelKey] = undefined
    fields[timeKey] = undefined
    record.attributes = fields
    return true
  }

  #look(key: string, at: number): Place {
    const known = this.#places.get(key)
    const place = known ?? this.#placeOf(key)
    if (known === undefined && this.#places.size < MAX_PLACES) this.#places.set(key, place)
    if (at < MAX_PLACES) {
      this.#seenKeys[at] = key
      this.#seenPlaces[at] = place
    }
    return place
  }

  #placeOf(key: string): Place {
    if (key === SPLICE_KEY) return 'splice'
    if (this.#messageKeys.has(key)) return 'message'
    if (key === 'pid' || key === 'hostname') return key
    return key !== this.#keys.level && key !== this.#keys.time && this.#fields.isPlain(key) ? 'attribute' : 'other'
  }

  #fillFieldByField(record: LogRecord, line: Line): void {
    const fields = this.#fields
    record.attributes = {}
    fields.begin(record)
    // What is no time stays an attribute, unless the user's own field of that name does.
    if (line.time !== undefined && record.timeUnixNano === undefined && !line.userTime) {
      fields.attribute(line.timeKey, line.time)
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

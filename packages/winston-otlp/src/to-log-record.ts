// winston info -> LogRecord:
//
//   Symbol(level)                     severityText without colours, severityNumber by the logger's level set (levels.ts)
//   message                           body, of whatever type; without colours and padding. logstash() moves it to MESSAGE
//   timestamp, when it is a time      timeUnixNano, unless it is that of format.timestamp(): the log call was earlier
//   an Error, as info, message, argument or any field   exception.*; its other fields stay where they are in the entry,
//                                     or under the field's key; causes, and what is not in the entry, under the error key
//   a stack that winston copied from an Error           exception.*
//   arguments that no format used     objects become attributes, the rest the attribute `splat` (arguments.ts)
//   an uncaught exception or rejection   the exception; what winston collects about process and system is left out
//   trace ids                         the instrumentation's context, else ids in the entry, else the span of the log call
//   anything else                     attributes, as it is
//
// The entry is read, never changed: stdout has the same object. What a format took out of it is not brought back.

import {
  type Exception,
  type LogRecord,
  millisToUnixNano,
  putSpan,
  RecordFields,
  type Settings,
  spanOf,
} from 'otlp-logs-core'
import { isSpread, leftArguments } from './arguments.ts'
import { eventTime } from './event-time.ts'
import { fieldOf, type Info, INSTRUMENTATION_CONTEXT, isError, isMeta, LEVEL, MESSAGE } from './info.ts'
import { type LevelSet, severitiesOf } from './levels.ts'
import { exceptionOf, exceptionOfStack, isPartOf } from './logged-error.ts'
import type { Stamp } from './stamp.ts'
import { fromLogstash, jsonLine, withoutColors, withoutDecoration } from './text.ts'

/** Where format.timestamp() writes. */
const TIMESTAMP = 'timestamp'
const NO_LEVELS: LevelSet = {}
const NOT_MOVED: ReturnType<typeof fromLogstash> = {}
/** What winston collects for an uncaught exception besides the error: noise, and argv may hold secrets. */
const CRASH_NOISE: ReadonlySet<string> = new Set(['exception', 'rejection', 'date', 'process', 'os', 'trace'])

export class InfoMapper {
  readonly #settings: Settings
  readonly #timeKey: string
  readonly #keepsText: boolean
  readonly #fields: RecordFields
  readonly #severities = new WeakMap<LevelSet, Map<string, number>>()

  /** @param timeKey the field that holds the time; not as settled, as its default is not winston's */
  constructor(settings: Settings, timeKey: string = TIMESTAMP) {
    this.#settings = settings
    this.#timeKey = timeKey
    // Of an entry, which is no text, it is nothing original.
    this.#keepsText = settings.keepsOriginal && settings.body === 'line'
    this.#fields = new RecordFields(settings)
  }

  /** @param levels of the logger that wrote the entry */
  toLogRecord(info: Info, stamp: Stamp, levels: LevelSet = NO_LEVELS): LogRecord {
    const level = info[LEVEL] ?? info['level']
    const name = typeof level === 'string' ? withoutColors(level).trim() : undefined
    // logstash() takes a message away that it moves, so that the text need not be searched where there is one: 0.2 us.
    const moved = fieldOf(info, 'message') ? NOT_MOVED : fromLogstash(info[MESSAGE])
    const own = fieldOf(info, this.#messageKey)
    const message = own === undefined ? moved.message : own
    const text = typeof message === 'string' ? withoutDecoration(message, stamp.text) : ''
    const timestamp = fieldOf(info, this.#timeKey) ?? moved.timestamp
    const isGiven = this.#timeKey !== TIMESTAMP || timestamp === stamp.timestamp
    const time = eventTime(timestamp, isGiven ? undefined : stamp.timeMillis)
    const record: LogRecord = {
      timeUnixNano: time ?? millisToUnixNano(stamp.timeMillis),
      observedTimeUnixNano: millisToUnixNano(Date.now()),
      severityNumber: name === undefined ? 0 : this.#severityOf(name, levels),
      severityText: name,
      attributes: {},
    }
    const fields = this.#fields
    fields.begin(record)
    const { error } = stamp
    const exception = error === undefined ? this.#exceptionOfStack(info, text) : exceptionOf(error, stamp, info, text)
    record.body = this.#body(message, text, stamp)
    if (exception !== undefined) fields.exception(this.#settings.keys.error ?? 'error', exception)
    this.#own(info, stamp, exception, time !== undefined)
    this.#left(leftArguments(stamp, info, text), info, stamp)
    fields.end()
    // What winston collects for an uncaught exception is in the text, too, and argv may hold secrets.
    if (this.#keepsText && !stamp.isCrash) record.original = jsonLine(info[MESSAGE])
    const captured = spanOf(info[INSTRUMENTATION_CONTEXT])
    const span = captured ?? (record.traceId === undefined ? stamp.span : undefined)
    if (span !== undefined) putSpan(record, span)
    return record
  }

  get #messageKey(): string {
    return this.#settings.keys.message ?? 'message'
  }

  #severityOf(level: string, levels: LevelSet): number {
    let severities = this.#severities.get(levels)
    if (severities === undefined) {
      severities = severitiesOf(levels, this.#settings.severity)
      this.#severities.set(levels, severities)
    }
    return severities.get(level) ?? severitiesOf({ [level]: 0 }, this.#settings.severity).get(level)!
  }

  #body(message: unknown, text: string, { error }: Stamp): unknown {
    if (typeof message === 'string') return text
    if (isError(message)) return message.message
    // A format of this transport is given a copy, in which an Error that is the entry has lost its message.
    return message === undefined && error?.place === 'entry' ? error.message : message
  }

  #exceptionOfStack(info: Info, text: string): Exception | undefined {
    const stack = fieldOf(info, 'stack')
    return typeof stack === 'string' ? exceptionOfStack(stack, text) : undefined
  }

  #own(info: Info, stamp: Stamp, exception: Exception | undefined, hasTime: boolean): void {
    const { error, isCrash, splat } = stamp
    const fields = this.#fields
    for (const key of Object.keys(info)) {
      if (key === 'level' || key === this.#messageKey || (hasTime && key === this.#timeKey)) continue
      if (isCrash && CRASH_NOISE.has(key)) continue
      const value = fieldOf(info, key)
      if (exception !== undefined) {
        if (error === undefined ? key === 'stack' : isPartOf(exception, error, key, value)) continue
        // Changed by a format, and so part of the exception as it is now.
        if (key === 'stack' && withoutColors(String(value)) === exception.attributes['exception.stacktrace']) continue
      }
      if (splat !== undefined && isSpread(splat, key, value)) continue
      if (isError(value)) fields.error(key, value, true)
      else fields.add(key, this.#nested(value, stamp, exception))
    }
  }

  /** metadata() puts all fields into one, also those that would have been left out. */
  #nested(value: unknown, { error, isCrash }: Stamp, exception: Exception | undefined): unknown {
    if (error === undefined || exception === undefined || !isMeta(value)) return value
    const isNoisy = isCrash && 'trace' in value && 'os' in value
    const isTold = (key: string): boolean =>
      (isNoisy && CRASH_NOISE.has(key)) || isPartOf(exception, error, key, fieldOf(value, key))
    const keys = Object.keys(value)
    if (!keys.some(isTold)) return value
    return Object.fromEntries(keys.filter((key) => !isTold(key)).map((key) => [key, fieldOf(value, key)]))
  }

  #left(left: readonly unknown[], info: Info, { error }: Stamp): void {
    const values: unknown[] = []
    for (const argument of left) {
      if (argument === error?.error) continue
      if (!isMeta(argument)) values.push(argument)
      else
        for (const key of Object.keys(argument)) {
          if (key !== 'level' && key !== 'message' && !Object.hasOwn(info, key))
            this.#fields.add(key, fieldOf(argument, key))
        }
    }
    if (values.length > 0) this.#fields.attribute('splat', values)
  }
}

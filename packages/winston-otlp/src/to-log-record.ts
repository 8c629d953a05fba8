// winston info -> LogRecord:
//
//   Symbol(level)                     severityText without colours, severityNumber by the logger's level set (levels.ts)
//   message                           body, of whatever type; without colours. logstash() keeps it in MESSAGE only
//   timestamp, when it is a time      timeUnixNano; else the moment of the log call, and timestamp stays an attribute
//   an Error, as info, message, argument or any field   exception.*; its other fields stay (under the field's key)
//   stack, cause that winston copied from an Error      part of that exception
//   arguments that winston left in SPLAT   objects become attributes, the rest the attribute `splat`
//   exception: true, rejection: true  the exception; process, os, trace, date and argv of that entry are left out
//   trace ids                         see record-fields.ts; then the instrumentation's context, then the stamp
//   anything else                     attributes, as it is
//
// The entry is read, never changed: stdout has the same object.

import { stripVTControlCharacters, types } from 'node:util'
import {
  type LogRecord,
  millisToUnixNano,
  putSpan,
  RecordFields,
  type Settings,
  spanOf,
  toUnixNano,
} from 'otlp-logs-core'
import { type Info, INSTRUMENTATION_CONTEXT, LEVEL, MESSAGE } from './info.ts'
import { type LevelSet, severitiesOf } from './levels.ts'
import { type Stamp, stampOf } from './stamp.ts'

const NO_LEVELS: LevelSet = {}
/** What winston collects about the process for an uncaught exception: noise, and argv may hold secrets. */
const EXCEPTION_NOISE: ReadonlySet<string> = new Set([
  'exception',
  'rejection',
  'date',
  'process',
  'os',
  'trace',
  'error',
  'stack',
])
/** Placeholders of util.format, as winston sees them. */
const TOKEN = /%[scdjifoO%]/g

export class InfoMapper {
  readonly #settings: Settings
  readonly #fields: RecordFields
  readonly #severities = new WeakMap<LevelSet, Map<string, number>>()

  constructor(settings: Settings) {
    this.#settings = settings
    this.#fields = new RecordFields(settings)
  }

  /** @param levels of the logger that wrote the entry */
  toLogRecord(info: Info, levels: LevelSet = NO_LEVELS): LogRecord {
    const stamp = stampOf(info)
    const level = textOf(info[LEVEL] ?? info['level'])
    const record: LogRecord = {
      timeUnixNano: millisToUnixNano(stamp.timeMillis),
      observedTimeUnixNano: millisToUnixNano(Date.now()),
      severityNumber: level === undefined ? 0 : this.#severityOf(level, levels),
      severityText: level,
      attributes: {},
    }
    const fields = this.#fields
    fields.begin(record)
    const message = info[this.#settings.keys.message ?? 'message']
    record.body = bodyOf(info, message)
    const isException = info['exception'] === true || info['rejection'] === true
    const error = isException && types.isNativeError(info['error']) ? info['error'] : stamp.error
    if (error !== undefined) this.#error(record, error)
    this.#own(record, info, error, isException)
    this.#left(info, stamp, message, error)
    fields.end()
    if (record.traceId === undefined) {
      const span = spanOf(info[INSTRUMENTATION_CONTEXT]) ?? stamp.span
      if (span !== undefined) putSpan(record, span)
    }
    return record
  }

  #severityOf(level: string, levels: LevelSet): number {
    let severities = this.#severities.get(levels)
    if (severities === undefined) {
      severities = severitiesOf(levels, this.#settings.severity)
      this.#severities.set(levels, severities)
    }
    return severities.get(level) ?? severitiesOf({ [level]: 0 }, this.#settings.severity).get(level)!
  }

  /** The error that was logged as such: what it carries besides goes under the error key. */
  #error(record: LogRecord, error: Error): void {
    const { error: key = 'error' } = this.#settings.keys
    this.#fields.error(key, error, true)
    const rest = record.attributes[key]
    // winston writes the level onto an Error that is itself the entry.
    if (!isMeta(rest) || !(LEVEL in error)) return
    const { level: _level, ...others } = rest
    if (Object.keys(others).length > 0) record.attributes[key] = others
    else delete record.attributes[key]
  }

  #own(record: LogRecord, info: Info, error: Error | undefined, isException: boolean): void {
    const { keys } = this.#settings
    const fields = this.#fields
    for (const key of Object.keys(info)) {
      if (key === 'level' || key === (keys.message ?? 'message')) continue
      const value = info[key]
      if (isException && EXCEPTION_NOISE.has(key)) continue
      if (key === 'timestamp' || key === keys.time) {
        const time = toUnixNano(types.isDate(value) ? value.getTime() : value)
        if (time === undefined) fields.attribute(key, value)
        else record.timeUnixNano = time
      } else if (key === 'stack' && typeof value === 'string') this.#flattened(info, value, error)
      // winston copies these from an Error that came as the entry or as an argument.
      else if (error !== undefined && (value === error || (error as unknown as Info)[key] === value)) continue
      else if (types.isNativeError(value)) fields.error(key, value, true)
      else fields.add(key, value)
    }
  }

  /** A stack in the entry itself: errors() or a child logger has flattened an Error into it. */
  #flattened(info: Info, stack: string, error: Error | undefined): void {
    if (error?.stack === stack) return
    const first = /^(?:Uncaught )?([\w$.]+)(?:: ([^\n]*))?/.exec(stack)
    const message = first?.[2] ?? textOf(info['message'])
    this.#fields.error('stack', { type: first?.[1] ?? 'Error', message, stack }, true)
  }

  /** Arguments that no format has put into the message or the entry. */
  #left(info: Info, stamp: Stamp, message: unknown, error: Error | undefined): void {
    const { splat } = stamp
    if (splat === undefined || splat.length === 0) return
    const text = typeof message === 'string' ? message : ''
    const left: unknown[] = []
    for (const argument of splat) {
      if (argument === error || argument === undefined) continue
      if (types.isNativeError(argument)) this.#fields.error('splat', argument, true)
      else if (isMeta(argument)) this.#meta(info, argument, text)
      else if (!text.includes(String(argument))) left.push(argument)
    }
    if (left.length > 0) this.#fields.attribute('splat', left)
  }

  #meta(info: Info, meta: Info, text: string): void {
    const isWritten = !TOKEN.test(text) && Object.keys(meta).every((key) => Object.hasOwn(info, key))
    TOKEN.lastIndex = 0
    if (isWritten) return
    for (const key of Object.keys(meta)) {
      if (key !== 'level' && key !== 'message' && !Object.hasOwn(info, key)) this.#fields.add(key, meta[key])
    }
  }
}

function bodyOf(info: Info, message: unknown): unknown {
  if (types.isNativeError(message)) return message.message
  if (typeof message === 'string' && message !== '') return stripped(message)
  return logstashMessage(info[MESSAGE]) ?? message
}

/** logstash() moves the message into the formatted text, and out of the entry. */
function logstashMessage(text: unknown): unknown {
  if (typeof text !== 'string' || !text.includes('"@message"')) return undefined
  try {
    return (JSON.parse(text) as { '@message'?: unknown })['@message']
  } catch {
    return undefined
  }
}

function isMeta(value: unknown): value is Info {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? stripped(value).trim() : undefined
}

/** Without the colours of colorize(). */
function stripped(text: string): string {
  return text.includes('\u001b') ? stripVTControlCharacters(text) : text
}

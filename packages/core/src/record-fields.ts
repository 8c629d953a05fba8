// The fields of a log entry, one after the other, into one record: what all loggers share in this.
// - trace_id, span_id, trace_flags (also camelCase and dotted): the record's ids; invalid ones stay attributes.
// - otel.event.name: the event's name. `name` with `scope: 'name'`: the scope.
// - an error under an error key: exception.*; what else it carries stays under the key. The first error counts.
// - a field given as keys.caller: code.*. A field given as keys.nested: its members are fields of their own.
// - anything else: an attribute, under a name that no backend takes for the level.
// One instance serves a mapper for all its records; a record is begun, filled and ended without a pause.

import { safeAttributeName } from './attribute-name.ts'
import { toCodeLocation } from './code-location.ts'
import { type Exception, toException } from './exception.ts'
import type { Settings } from './settings.ts'
import type { LogRecord } from './record.ts'
import { type SpanIds, takeSpanIds } from './trace-context.ts'

type Role = 'trace' | 'event' | 'error' | 'maybeError' | 'name' | 'nested' | 'caller'

const TRACE_KEYS = [
  ...['trace_id', 'span_id', 'trace_flags'],
  ...['traceId', 'spanId', 'traceFlags'],
  ...['trace.id', 'span.id', 'trace.flags'],
]

const MAX_PLAIN_KEYS = 64

export class RecordFields {
  readonly #settings: Settings
  readonly #roles = new Map<string, Role>(TRACE_KEYS.map((key) => [key, 'trace']))
  /**
   * Keys of plain fields, by their position among those added: entry after entry has the same keys in the same order, and
   * then none needs to be looked up.
   */
  readonly #plainKeys = Array.from<string | undefined>({ length: MAX_PLAIN_KEYS })
  #at = 0
  #record!: LogRecord
  #ids: Record<string, unknown> | undefined
  #exception: Record<string, unknown> | undefined
  #nested: { key: string; value: object } | undefined

  constructor(settings: Settings) {
    const { keys, scope } = settings
    this.#settings = settings
    this.#roles.set('otel.event.name', 'event').set('error', 'maybeError').set('err', 'error')
    if (keys.error !== undefined) this.#roles.set(keys.error, 'error')
    if (scope === 'name') this.#roles.set('name', 'name')
    if (keys.nested !== undefined) this.#roles.set(keys.nested, 'nested')
    if (keys.caller !== undefined) this.#roles.set(keys.caller, 'caller')
  }

  /** A logger puts its errors under this key. */
  learnErrorKey(key: string): void {
    this.#roles.set(key, 'error')
    this.#plainKeys.fill(undefined)
  }

  /** Whether a field of this name becomes an attribute of the same name, whatever its value. */
  isPlain(key: string): boolean {
    return !this.#roles.has(key) && safeAttributeName(key) === key && key !== '__proto__'
  }

  begin(record: LogRecord): void {
    this.#at = 0
    this.#record = record
    this.#ids = undefined
    this.#exception = undefined
    this.#nested = undefined
  }

  add(key: string, value: unknown): void {
    const at = this.#at++
    if (key === this.#plainKeys[at]) {
      this.#record.attributes[key] = value
      return
    }
    const role = this.#roles.get(key)
    if (role === undefined) {
      // A name with this prefix may have to give way to one that got it.
      if (at < MAX_PLAIN_KEYS && this.isPlain(key) && !key.startsWith('custom.')) this.#plainKeys[at] = key
      return this.attribute(key, value)
    }
    switch (role) {
      case 'trace':
        this.#ids ??= {}
        this.#ids[key] = value
        return
      case 'event':
        if (typeof value === 'string' && value !== '') this.#record.eventName = value
        else this.attribute(key, value)
        return
      case 'error':
        return this.error(key, value, true)
      case 'maybeError':
        return this.error(key, value, false)
      case 'name':
        if (typeof value === 'string' && value !== '') this.#record.scopeName = value
        else this.attribute(key, value)
        return
      case 'nested':
        if (typeof value === 'object' && value !== null && !Array.isArray(value)) this.#nested = { key, value }
        else this.attribute(key, value)
        return
      case 'caller': {
        const location = toCodeLocation(value)
        if (location === undefined) this.attribute(key, value)
        else Object.assign(this.#record.attributes, location)
      }
    }
  }

  /** A value that may be an error; if it is none, or not the first, it is an attribute like any other. */
  error(key: string, value: unknown, atErrorKey: boolean): void {
    const exception = this.#exception === undefined ? toException(value, atErrorKey) : undefined
    if (exception === undefined) return this.attribute(key, value)
    this.exception(key, exception)
  }

  /** An exception, and the key for what it carries besides. */
  exception(key: string, { attributes, rest }: Exception): void {
    this.#exception = { ...attributes }
    if (rest !== undefined) this.attribute(key, rest)
  }

  attribute(key: string, value: unknown): void {
    const { attributes } = this.#record
    let name = safeAttributeName(key)
    // A renamed field must not take the place of one that has that name by itself.
    if (name.startsWith('custom.')) while (Object.hasOwn(attributes, name)) name = `custom.${name}`
    if (name !== '__proto__') attributes[name] = value
    // An assignment would set the prototype instead.
    else Object.defineProperty(attributes, name, { value, enumerable: true, configurable: true, writable: true })
  }

  /** `name` unless the resource says the same: what is true of the whole process need not stand in each record. */
  unlessInResource(name: string, value: unknown): void {
    if (this.#settings.resource[name] !== value) this.attribute(name, value)
  }

  end(): void {
    const record = this.#record
    if (this.#nested !== undefined) this.#hoist(this.#nested)
    if (this.#exception !== undefined) {
      // In front, so that the limit on attributes cuts others first; but what the user set under these names wins.
      record.attributes = { ...this.#exception, ...record.attributes }
    }
    if (this.#ids === undefined) return
    const span = takeSpanIds(this.#ids)
    for (const key of Object.keys(this.#ids)) this.attribute(key, this.#ids[key])
    if (span !== undefined) putSpan(record, span)
  }

  #hoist({ key, value }: { key: string; value: object }): void {
    const { attributes } = this.#record
    const left = Object.create(null) as Record<string, unknown>
    for (const [name, inner] of Object.entries(value)) {
      const role = this.#roles.get(name)
      if (role !== undefined && role !== 'name' && role !== 'nested') this.add(name, inner)
      // A child's bindings stand beside the nested object and may have the same names: both are kept.
      else if (Object.hasOwn(attributes, name)) left[name] = inner
      else this.attribute(name, inner)
    }
    if (Object.keys(left).length > 0) this.attribute(key, left)
  }
}

export function putSpan(record: LogRecord, { traceId, spanId, traceFlags }: SpanIds): void {
  record.traceId = traceId
  record.spanId = spanId
  record.traceFlags = traceFlags
}

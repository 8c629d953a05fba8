// Redaction: takes secrets and personal data out of a record before it is encoded, on the OTLP side only.
// Paths are those of pino's `redact`: `password`, `user.email`, `headers["x-api-key"]`, `items[*].token`, `*.secret`.
// - A path is looked for in the attributes, and `body` or `body.x` in the body.
// - A key with dots in it is found by the same path as nested keys: `exception.message` is one attribute.
// - What the app logged is never changed: objects on the way to a redacted value are copied.
// - Where the message of an exception is redacted, its stack trace, which repeats it, is cleaned too.

import { types } from 'node:util'
import type { RedactOptions } from './options.ts'
import type { LogRecord } from './record.ts'

type Censor = (value: unknown) => unknown

/** Makes the function that redacts records. */
export function createRedactor({ paths, censor = '[REDACTED]', hashKey }: RedactOptions): (record: LogRecord) => void {
  const parsed = paths.map(parsePath)
  const replace = censorOf(censor, hashKey)
  return (record) => {
    const before = record.attributes['exception.message']
    for (const path of parsed) {
      if (path[0] === 'body' && record.body !== undefined) {
        const body = redactNext(record.body, path, 1, replace)
        record.body = body === REMOVED ? undefined : body
      }
      record.attributes = redactAt(record.attributes, path, 0, replace) as Record<string, unknown>
    }
    cleanStack(record.attributes, before)
  }
}

/** `a.b["c.d"][*].e` -> ['a', 'b', 'c.d', '*', 'e']. Throws a TypeError that shows where a path is wrong. */
export function parsePath(path: string): string[] {
  const keys: string[] = []
  const step = /\.?([^.[\]]+)|\[(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|(\*|\d+))\]/y
  while (step.lastIndex < path.length) {
    const at = step.lastIndex
    const match = step.exec(path)
    if (match === null) {
      throw new TypeError(
        `Expected \`redact.paths\` to have paths such as "user.email" or "items[*].token", got "${path}" (wrong at character ${at + 1})`,
      )
    }
    keys.push(match[1] ?? match[4] ?? (match[2] ?? match[3]!).replace(/\\(.)/g, '$1'))
  }
  if (keys.length === 0) throw new TypeError('Expected `redact.paths` to have no empty path')
  return keys
}

const REMOVED = Symbol('removed')

function censorOf(censor: string, hashKey: string | undefined): Censor {
  if (censor === 'remove') return () => REMOVED
  if (censor !== 'hash') return () => censor
  const { createHmac } = process.getBuiltinModule('node:crypto')
  return (value) => createHmac('sha256', hashKey!).update(textOf(value)).digest('hex')
}

/** The same value must always hash to the same text, whether it came as a number or as its digits. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  try {
    return (typeof value === 'object' ? JSON.stringify(value) : String(value)) ?? ''
  } catch {
    return ''
  }
}

/** A copy of `value` with what lies at `path` replaced, or `value` itself when nothing lies there. */
function redactAt(value: unknown, path: readonly string[], at: number, replace: Censor): unknown {
  const seen = seenOf(value)
  if (typeof seen !== 'object' || seen === null) return value
  if (Array.isArray(seen)) return redactArray(seen, path, at, replace) ?? value
  const source = seen as Record<string, unknown>
  let copy: Record<string, unknown> | undefined
  const put = (key: string, next: unknown): void => {
    if (next === source[key]) return
    copy ??= copyOf(source)
    if (next === REMOVED) delete copy[key]
    else Object.defineProperty(copy, key, { value: next, enumerable: true, configurable: true, writable: true })
  }
  if (path[at] === '*') {
    for (const key of Object.keys(source)) put(key, redactNext(source[key], path, at + 1, replace))
    return copy ?? value
  }
  // 'a', then 'a.b', then 'a.b.c': a key may itself have dots.
  let key = ''
  for (let end = at; end < path.length; end++) {
    key = end === at ? path[end]! : `${key}.${path[end]!}`
    if (path[end] === '*') {
      redactDotted(source, key.slice(0, -1), put, replace, end === path.length - 1)
      break
    }
    if (Object.hasOwn(source, key)) put(key, redactNext(source[key], path, end + 1, replace))
  }
  return copy ?? value
}

function redactArray(value: unknown[], path: readonly string[], at: number, replace: Censor): unknown[] | undefined {
  const one = path[at]!
  let copy: unknown[] | undefined
  for (let i = 0; i < value.length; i++) {
    if (one !== '*' && one !== String(i)) continue
    const next = redactNext(value[i], path, at + 1, replace)
    if (next === value[i]) continue
    copy ??= [...value]
    copy[i] = next === REMOVED ? null : next
  }
  return copy
}

const tagOf = (value: object): string => Object.prototype.toString.call(value)

/** What the encoder will make of a value, so that nothing hides in a Map or behind a toJSON. */
function seenOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const { toJSON } = value as { toJSON?: unknown }
  if (typeof toJSON === 'function') return toJSON.call(value, '') as unknown
  if (types.isSet(value)) return [...value]
  const isMap = types.isMap(value) || /^\[object (?:Headers|FormData|URLSearchParams)\]$/.test(tagOf(value))
  return isMap ? Object.fromEntries(value as Map<string, unknown>) : value
}

function redactNext(value: unknown, path: readonly string[], at: number, replace: Censor): unknown {
  if (at < path.length) return redactAt(value, path, at, replace)
  return value === undefined ? undefined : replace(value)
}

/** `exception.*` means every key that begins with `exception.`, too. */
function redactDotted(
  source: Record<string, unknown>,
  prefix: string,
  put: (key: string, next: unknown) => void,
  replace: Censor,
  last: boolean,
): void {
  if (!last || !prefix.endsWith('.')) return
  for (const key of Object.keys(source)) if (key.startsWith(prefix)) put(key, replace(source[key]))
}

function copyOf(source: Record<string, unknown>): Record<string, unknown> {
  // Own properties only and by definition, so that a key called __proto__ stays a key; what is frozen thaws.
  const copy = {}
  for (const key of Reflect.ownKeys(source)) {
    Object.defineProperty(copy, key, { ...Object.getOwnPropertyDescriptor(source, key), configurable: true })
  }
  return copy
}

function cleanStack(attributes: Record<string, unknown>, messageBefore: unknown): void {
  const message = attributes['exception.message']
  const stack = attributes['exception.stacktrace']
  if (typeof messageBefore !== 'string' || messageBefore === '' || message === messageBefore) return
  if (typeof stack !== 'string') return
  attributes['exception.stacktrace'] = stack.replaceAll(messageBefore, () =>
    typeof message === 'string' ? message : '',
  )
}

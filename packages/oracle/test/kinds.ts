// What kinds of value there are, for the rows of the tables: told apart as the specification does
// (common/attribute-type-mapping.md), and said with what JavaScript has of its own.

import { types } from 'node:util'
import { isObject, membersOf, type Said } from './source.ts'

export function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return !Array.isArray(value) && (prototype === Object.prototype || prototype === null)
}

/** Bytes in another wrapper than Uint8Array. */
export function bytesOf(value: unknown): Uint8Array | undefined {
  if (types.isUint8Array(value)) return undefined
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
  return types.isAnyArrayBuffer(value) ? new Uint8Array(value) : undefined
}

/** Each key once, with all of its values. */
export function multimapOf(value: unknown): [string, unknown[]][] | undefined {
  if (!(value instanceof URLSearchParams || value instanceof Headers || value instanceof FormData)) return undefined
  const map = new Map<string, unknown[]>()
  for (const [key, one] of value as Iterable<[string, unknown]>) map.set(key, [...(map.get(key) ?? []), one])
  return [...map]
}

/** The entries of a Map with keys that are text, and each of them once: the second `1` is `1#2`. */
export function entriesOf(map: ReadonlyMap<unknown, unknown>): [string, unknown][] {
  const entries = new Map<string, unknown>()
  for (const [key, value] of map) {
    const text = isObject(key) ? Object.prototype.toString.call(key) : String(key)
    let unique = text
    for (let n = 2; entries.has(unique); n++) unique = `${text}#${n}`
    entries.set(unique, value)
  }
  return [...entries]
}

/** An Error as a value, when it is not the record's own: its class, what it says, and what else it carries. */
export function errorEntriesOf(error: Error): [string, unknown][] {
  const entries = new Map<string, unknown>([
    ['type', error.constructor.name || error.name],
    ['message', error.message],
  ])
  if (typeof error.stack === 'string') entries.set('stack', error.stack)
  if (error.cause !== undefined) entries.set('cause', error.cause)
  if ('errors' in error) entries.set('errors', error.errors)
  for (const [key, read] of membersOf(error)) if (!entries.has(key)) entries.set(key, read())
  return [...entries]
}

/** Classes of the platform whose instances hold nothing that could be listed: `[object Promise]`. */
export function tagOf(value: unknown): string | undefined {
  if (!isObject(value) || Array.isArray(value) || Object.keys(value).length > 0) return undefined
  const tag = Object.prototype.toString.call(value)
  return tag === '[object Object]' ? undefined : tag
}

export function said(entries: Iterable<readonly [string, unknown]> | undefined): Said | undefined {
  return entries === undefined ? undefined : { map: Array.from(entries, ([key, value]) => [key, () => value]) }
}

/** The first so many code points, well-formed. */
export function cutAt(text: string, points: number): string {
  return text.length <= points ? text : Array.from(text).slice(0, points).join('')
}

export function hasToJson(value: object): boolean {
  return typeof (value as { toJSON?: unknown }).toJSON === 'function'
}

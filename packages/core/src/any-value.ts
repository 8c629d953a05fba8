// JavaScript value -> AnyValue (common/attribute-type-mapping.md), straight into a writer, with no tree in between.
// - Never throws for what a value is or does: getters, Proxies and toJSON that throw leave a mark in their place.
//   (A writer may throw RECORD_TOO_LARGE through it.)
// - Containers are cut below level 30, the top value being level 1: decoders in use refuse whole batches that nest deeper.
// - Everything arrives: what has no kind of its own arrives as a string. Only `undefined` in maps is left out, as in JSON.
// docs/mapping.md has the table.

import { types } from 'node:util'
import type { ValueWriter } from './value-writer.ts'

/** Levels of arrays and maps, the top value being level 1. protobuf decoders stop at 100 messages, and a map takes three. */
const MAX_DEPTH = 30

const DEPTH_MARK = '[Truncated: nested deeper than 30 levels]'
const CIRCULAR_MARK = '[Circular]'
const INT64_MIN = -(2n ** 63n)
const INT64_MAX = 2n ** 63n - 1n

/** Writes values, one at a time, within its bounds. */
export class AnyValueWalk {
  /** Longest string or byte array, in code points and bytes. */
  maxLength: number = Number.POSITIVE_INFINITY
  /** Stops adding to arrays, maps and strings once the record has this many bytes. */
  maxBytes: number = Number.POSITIVE_INFINITY
  /** Whether anything was cut for depth or for `maxBytes` since this was last set to false. */
  cut = false

  readonly #writer: ValueWriter
  readonly #ancestors: object[] = []

  constructor(writer: ValueWriter) {
    this.#writer = writer
  }

  /** Forgets a walk that a throwing writer broke off. */
  reset(): void {
    this.#ancestors.length = 0
  }

  /** Whether a value is written as it is: nothing to be looked into, and nothing to be cut. */
  isSimple(value: unknown): value is string | number | boolean {
    if (typeof value === 'string') return value.length <= this.maxLength && this.maxBytes === Number.POSITIVE_INFINITY
    return typeof value === 'number' || typeof value === 'boolean'
  }

  write(value: unknown): void {
    switch (typeof value) {
      case 'string':
        return this.#string(value)
      case 'number':
        return this.#number(value)
      case 'boolean':
        return this.#writer.bool(value)
      case 'bigint':
        if (value >= INT64_MIN && value <= INT64_MAX) return this.#writer.int(value)
        return this.#string(value.toString())
      case 'undefined':
        return this.#writer.empty()
      case 'symbol':
        return this.#string(value.toString())
      case 'function':
        return this.#string(`[Function: ${nameOf(value)}]`)
      case 'object':
        if (value === null) return this.#writer.empty()
        return this.#object(value)
    }
  }

  #string(value: string): void {
    let text = this.maxLength < value.length ? cutString(value, this.maxLength) : value
    if (this.maxBytes !== Number.POSITIVE_INFINITY) text = this.#fit(text)
    this.#writer.string(text)
  }

  /** Half of the room that is left, so that the strings to come have some too. */
  #room(): number {
    return Math.max(0, Math.floor((this.maxBytes - this.#writer.size) / 2))
  }

  #fit(value: string): string {
    const room = this.#room()
    let text = value.length > room ? value.slice(0, room) : value
    for (let bytes = this.#writer.stringBytes(text); bytes > room + 2; bytes = this.#writer.stringBytes(text)) {
      text = text.slice(0, Math.floor((text.length * room) / bytes))
    }
    if (text.length === value.length) return value
    this.cut = true
    // Not between the halves of a surrogate pair.
    const last = text.charCodeAt(text.length - 1)
    return last >= 0xd800 && last <= 0xdbff ? text.slice(0, -1) : text
  }

  #number(value: number): void {
    if (!Number.isInteger(value)) return this.#writer.double(value)
    if (Number.isSafeInteger(value)) return this.#writer.int(value)
    if (value >= -(2 ** 63) && value < 2 ** 63) return this.#writer.int(BigInt(value))
    this.#writer.double(value)
  }

  #bytes(value: Uint8Array): void {
    let bytes = this.maxLength < value.length ? value.subarray(0, this.maxLength) : value
    const room = this.#room()
    if (bytes.length > room) {
      bytes = bytes.subarray(0, room)
      this.cut = true
    }
    this.#writer.bytes(bytes)
  }

  #object(value: object): void {
    if (this.#ancestors.includes(value)) return this.#string(CIRCULAR_MARK)
    let content: Content
    try {
      content = contentOf(value)
    } catch (error) {
      return this.#string(throwMark(error))
    }
    if (typeof content === 'string') return this.#string(content)
    if (types.isUint8Array(content)) return this.#bytes(content)
    // What stands for a value is no level of its own, unless it is a container.
    if ('instead' in content && !isObject(content.instead)) return this.write(content.instead)
    if (this.#ancestors.length >= MAX_DEPTH) {
      this.cut = true
      return this.#string(DEPTH_MARK)
    }
    this.#ancestors.push(value)
    if ('elements' in content) this.#array(content.elements, content.length)
    else if ('keys' in content) this.#map(content.source, content.keys)
    else if ('entries' in content) this.#map(content.entries, content.entries.keys(), content.entries)
    else this.write(content.instead)
    this.#ancestors.pop()
  }

  #array(elements: readonly unknown[], length: number): void {
    const writer = this.#writer
    writer.beginArray()
    for (let i = 0; i < length; i++) {
      if (writer.size > this.maxBytes) {
        this.cut = true
        break
      }
      const element = read(elements, i)
      writer.beginElement(hintOf(element))
      this.write(element)
      writer.endElement()
    }
    writer.endArray()
  }

  #map(source: object, keys: Iterable<string>, entries?: ReadonlyMap<string, unknown>): void {
    const writer = this.#writer
    writer.beginMap()
    for (const key of keys) {
      const value = entries === undefined ? read(source, key) : entries.get(key)
      if (value === undefined) continue
      if (writer.size + key.length > this.maxBytes) {
        this.cut = true
        break
      }
      if (this.isSimple(value) && writer.simpleEntry(key, value)) continue
      writer.beginEntry(key, hintOf(value))
      this.write(value)
      writer.endEntry()
    }
    writer.endMap()
  }
}

/** Guesses the encoded length of a value, so that a writer's length prefix seldom has to move what follows it. */
export function hintOf(value: unknown): number {
  return typeof value === 'string' ? value.length + 2 : 0
}

/** The first `max` code points of a string. */
export function cutString(value: string, max: number): string {
  if (value.length <= max) return value
  let end = 0
  for (let points = 0; points < max && end < value.length; points++) {
    end += value.codePointAt(end)! > 0xffff ? 2 : 1
  }
  return value.slice(0, end)
}

/** What an object amounts to. Computed before anything of it is written, so that a throw leaves no half-written value. */
type Content =
  | string
  | Uint8Array
  | { elements: readonly unknown[]; length: number }
  | { source: object; keys: readonly string[] }
  | { entries: ReadonlyMap<string, unknown> }
  | { instead: unknown }

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function contentOf(value: object): Content {
  if (Array.isArray(value)) return { elements: value, length: Number(value.length) }
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === Object.prototype || prototype === null) return plainContentOf(value)
  // util.types, since a value may come from another realm (a vm context, a test runner), where instanceof is false.
  if (types.isUint8Array(value)) return value
  if (types.isDate(value)) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString()
  if (types.isNativeError(value)) return { entries: errorEntries(value) }
  if (types.isMap(value)) return { entries: uniqueEntries(value) }
  if (types.isSet(value)) return { elements: [...value], length: value.size }
  if (types.isArrayBufferView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
  if (types.isAnyArrayBuffer(value)) return new Uint8Array(value)
  if (types.isRegExp(value)) return String(value)
  if (isMultimap(value)) return { entries: multimapEntries(value) }
  if (types.isBoxedPrimitive(value)) return { instead: value.valueOf() }
  return plainContentOf(value)
}

function plainContentOf(value: object): Content {
  const { toJSON } = value as { toJSON?: unknown }
  if (typeof toJSON === 'function') return { instead: toJSON.call(value, '') as unknown }
  const keys = Object.keys(value)
  if (keys.length === 2 && keys[0] === 'type' && keys[1] === 'data') {
    const bytes = bufferFromJson(value as { type: unknown; data: unknown })
    if (bytes !== undefined) return bytes
  }
  if (keys.length === 0) {
    const tag = Object.prototype.toString.call(value)
    if (tag !== '[object Object]') return tag
  }
  return { source: value, keys }
}

/** What JSON.stringify makes of a Buffer, back to bytes. */
function bufferFromJson({ type, data }: { type: unknown; data: unknown }): Uint8Array | undefined {
  if (type !== 'Buffer' || !Array.isArray(data)) return undefined
  const isByte = (n: unknown): boolean => typeof n === 'number' && (n & 0xff) === n
  return data.every(isByte) ? Uint8Array.from(data as number[]) : undefined
}

/** An Error's message and stack are not enumerable, and its class is nowhere; without this it would be `{}`. */
function errorEntries(error: Error): Map<string, unknown> {
  const entries = new Map<string, unknown>()
  const { name, message, stack, cause } = error
  entries.set('type', error.constructor?.name || name)
  entries.set('message', message)
  if (typeof stack === 'string') entries.set('stack', stack)
  if (cause !== undefined) entries.set('cause', cause)
  if ('errors' in error) entries.set('errors', error.errors)
  for (const key of Object.keys(error)) if (!entries.has(key)) entries.set(key, read(error, key))
  return entries
}

/** Keys that are the same text get a number, as AnyValue's maps know only text and every key once. */
function uniqueEntries(map: ReadonlyMap<unknown, unknown>): Map<string, unknown> {
  const entries = new Map<string, unknown>()
  for (const [key, value] of map) {
    const text = typeof key === 'object' && key !== null ? Object.prototype.toString.call(key) : String(key)
    let unique = text
    for (let n = 2; entries.has(unique); n++) unique = `${text}#${n}`
    entries.set(unique, value)
  }
  return entries
}

function isMultimap(value: object): value is URLSearchParams {
  // Not all of them are there in every realm (jsdom).
  const names = ['URLSearchParams', 'Headers', 'FormData'] as const
  return names.some((name) => typeof globalThis[name] === 'function' && value instanceof globalThis[name])
}

function multimapEntries(value: Iterable<[string, unknown]>): Map<string, unknown[]> {
  const entries = new Map<string, unknown[]>()
  for (const [key, one] of value) {
    const all = entries.get(key)
    if (all === undefined) entries.set(key, [one])
    else all.push(one)
  }
  return entries
}

function nameOf(value: object): string {
  const name = read(value, 'name')
  return typeof name === 'string' && name !== '' ? name : 'anonymous'
}

/** A property's value, or a mark where reading it throws. */
export function read(source: object, key: string | number): unknown {
  try {
    return (source as Record<string | number, unknown>)[key]
  } catch (error) {
    return throwMark(error)
  }
}

function throwMark(error: unknown): string {
  try {
    return `[Throws: ${types.isNativeError(error) ? error.message : String(error)}]`
  } catch {
    return '[Throws]'
  }
}

// JavaScript value -> plain data: what an AnyValue would hold, as a tree of simple values. Nothing hostile is left in it: the
// walk is that of any-value.ts, so that cycles, traps, Maps, Errors and depth become what they become on the wire.
// For what needs the whole value at hand, and not only its bytes: attribute-shape.ts, source-line.ts. Not on the default path.

import { AnyValueWalk } from './any-value.ts'
import type { ValueWriter } from './value-writer.ts'

export type Plain = string | boolean | number | bigint | Uint8Array | null | Plain[] | Map<string, Plain>

/** Takes values apart, one after the other. */
export class PlainValues {
  readonly #writer = new PlainWriter()
  readonly #walk = new AnyValueWalk(this.#writer)

  /** Whether anything was cut, for depth, so far. */
  get cut(): boolean {
    return this.#walk.cut
  }

  plain(value: unknown): Plain {
    this.#walk.write(value)
    return this.#writer.take()
  }
}

class PlainWriter implements ValueWriter {
  /** Nobody bounds a tree in bytes. */
  readonly size = 0
  readonly #open: (Plain[] | Map<string, Plain>)[] = []
  #key = ''
  #result: Plain = null

  take(): Plain {
    return this.#result
  }

  string(value: string): void {
    this.#put(value)
  }

  bool(value: boolean): void {
    this.#put(value)
  }

  int(value: number | bigint): void {
    this.#put(value)
  }

  double(value: number): void {
    this.#put(value)
  }

  bytes(value: Uint8Array): void {
    this.#put(value)
  }

  empty(): void {
    this.#put(null)
  }

  beginArray(): void {
    this.#begin([])
  }

  beginElement(): void {}

  endElement(): void {}

  endArray(): void {
    this.#open.pop()
  }

  beginMap(): void {
    this.#begin(new Map())
  }

  simpleEntry(): boolean {
    return false
  }

  beginEntry(key: string): void {
    this.#key = key
  }

  endEntry(): void {}

  endMap(): void {
    this.#open.pop()
  }

  stringBytes(): number {
    return 0
  }

  #begin(container: Plain[] | Map<string, Plain>): void {
    this.#put(container)
    this.#open.push(container)
  }

  #put(value: Plain): void {
    const parent = this.#open.at(-1)
    if (parent === undefined) this.#result = value
    else if (Array.isArray(parent)) parent.push(value)
    else parent.set(this.#key, value)
  }
}

/** Plain data as JSON text. Integers keep all of their digits; what JSON has no number for is text; bytes are base64. */
export function jsonText(value: Plain): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value)
    case 'number':
      return Number.isFinite(value) ? String(value) : `"${value}"`
    case 'bigint':
    case 'boolean':
      return String(value)
    case 'object':
      if (value === null) return 'null'
      if (Array.isArray(value)) return `[${value.map(jsonText).join(',')}]`
      if (!(value instanceof Map)) return `"${Buffer.from(value).toString('base64')}"`
      return `{${[...value].map(([key, one]) => `${JSON.stringify(key)}:${jsonText(one)}`).join(',')}}`
  }
}

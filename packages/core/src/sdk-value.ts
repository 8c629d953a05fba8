// JavaScript value -> what the OpenTelemetry SDK takes for an AnyValue: texts, numbers, booleans, bytes, arrays, plain
// objects and null. any-value.ts decides, as for our own bytes, what a value amounts to; so a Date, a Map, an Error, a cycle
// or a getter that throws is the same by both ways. Everything is a copy: the SDK keeps what it is given until a batch goes.
// What the SDK would lose, and often the whole record or batch with it, is told in another way:
// - an integer beyond 2^53, and one that no int64 holds, as its digits;
// - halves of surrogate pairs as U+FFFD;
// - the keys `constructor` and `__proto__` of a map with `custom.` in front.

import { AnyValueWalk } from './any-value.ts'
import type { ValueWriter } from './value-writer.ts'

type Container = { list: unknown[] } | { map: Record<string, unknown>; key: string }

const REFUSED_KEYS: ReadonlySet<string> = new Set(['constructor', '__proto__'])

export class SdkValues {
  readonly #tree = new Tree()
  readonly #walk = new AnyValueWalk(this.#tree)

  /** Whether anything was cut for its depth since this was last set to false. */
  get cut(): boolean {
    return this.#walk.cut
  }

  set cut(value: boolean) {
    this.#walk.cut = value
  }

  /** @param maxLength of a text, in code points, and of bytes */
  of(value: unknown, maxLength: number = Number.POSITIVE_INFINITY): unknown {
    this.#walk.maxLength = maxLength
    this.#walk.write(value)
    return this.#tree.take()
  }
}

/** A key as the SDK takes it. */
export function sdkKey(key: string): string {
  return REFUSED_KEYS.has(key) ? `custom.${key}` : key.toWellFormed()
}

class Tree implements ValueWriter {
  /** The bounds in bytes are the SDK's affair. */
  readonly size = 0
  readonly #open: Container[] = []
  #top: unknown

  take(): unknown {
    const value = this.#top
    this.#top = undefined
    this.#open.length = 0
    return value
  }

  string(value: string): void {
    this.#put(value.toWellFormed())
  }

  bool(value: boolean): void {
    this.#put(value)
  }

  int(value: number | bigint): void {
    this.#put(typeof value === 'bigint' && !Number.isSafeInteger(Number(value)) ? String(value) : Number(value))
  }

  double(value: number): void {
    this.#put(Number.isInteger(value) ? String(value) : value)
  }

  bytes(value: Uint8Array): void {
    this.#put(Uint8Array.from(value))
  }

  empty(): void {
    this.#put(null)
  }

  beginArray(): void {
    this.#open.push({ list: [] })
  }

  beginElement(): void {}

  endElement(): void {}

  endArray(): void {
    this.#end()
  }

  beginMap(): void {
    this.#open.push({ map: {}, key: '' })
  }

  simpleEntry(): boolean {
    return false
  }

  beginEntry(key: string): void {
    const map = this.#open.at(-1)
    if (map !== undefined && 'map' in map) map.key = sdkKey(key)
  }

  endEntry(): void {}

  endMap(): void {
    this.#end()
  }

  stringBytes(value: string): number {
    return value.length
  }

  #end(): void {
    const container = this.#open.pop()!
    this.#put('list' in container ? container.list : container.map)
  }

  #put(value: unknown): void {
    const container = this.#open.at(-1)
    if (container === undefined) this.#top = value
    else if ('list' in container) container.list.push(value)
    else container.map[container.key] = value
  }
}

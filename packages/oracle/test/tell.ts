// A Source, told so that the SDK gets it right: what a row of the tables applies to is said otherwise, and the rest is
// given to the SDK as it is, the very same value. Which rows were needed is noted, so that none stays that is not.

import { types } from 'node:util'
import { KNOWN_FAULTS } from './known-faults.ts'
import { OUR_DECISIONS } from './our-decisions.ts'
import type { Row } from './row.ts'
import { type At, INDEX, isObject, membersOf, type Said, type Settings, type Source, withAttributes } from './source.ts'
import type { StandIns } from './stand-in.ts'

export const ROWS: readonly Row[] = [...KNOWN_FAULTS, ...OUR_DECISIONS]

const GONE = Symbol('gone')

export class Teller {
  /** The names of the rows that applied. */
  readonly used: Set<string> = new Set()
  readonly #settings: Settings
  readonly #standIns: StandIns

  constructor(settings: Settings, standIns: StandIns) {
    this.#settings = settings
    this.#standIns = standIns
  }

  /** What the SDK is given, and the source of which it is the tale: the original, but for what rows say of whole records. */
  tell(original: Source): { told: Source; source: Source } {
    let source = original
    for (const row of ROWS) source = this.#note(row, row.source?.(source, this.#settings)) ?? source
    const { record } = source
    const at = { ...this.#settings, top: true, ancestors: [] }
    const attributes = this.#map(Object.entries(record.attributes), { ...at, place: 'attributes', inMap: true })
    const told = withAttributes(source, attributes)
    if (record.body !== undefined) told.record.body = this.#value(record.body, { ...at, place: 'body', inMap: false })
    return { told, source }
  }

  #note<T>(row: Row, result: T | undefined): T | undefined {
    if (result !== undefined) this.used.add(row.name)
    return result
  }

  #value(value: unknown, at: At): unknown {
    const byRow = this.#say(value, at)
    const said = byRow ?? contentOf(value)
    if (said === undefined) return value
    if ('gone' in said) return GONE
    if ('exactly' in said) return this.#standIns.forValue(said.exactly)
    if ('leaf' in said) return typeof said.leaf === 'string' ? this.#text(said.leaf, at) : said.leaf
    if ('instead' in said && !isObject(said.instead)) return this.#value(said.instead, at)
    const cut = this.#cut(at)
    if (cut !== undefined) return this.#text(cut, at)
    const inside = { ...at, top: false, ancestors: [...at.ancestors, value as object] }
    if ('instead' in said) return this.#value(said.instead, inside)
    if ('list' in said) {
      const list = Array.from(said.list, (element) => this.#value(element, { ...inside, inMap: false }))
      const same = list.every((element, i) => Object.is(element, said.list[i]))
      return same && byRow === undefined ? value : list
    }
    let intact = byRow === undefined
    const entries = said.map.map(([key, read]): [string, unknown] => {
      try {
        return [key, read()]
      } catch (error) {
        intact = false
        return [key, this.#unreadable(error)]
      }
    })
    const map = this.#map(entries, { ...inside, inMap: true })
    const keys = Object.keys(map)
    const same = entries.every(([key, one], i) => key === keys[i] && Object.is(one, map[key]))
    return same && intact ? value : map
  }

  #cut(at: At): string | undefined {
    for (const row of ROWS) {
      const said = this.#note(row, row.container?.(at))
      if (said !== undefined) return said
    }
    return undefined
  }

  #map(entries: readonly (readonly [string, unknown])[], at: At): Record<string, unknown> {
    const told = entries.map(([key, one]) => [this.#key(key, at), this.#value(one, at)] as const)
    // Not by assignment, which would make a prototype of `__proto__`.
    return Object.fromEntries(told.filter(([, one]) => one !== GONE))
  }

  #key(key: string, at: At): string {
    for (const row of ROWS) {
      const right = this.#note(row, row.key?.(key, at))
      if (right !== undefined) return this.#standIns.forKey(right)
    }
    const ordered = at.ancestors.length === 0 || isPlain(at.ancestors.at(-1)!)
    return !ordered && INDEX.test(key) ? this.#standIns.forKey(key) : key
  }

  /** A text that another row has said may itself be one that the SDK gets wrong. */
  #text(text: string, at: At): unknown {
    const said = this.#say(text, at)
    if (said === undefined) return text
    return 'exactly' in said ? this.#standIns.forValue(said.exactly) : (said as { leaf: unknown }).leaf
  }

  #say(value: unknown, at: At): Said | undefined {
    try {
      for (const row of ROWS) {
        const said = this.#note(row, row.value?.(value, at))
        if (said !== undefined) return said
      }
      return undefined
    } catch (error) {
      return { leaf: this.#unreadable(error) }
    }
  }

  #unreadable(error: unknown): string {
    for (const row of ROWS) {
      const said = this.#note(row, row.unreadable?.(error))
      if (said !== undefined) return said
    }
    throw error
  }
}

/** What is inside of a value to which no row applies. */
function contentOf(value: unknown): Said | undefined {
  if (!isObject(value) || types.isUint8Array(value)) return undefined
  if (Array.isArray(value)) return { list: value }
  return { map: membersOf(value) }
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

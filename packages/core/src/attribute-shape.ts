// The shape of attributes, for backends that know no nested ones: `attributes: 'flat'` and `'json'`. (`'nested'` is what
// records have anyway.) Applied after hooks and redaction, which see attributes as they were logged.
// - Flat: each scalar under its dotted path; arrays of scalars stay arrays, other arrays have their indexes in the path.
//   An empty map is the text `{}`, so that it is not lost.
// - A path that is taken, since a key may itself have dots, gets a number: `a.b#2`. First come, first served.
// - JSON: whatever is nested becomes its JSON text. Bytes stay bytes, where they are an attribute of their own.

import { read } from './any-value.ts'
import { safeAttributeName } from './attribute-name.ts'
import { jsonText, type Plain, PlainValues } from './plain-value.ts'

export type Attributes = Record<string, unknown>

/** A shape's answer: new attributes, and whether a value was cut for its depth. */
export interface Shaped {
  attributes: Attributes
  cut: boolean
}

/** `a: { b: 1 }` becomes `a.b: 1`. */
export function flatten(attributes: Attributes): Shaped {
  const values = new PlainValues()
  const flat = Object.create(null) as Attributes
  const put = (path: string, value: unknown): void => {
    const name = safeAttributeName(path)
    let unique = name
    for (let n = 2; Object.hasOwn(flat, unique); n++) unique = `${name}#${n}`
    flat[unique] = value
  }
  const spread = (path: string, value: Plain): void => {
    if (value instanceof Map) {
      if (value.size === 0) put(path, '{}')
      for (const [key, one] of value) spread(`${path}.${key}`, one)
    } else if (Array.isArray(value) && value.some(isNested)) {
      for (const [index, one] of value.entries()) spread(`${path}.${index}`, one)
    } else put(path, value)
  }
  for (const key of Object.keys(attributes)) {
    const value = read(attributes, key)
    // The empty key is the encoder's to drop and count, with whatever is in it.
    if (key !== '' && typeof value === 'object' && value !== null) spread(key, values.plain(value))
    else put(key, value)
  }
  return { attributes: flat, cut: values.cut }
}

/** `a: { b: 1 }` becomes `a: '{"b":1}'`. */
export function stringify(attributes: Attributes): Shaped {
  const values = new PlainValues()
  const texts = Object.create(null) as Attributes
  for (const key of Object.keys(attributes)) {
    const value = read(attributes, key)
    texts[key] = typeof value === 'object' && value !== null ? textOf(values.plain(value)) : value
  }
  return { attributes: texts, cut: values.cut }
}

function isNested(value: Plain): boolean {
  return Array.isArray(value) || value instanceof Map
}

function textOf(value: Plain): Plain {
  return isNested(value) ? jsonText(value) : value
}

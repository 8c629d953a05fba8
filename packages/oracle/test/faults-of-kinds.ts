// Known faults, first part: kinds of values that the SDK does not know. In an attribute it refuses them, and the whole
// attribute with them, wherever in it they are; a body it does not look into, and finds nothing in them when it encodes.

import { types } from 'node:util'
import type { AnyValue } from '@otlp-logs/test-support'
import { bytesOf, entriesOf, errorEntriesOf, hasToJson, isPlainObject, multimapOf, said, tagOf } from './kinds.ts'
import type { Example, Row } from './row.ts'
import { isObject, membersOf } from './source.ts'

const NO_MEMBERS = { kvlistValue: { values: [] } }
const NO_VALUE = {}
const MAPPING = 'spec common/attribute-type-mapping.md'
const REFUSES = 'the SDK drops the attribute without counting it, and sends nothing of it in a body'

/** In an attribute, and deep in one; and in a body. */
function refused(value: unknown, body: AnyValue = NO_MEMBERS): Example[] {
  const nothing = { attributes: [], droppedAttributesCount: 0 }
  return [
    { record: { attributes: { value } }, seen: nothing },
    { record: { attributes: { deep: [{ value }, 'and all of this'] } }, seen: nothing },
    { record: { body: value }, seen: { body } },
  ]
}

export const FAULTS_OF_KINDS: readonly Row[] = [
  {
    name: 'bigint',
    theSdk: REFUSES,
    right: 'an int_value within int64, its digits as a string_value beyond',
    why: `${MAPPING}, Integer Values; logs/sdk.md, dropped_attributes_count`,
    value: (value) => {
      if (typeof value !== 'bigint') return undefined
      return value === BigInt.asIntN(64, value) ? { exactly: { intValue: `${value}` } } : { leaf: `${value}` }
    },
    examples: refused(10n, NO_VALUE),
  },
  {
    name: 'symbol, function, RegExp',
    theSdk: REFUSES,
    right: 'a string_value',
    why: `${MAPPING}, Other Values`,
    value: (value) => {
      if (typeof value === 'symbol' || types.isRegExp(value)) return { leaf: String(value) }
      return typeof value === 'function' ? { leaf: `[Function: ${value.name || 'anonymous'}]` } : undefined
    },
    examples: [...refused(/a+/), ...refused(() => 1, NO_VALUE), ...refused(Symbol('s'), NO_VALUE)],
  },
  {
    name: 'Date',
    theSdk: REFUSES,
    right: 'a string_value',
    why: `${MAPPING}, Other Values`,
    value: (value) => {
      if (!types.isDate(value)) return undefined
      return { leaf: Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString() }
    },
    examples: refused(new Date(0)),
  },
  {
    name: 'Map',
    theSdk: REFUSES,
    right: 'a kvlist_value, its keys as text and unique',
    why: `${MAPPING}, Associative Arrays`,
    value: (value) => (types.isMap(value) ? said(entriesOf(value)) : undefined),
    examples: refused(new Map([['a', 1]])),
  },
  {
    name: 'Set',
    theSdk: REFUSES,
    right: 'an array_value',
    why: `${MAPPING}, Arrays`,
    value: (value) => (types.isSet(value) ? { list: [...value] } : undefined),
    examples: refused(new Set([1])),
  },
  {
    name: 'URLSearchParams, Headers, FormData',
    theSdk: REFUSES,
    right: 'a kvlist_value with each key once, and an array_value for each',
    why: `${MAPPING}, Associative Arrays With Duplicate Keys`,
    value: (value) => said(multimapOf(value)),
    examples: refused(new URLSearchParams('a=1&a=2')),
  },
  {
    name: 'URL',
    theSdk: REFUSES,
    right: 'a string_value',
    why: `${MAPPING}, Other Values`,
    value: (value) => (value instanceof URL ? { leaf: value.href } : undefined),
    examples: refused(new URL('http://a/')),
  },
  {
    name: 'bytes that are no Uint8Array',
    theSdk: REFUSES,
    right: 'a bytes_value',
    why: `${MAPPING}, Byte Sequences`,
    value: (value) => {
      const bytes = bytesOf(value)
      return bytes === undefined ? undefined : { leaf: bytes }
    },
    examples: [...refused(Uint16Array.of(), NO_MEMBERS), ...refused(new ArrayBuffer(2))],
  },
  {
    name: 'Error as a value',
    theSdk: REFUSES,
    right: 'what it is, at least as a string_value; we send a kvlist_value with type, message and stack',
    why: `${MAPPING}, Other Values`,
    value: (value) => (types.isNativeError(value) ? said(errorEntriesOf(value)) : undefined),
    examples: refused(new RangeError('inner')),
  },
  {
    name: 'boxed value',
    theSdk: REFUSES,
    right: 'what it holds',
    why: MAPPING,
    value: (value) => (types.isBoxedPrimitive(value) ? { instead: value.valueOf() } : undefined),
    examples: refused(Object(true)),
  },
  {
    name: 'object without members',
    theSdk: REFUSES,
    right: 'a string_value that says what it is: [object Promise]',
    why: `${MAPPING}, Other Values`,
    value: (value) => {
      const tag = isObject(value) && hasToJson(value) ? undefined : tagOf(value)
      return tag === undefined || bytesOf(value) !== undefined || types.isUint8Array(value) ? undefined : { leaf: tag }
    },
    examples: refused(Promise.resolve()),
  },
  {
    name: 'class instance',
    theSdk: 'the SDK drops the attribute without counting it, though it sends the same in a body',
    right: 'a kvlist_value of its members',
    why: `${MAPPING}, Associative Arrays; logs/sdk.md, dropped_attributes_count`,
    value: (value, at) => {
      if (at.place === 'body' || !isObject(value) || Array.isArray(value) || isPlainObject(value)) return undefined
      return types.isUint8Array(value) || hasToJson(value) ? undefined : { map: membersOf(value) }
    },
    examples: refused(
      new (class Order {
        id = 7
      })(),
      { kvlistValue: { values: [{ key: 'id', value: { intValue: '7' } }] } },
    ).slice(0, 2),
  },
]

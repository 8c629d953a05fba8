// Known faults, second part: values of kinds that the SDK knows, and keys.

import { cutAt } from './kinds.ts'
import { exceptionOf, withException } from './exception.ts'
import type { Row } from './row.ts'
import { isObject, type Source } from './source.ts'

const NOTHING = { attributes: [], droppedAttributesCount: 0 }
const ATTRIBUTES = 'spec common/README.md, Attribute Collections'
const ENCODING = 'proto docs/specification.md, JSON Protobuf Encoding'

const CYCLE: unknown[] = []
CYCLE.push(CYCLE)

const HOSTILE = {
  get mine(): never {
    throw new Error('no')
  },
}

export const FAULTS_OF_VALUES: readonly Row[] = [
  {
    name: 'cycle',
    theSdk: 'the SDK drops an attribute with a cycle without counting it; for a body with one it loses the whole batch',
    right: 'a mark in its place: `[Circular]`',
    why: 'spec error-handling.md, Basic error handling principles; logs/sdk.md, dropped_attributes_count',
    value: (value, at) => (isObject(value) && at.ancestors.includes(value) ? { leaf: '[Circular]' } : undefined),
    examples: [
      { record: { attributes: { cycle: CYCLE } }, seen: NOTHING },
      { record: { body: CYCLE }, seen: 'lost' },
    ],
  },
  {
    name: 'getter, Proxy or toJSON that throws',
    theSdk: 'the SDK throws into the application for an attribute, and loses the whole batch for a body',
    right: 'a mark in its place: `[Throws: message]`',
    why: 'spec error-handling.md, Basic error handling principles',
    unreadable: (error) => `[Throws: ${(error as Error).message}]`,
    examples: [
      { record: { attributes: { deep: HOSTILE } }, seen: 'throws' },
      { record: { body: HOSTILE }, seen: 'lost' },
    ],
  },
  {
    name: 'NaN and the infinities in JSON',
    theSdk: 'the SDK writes `"doubleValue":null`, which is no value',
    right: 'the texts "NaN", "Infinity", "-Infinity"',
    why: `${ENCODING}, by way of the ProtoJSON format`,
    value: (value, { protocol }) => {
      if (protocol !== 'http/json' || typeof value !== 'number' || Number.isFinite(value)) return undefined
      return { exactly: { doubleValue: value } }
    },
    examples: [
      {
        protocol: 'http/json',
        record: { attributes: { n: Number.NaN } },
        seen: { attributes: [{ key: 'n', value: {} }] },
      },
      { protocol: 'http/json', record: { body: Number.NEGATIVE_INFINITY }, seen: { body: {} } },
    ],
  },
  {
    name: 'integer beyond 2^53 in JSON',
    theSdk: 'the SDK writes int_value as a JSON number, with other last digits than the number has',
    right: 'all digits, as a text',
    why: ENCODING,
    value: (value, { protocol }) => {
      if (protocol !== 'http/json' || typeof value !== 'number' || !isInt64(value)) return undefined
      const digits = BigInt(value).toString()
      return digits === String(value) ? undefined : { exactly: { intValue: digits } }
    },
    examples: [
      { protocol: 'http/json', record: { body: 2 ** 60 }, seen: { body: { intValue: '1152921504606847000' } } },
    ],
  },
  {
    name: 'integer beyond int64 in JSON',
    theSdk:
      'the SDK writes an int_value that no int64 holds, such as `"intValue":1e+300`: the whole batch is unreadable',
    right: 'a double_value, as the SDK itself sends it in protobuf',
    why: 'spec common/attribute-type-mapping.md, Integer Values',
    value: (value, { protocol }) => {
      if (protocol !== 'http/json' || !Number.isInteger(value) || isInt64(value as number)) return undefined
      return { exactly: { doubleValue: value as number } }
    },
    examples: [1e300, 2 ** 63].map((body) => ({ protocol: 'http/json', record: { body }, seen: 'unreadable' })),
  },
  {
    name: 'length limit and surrogate pairs',
    theSdk: 'the SDK counts and cuts UTF-16 units, and leaves half of a character at the end',
    right: 'whole characters; we count code points',
    why: 'spec common/README.md, Attribute Limits: it counts characters',
    value: (value, { place, limits }) => {
      if (place === 'body' || typeof value !== 'string' || !isCutWrong(value, limits.attributeValueLengthLimit))
        return undefined
      return { exactly: { stringValue: cutAt(value, limits.attributeValueLengthLimit).toWellFormed() } }
    },
    source: (source, { limits }) =>
      exceptionWhere(source, (text) => isCutWrong(text, limits.attributeValueLengthLimit)),
    examples: [
      {
        protocol: 'http/protobuf',
        limits: { attributeValueLengthLimit: 3 },
        record: { attributes: { s: 'ab😀' } },
        seen: { attributes: [{ key: 's', value: { stringValue: 'ab\ufffd' } }] },
      },
      {
        protocol: 'http/json',
        limits: { attributeValueLengthLimit: 3 },
        record: { attributes: { s: 'ab😀' } },
        seen: 'unreadable',
      },
    ],
  },
  {
    name: 'length limit of 0',
    theSdk: 'the SDK refuses a length limit of 0, and cuts nothing',
    right: 'empty texts',
    why: 'spec configuration/sdk-environment-variables.md, Attribute Limits: 0 is valid',
    examples: [
      {
        limits: { attributeValueLengthLimit: 0 },
        record: { attributes: { s: 'abc' } },
        seen: { attributes: [{ key: 's', value: { stringValue: 'abc' } }] },
      },
    ],
  },
  {
    name: 'lone surrogate in JSON',
    theSdk: 'the SDK writes half of a character as an escape; a strict reader refuses the whole batch',
    right: 'well-formed text, with U+FFFD as in protobuf',
    why: 'spec common/attribute-type-mapping.md, String Values: string_value holds valid UTF-8',
    value: (value, { protocol }) => {
      return protocol === 'http/json' && isBroken(value) ? { leaf: value.toWellFormed() } : undefined
    },
    key: (key, { protocol }) => (protocol === 'http/json' && isBroken(key) ? key.toWellFormed() : undefined),
    source: (source, { protocol }) => {
      if (protocol !== 'http/json') return undefined
      const { severityText, eventName } = source.record
      const told = exceptionWhere(source, isBroken)
      if (!isBroken(severityText) && !isBroken(eventName)) return told
      const texts = { severityText: severityText?.toWellFormed(), eventName: eventName?.toWellFormed() }
      return { ...source, record: { ...(told ?? source).record, ...texts } }
    },
    examples: [
      { attributes: { s: '\ud83d' } },
      { attributes: { '\ud83d': 's' } },
      { body: ['\ude00'] },
      { severityText: '\ud83d' },
      { eventName: '\ud83d' },
    ].map((record) => ({ protocol: 'http/json', record, seen: 'unreadable' })),
  },
  {
    name: 'key `constructor`',
    theSdk: 'the SDK takes a map with a key `constructor` for a class instance, and drops the attribute uncounted',
    right: 'a key like any other',
    why: ATTRIBUTES,
    key: (key, { place, top }) => (key === 'constructor' && place === 'attributes' && !top ? key : undefined),
    examples: [{ record: { attributes: { deep: { constructor: 'x' } } }, seen: NOTHING }],
  },
  {
    name: 'key `__proto__`',
    theSdk: 'the SDK sets the prototype of its own map instead: the entry is gone, uncounted',
    right: 'a key like any other',
    why: ATTRIBUTES,
    key: (key, { place }) => (key === '__proto__' && place === 'attributes' ? key : undefined),
    examples: [
      { record: { attributes: { ['__proto__']: 'x' } }, seen: NOTHING },
      {
        record: { attributes: { deep: { ['__proto__']: 'x' } } },
        seen: { attributes: [{ key: 'deep', value: { kvlistValue: { values: [] } } }] },
      },
    ],
  },
]

function isInt64(value: number): boolean {
  return Number.isInteger(value) && value >= -(2 ** 63) && value < 2 ** 63
}

function isBroken(text: unknown): text is string {
  return typeof text === 'string' && !text.isWellFormed()
}

function isCutWrong(text: string, limit: number): boolean {
  return text.length > limit && cutAt(text, limit) !== text.slice(0, limit)
}

/** The source with those texts of its exception given as attributes, where rows for values apply to them. */
function exceptionWhere(source: Source, isWrong: (text: string) => boolean): Source | undefined {
  const { error } = source
  if (error === undefined) return undefined
  const keys = Object.entries(exceptionOf(error)).flatMap(([key, text]) => (isWrong(String(text)) ? [key] : []))
  return keys.length === 0 ? undefined : withException(source, keys)
}

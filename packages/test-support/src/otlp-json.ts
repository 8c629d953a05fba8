// OTLP/JSON text -> the object that the official schema's `fromObject` takes, strictly by the OTLP/JSON rules: hex ids,
// 64-bit integers as decimal strings or exact numbers, enums as integers only, NaN and infinities as strings, standard
// base64, lowerCamelCase names, null as absent, unknown fields ignored. A breach is an Error that names the place.
// Called by decode.ts, which sends the result through the official protobuf encoder and decoder.

import { Long } from './schema.ts'

type Read = (value: unknown, at: string) => unknown

/** @throws an Error when the text is not an OTLP/JSON ExportLogsServiceRequest. */
export function parseOtlpJson(text: string): object {
  return request(JSON.parse(text, exactIntegers as (key: string, value: unknown) => unknown), 'request') as object
}

/** Integers beyond 2^53 become bigints, from the digits in the text. */
function exactIntegers(_key: string, value: unknown, context: { source?: string }): unknown {
  const digits = typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(context.source ?? '')
  return digits ? BigInt(context.source as string) : value
}

function message(fields: Record<string, Read>): Read {
  return (value, at) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw breach(at, 'an object', value)
    const result: Record<string, unknown> = {}
    for (const [name, read] of Object.entries(fields)) {
      const field = Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined
      if (field !== undefined && field !== null) result[name] = read(field, `${at}.${name}`)
    }
    return result
  }
}

function list(read: Read): Read {
  return (value, at) => {
    if (!Array.isArray(value)) throw breach(at, 'an array', value)
    return value.map((item, index) => read(item, `${at}[${index}]`))
  }
}

const text: Read = (value, at) => {
  if (typeof value !== 'string') throw breach(at, 'a string', value)
  if (!value.isWellFormed()) throw breach(at, 'a string without lone surrogates', value)
  return value
}

const bool: Read = (value, at) => {
  if (typeof value !== 'boolean') throw breach(at, 'true or false', value)
  return value
}

const double: Read = (value, at) => {
  if (typeof value === 'number' || typeof value === 'bigint') return Number(value)
  if (value === 'NaN' || value === 'Infinity' || value === '-Infinity') return Number(value)
  throw breach(at, 'a number, "NaN", "Infinity" or "-Infinity"', value)
}

const base64: Read = (value, at) => {
  if (typeof value !== 'string' || !/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(value)) {
    throw breach(at, 'base64 with padding', value)
  }
  return Buffer.from(value, 'base64')
}

const hex: Read = (value, at) => {
  if (typeof value !== 'string' || !/^(?:[0-9a-fA-F]{2})*$/.test(value)) throw breach(at, 'hex digits', value)
  return Buffer.from(value, 'hex')
}

const enumeration: Read = (value, at) => {
  if (typeof value !== 'number' || !Number.isInteger(value)) throw breach(at, 'an integer, as enums are', value)
  return value
}

function integer(lowest: bigint, highest: bigint): (value: unknown, at: string) => bigint {
  return (value, at) => {
    const decimal =
      typeof value === 'string' ? /^-?\d+$/.test(value) : Number.isInteger(value) || typeof value === 'bigint'
    const exact = decimal ? BigInt(value as string | number | bigint) : lowest - 1n
    if (exact < lowest || exact > highest) throw breach(at, `an integer from ${lowest} to ${highest}`, value)
    return exact
  }
}

const anyUint32 = integer(0n, 2n ** 32n - 1n)
const anyUint64 = integer(0n, 2n ** 64n - 1n)
const anyInt64 = integer(-(2n ** 63n), 2n ** 63n - 1n)
const uint32: Read = (value, at) => Number(anyUint32(value, at))
const fixed64: Read = (value, at) => Long.fromString(anyUint64(value, at).toString(), true)
const int64: Read = (value, at) => Long.fromString(anyInt64(value, at).toString(), false)

const valueFields: Record<string, Read> = {
  stringValue: text,
  boolValue: bool,
  intValue: int64,
  doubleValue: double,
  bytesValue: base64,
  arrayValue: message({ values: list((value, at) => anyValue(value, at)) }),
  kvlistValue: message({ values: list((value, at) => keyValue(value, at)) }),
}
const anyValue: Read = message(valueFields)
const keyValue: Read = message({ key: text, value: anyValue })

const attributes = { attributes: list(keyValue), droppedAttributesCount: uint32 }

const logRecord = message({
  timeUnixNano: fixed64,
  observedTimeUnixNano: fixed64,
  severityNumber: enumeration,
  severityText: text,
  body: anyValue,
  ...attributes,
  flags: uint32,
  traceId: hex,
  spanId: hex,
  eventName: text,
})

const scopeLogs = message({
  scope: message({ name: text, version: text, ...attributes }),
  logRecords: list(logRecord),
  schemaUrl: text,
})

const request = message({
  resourceLogs: list(message({ resource: message(attributes), scopeLogs: list(scopeLogs), schemaUrl: text })),
})

function breach(at: string, expected: string, value: unknown): Error {
  const seen = typeof value === 'bigint' ? `${value}` : (JSON.stringify(value) ?? 'nothing')
  return new Error(`${at}: expected ${expected}, got ${seen.slice(0, 80)}`)
}

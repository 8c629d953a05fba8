// Where we differ from the OpenTelemetry SDK because we decided so, with the reason. The SDK is not wrong here, or no
// specification says who is. Rows work as in known-faults.ts, and tables.test.ts shows each of them, too: a decision that
// is no difference any more is no row.

import { isUint8Array } from 'node:util/types'
import type { AnyValue, KeyValue } from '@otlp-logs/test-support'
import { causeOf, exceptionOf, restOf, withException } from './exception.ts'
import { hasToJson, isPlainObject } from './kinds.ts'
import type { Row } from './row.ts'
import { INDEX, isObject, withAttributes } from './source.ts'

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c'
const SPAN_ID = 'b7ad6b7169203331'

export const OUR_DECISIONS: readonly Row[] = [
  {
    name: 'depth 30',
    theSdk: 'the SDK sends values of any depth',
    right: 'arrays and maps below level 30 are a mark, in the body, too, and counted',
    why: 'readers in use refuse more than 100 nested messages, and the whole batch with them; a map takes three a level',
    container: ({ ancestors }) => (ancestors.length < 30 ? undefined : '[Truncated: nested deeper than 30 levels]'),
    examples: [{ record: { body: lists(31) }, seen: { body: wireLists(31) } }],
  },
  {
    name: 'undefined in a body',
    theSdk:
      'the SDK sends a key of a body whose value is undefined, without a value; in attributes it leaves such keys out',
    right: 'left out in both',
    why: 'as JSON.stringify does, which loggers use',
    value: (value, { place, inMap }) => (value === undefined && place === 'body' && inMap ? { gone: true } : undefined),
    examples: [
      { record: { body: { a: undefined } }, seen: { body: { kvlistValue: { values: [{ key: 'a', value: {} }] } } } },
    ],
  },
  {
    name: 'toJSON',
    theSdk: 'the SDK drops an attribute whose value has a method toJSON, and sends the members of one in a body',
    right: 'what toJSON returns; a container from it counts as one level more, so that an endless chain ends',
    why: 'loggers write JSON, so this is what stands on stdout',
    value: (value) => {
      if (!isObject(value) || Array.isArray(value) || isUint8Array(value) || !hasToJson(value)) return undefined
      const { toJSON } = value as { toJSON(key: string): unknown }
      // Its key is written before it is asked, so that nothing is an empty value.
      return { instead: toJSON.call(value, '') ?? null }
    },
    examples: [
      { record: { attributes: { price: { toJSON: () => 1 } } }, seen: { attributes: [], droppedAttributesCount: 0 } },
    ],
  },
  {
    name: 'Buffer out of JSON',
    theSdk: "the SDK sends { type: 'Buffer', data: [...] } as the map that it is",
    right: 'a bytes_value',
    why: 'that is what JSON makes of a Buffer, and behind a logger that writes JSON it is the only form in which one arrives',
    value: (value) => {
      if (!isObject(value) || !isPlainObject(value) || Object.keys(value).join() !== 'type,data') return undefined
      const { type, data } = value as { type: unknown; data: unknown }
      if (type !== 'Buffer' || !Array.isArray(data) || !data.every((byte) => byte === (byte & 255))) return undefined
      return { leaf: Uint8Array.from(data as number[]) }
    },
    examples: [
      {
        record: { body: { type: 'Buffer', data: [] } },
        seen: {
          body: {
            kvlistValue: {
              values: [
                { key: 'type', value: { stringValue: 'Buffer' } },
                { key: 'data', value: { arrayValue: { values: [] } } },
              ],
            },
          },
        },
      },
    ],
  },
  {
    name: 'the rest of an error',
    theSdk: 'the SDK sends nothing of an exception but type, message and stack',
    right: 'its cause, errors and own fields, as an attribute `err`',
    why: 'a code or a cause is what one looks for; nothing is lost in silence',
    source: (source) => {
      const rest = source.error === undefined ? {} : restOf(source.error)
      if (Object.keys(rest).length === 0) return undefined
      return withAttributes(source, { ...source.record.attributes, err: rest })
    },
    examples: [{ error: withoutStack(new Error('x', { cause: 'y' })), seen: { attributes: exceptionAttributes() } }],
  },
  {
    name: 'causes of an error',
    theSdk: 'the SDK sends the stack of the error alone',
    right: 'exception.stacktrace goes on with the stacks of its causes',
    why: 'the cause at the end of the chain is what has to be mended',
    source: (source) => {
      const told = causeOf(source.error) !== undefined && source.error?.stack
      return told ? withException(source, ['exception.stacktrace']) : undefined
    },
    examples: [
      {
        error: withStack(new Error('x', { cause: withStack(new Error('y'), 'inner') }), 'outer'),
        seen: { attributes: [...exceptionAttributes(), text('exception.stacktrace', 'outer')] },
      },
    ],
  },
  {
    name: 'exception attributes in front',
    theSdk: 'the SDK adds the exception attributes last, so that they are the first that a count limit cuts',
    right: 'they stand first, and are kept',
    why: 'what failed matters more than the 129th attribute',
    source: (source, { limits }) => {
      if (source.error === undefined) return undefined
      const attributes = { ...exceptionOf(source.error), ...source.record.attributes }
      const count = Object.entries(attributes).filter(([key, value]) => key !== '' && value !== undefined).length
      // Without the error, or the SDK would look for the attributes that it has dropped, and drop and count them again.
      return count <= limits.attributeCountLimit
        ? undefined
        : { ...withAttributes(source, attributes), error: undefined }
    },
    received: (received, { error }) => {
      if (error === undefined) return false
      const front = Object.keys(exceptionOf(error))
      // Keys that look like an index come first in every JavaScript object.
      const rank = (key: string): number => (INDEX.test(key) ? -1 : [...front, key].indexOf(key))
      const sorted = received.attributes.toSorted((a, b) => rank(a.key) - rank(b.key))
      const moved = sorted.some((entry, i) => entry !== received.attributes[i])
      received.attributes = sorted
      return moved
    },
    examples: [
      {
        record: { attributes: { a: 'b' } },
        error: withoutStack(new Error('x')),
        seen: { attributes: [{ key: 'a', value: { stringValue: 'b' } }, ...exceptionAttributes()] },
      },
    ],
  },
  {
    name: 'a trace id alone',
    theSdk: 'the SDK sends no trace id without a span id',
    right: 'the trace id and its flags are sent',
    why: 'spec logs/data-model.md demands a trace id where a span id is, not the reverse; loggers write such lines',
    received: (received, { record }) => {
      if (received.traceId !== '' || !isHex(record.traceId, 32) || isHex(record.spanId, 16)) return false
      received.traceId = record.traceId
      received.flags = (record.traceFlags ?? 0) & 0xff
      return true
    },
    examples: [{ record: { traceId: TRACE_ID, traceFlags: 1 }, seen: { traceId: '', flags: 0 } }],
  },
  {
    name: 'ids in upper case',
    theSdk: 'the SDK takes ids in upper case, and sends them',
    right: 'no id; the logger packages write them in lower case before',
    why: 'W3C Trace Context knows lower case only',
    source: (source) => {
      const { traceId, spanId } = source.record
      if (!hasUpperCase(traceId) && !hasUpperCase(spanId)) return undefined
      const ids = { traceId: hasUpperCase(traceId) ? '' : traceId, spanId: hasUpperCase(spanId) ? '' : spanId }
      return { ...source, record: { ...source.record, ...ids } }
    },
    examples: [{ record: { traceId: TRACE_ID.toUpperCase(), spanId: SPAN_ID }, seen: { traceId: TRACE_ID } }],
  },
  {
    name: 'severity out of range',
    theSdk: 'the SDK sends any severity number',
    right: 'none where it is not from 1 to 24',
    why: 'a hook may have set it, and a strict reader refuses the whole batch',
    source: (source) => {
      const { severityNumber } = source.record
      if (Number.isInteger(severityNumber) && severityNumber >= 0 && severityNumber <= 24) return undefined
      return { ...source, record: { ...source.record, severityNumber: 0 } }
    },
    examples: [
      { protocol: 'http/protobuf', record: { severityNumber: 25 }, seen: { severityNumber: 25 } },
      { protocol: 'http/json', record: { severityNumber: 25 }, seen: 'unreadable' },
    ],
  },
  {
    name: 'a record is what it was',
    theSdk: 'the SDK keeps a body, and bytes, until the batch goes, and sends what has become of them by then',
    right: 'what they were when they were logged',
    why: 'a log line tells what was; an application goes on with its objects',
    examples: [
      {
        record: { body: ['then'] },
        meanwhile: ({ body }) => ((body as string[])[0] = 'now'),
        seen: { body: { arrayValue: { values: [{ stringValue: 'now' }] } } },
      },
    ],
  },
  {
    name: 'attributes dropped before',
    theSdk: 'the SDK has no way to be told of attributes that were left out before',
    right: 'they are counted',
    why: 'a mapping from lines may have to leave some out',
    received: (received, { record: { droppedAttributesCount = 0 } }) => {
      if (droppedAttributesCount === 0) return false
      received.droppedAttributesCount = Math.min(received.droppedAttributesCount + droppedAttributesCount, 2 ** 32 - 1)
      return true
    },
    examples: [{ record: { droppedAttributesCount: 3 }, seen: { droppedAttributesCount: 0 } }],
  },
]

function isHex(id: unknown, digits: number): id is string {
  return typeof id === 'string' && id.length === digits && /^[0-9a-f]*[1-9a-f][0-9a-f]*$/.test(id)
}

function hasUpperCase(id: string | undefined): boolean {
  return id !== undefined && id !== id.toLowerCase()
}

function lists(levels: number): unknown {
  return levels === 0 ? 'core' : [lists(levels - 1)]
}

function wireLists(levels: number): AnyValue {
  return levels === 0 ? { stringValue: 'core' } : { arrayValue: { values: [wireLists(levels - 1)] } }
}

function withoutStack(error: Error): Error {
  delete error.stack
  return error
}

function withStack(error: Error, stack: string): Error {
  error.stack = stack
  return error
}

function exceptionAttributes(): KeyValue[] {
  return [text('exception.type', 'Error'), text('exception.message', 'x')]
}

function text(key: string, stringValue: string): KeyValue {
  return { key, value: { stringValue } }
}

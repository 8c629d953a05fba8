// Known faults, third part: fields of the record beside its values.

import { classOf, withException } from './exception.ts'
import type { Row } from './row.ts'

const TYPE = 'semconv registry exception.type: the dynamic class of the exception'
const TRACE = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' }

class OrderError extends Error {}

export const FAULTS_OF_RECORDS: readonly Row[] = [
  {
    name: 'exception.type from err.code',
    theSdk: 'the SDK sends `code` of an error as exception.type',
    right: 'its class; the code is another fact',
    why: TYPE,
    source: (source) => {
      const { code } = (source.error ?? {}) as { code?: unknown }
      return code ? withException(source, ['exception.type']) : undefined
    },
    examples: [
      {
        error: withoutStack(Object.assign(new TypeError('x'), { code: 'ECONNREFUSED' })),
        seen: { attributes: [text('exception.type', 'ECONNREFUSED'), text('exception.message', 'x')] },
      },
    ],
  },
  {
    name: 'exception.type from err.name',
    theSdk: 'the SDK sends `name` of an error as exception.type, which for a subclass is usually `Error`',
    right: 'its class',
    why: TYPE,
    source: (source) => {
      const { error } = source
      return error === undefined || error.name === classOf(error)
        ? undefined
        : withException(source, ['exception.type'])
    },
    examples: [
      {
        error: withoutStack(new OrderError('x')),
        seen: { attributes: [text('exception.type', 'Error'), text('exception.message', 'x')] },
      },
    ],
  },
  {
    name: 'empty exception.message',
    theSdk: 'the SDK leaves out the message of an error that is the empty text',
    right: 'an empty value is a value',
    why: 'spec common/README.md, AnyValue',
    source: (source) => (source.error?.message === '' ? withException(source, ['exception.message']) : undefined),
    examples: [{ error: withoutStack(new Error('')), seen: { attributes: [text('exception.type', 'Error')] } }],
  },
  {
    name: 'empty key',
    theSdk: 'the SDK drops an attribute with an empty key without counting it',
    right: 'dropped_attributes_count counts what was dropped',
    why: 'spec logs/sdk.md, dropped_attributes_count; common/README.md, Attribute',
    received: (received, { record }) => {
      if (record.attributes[''] === undefined) return false
      received.droppedAttributesCount += 1
      return true
    },
    examples: [{ record: { attributes: { '': 1 } }, seen: { attributes: [], droppedAttributesCount: 0 } }],
  },
  {
    name: 'no time',
    theSdk: 'the SDK puts its own clock where the source gave no time',
    right: 'no time_unix_nano; observed_time_unix_nano is there',
    why: 'spec logs/data-model.md, Timestamp',
    received: (received, { record }, { from, to }) => {
      const millis = Number(BigInt(received.timeUnixNano) / 1_000_000n)
      if (record.timeUnixNano !== undefined || millis < from || millis > to) return false
      received.timeUnixNano = '0'
      return true
    },
    examples: [
      { record: { timeUnixNano: undefined }, seen: { timeUnixNano: expect.not.stringMatching(/^0$/) as string } },
    ],
  },
  {
    name: 'no body in JSON',
    theSdk: 'the SDK writes `"body":{}` for a record without one, which is a body that is null',
    right: 'no body',
    why: 'proto logs.proto, LogRecord.body is optional; the SDK itself sends none in protobuf',
    received: (received, { record }, { protocol }) => {
      if (record.body !== undefined || protocol !== 'http/json' || JSON.stringify(received.body) !== '{}') return false
      received.body = null
      return true
    },
    examples: [{ protocol: 'http/json', seen: { body: {} } }],
  },
  {
    name: 'trace flags beyond 8 bits',
    theSdk: 'the SDK sends all bits that it is given',
    right: 'the high 24 bits are zero',
    why: 'proto logs.proto, LogRecord.flags',
    source: (source) => {
      const { record } = source
      const traceFlags = (record.traceFlags ?? 0) & 0xff
      return traceFlags === (record.traceFlags ?? 0) ? undefined : { ...source, record: { ...record, traceFlags } }
    },
    examples: [{ record: { ...TRACE, traceFlags: 0x101 }, seen: { flags: 0x101 } }],
  },
  {
    name: 'depth',
    theSdk:
      'the SDK sends values of any depth; readers in use refuse more than 100 nested messages, and the whole batch',
    right: 'a limit, 64 by default',
    why: 'spec common/README.md, Attribute Limits',
    examples: [{ record: { attributes: { deep: nest(70) } }, seen: 'unreadable' }],
  },
]

function text(key: string, stringValue: string): { key: string; value: { stringValue: string } } {
  return { key, value: { stringValue } }
}

function withoutStack<E extends Error>(error: E): E {
  delete error.stack
  return error
}

function nest(levels: number): unknown {
  let value: unknown = 'core'
  for (let i = 0; i < levels; i++) value = [value]
  return value
}

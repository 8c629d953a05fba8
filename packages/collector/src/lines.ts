// The lines that the apps log, and the records that they must become, whatever the logger.

import type { AnyValue } from '@otlp-logs/test-support'

export interface Line {
  /** One that pino and winston share. */
  level: 'error' | 'warn' | 'info' | 'debug'
  severityNumber: number
  message: string
  fields: Record<string, unknown>
  /** What they must become. */
  attributes: Record<string, AnyValue>
  ids?: { traceId: string; spanId: string; flags: number }
}

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c'
const SPAN_ID = 'b7ad6b7169203331'
const UNICODE = 'naïve, 日本語, 👩‍👩‍👧, \u0000, \u2028, "quoted" and back\\slashed'
const LONG = 'ü😀'.repeat(50_000)

const text = (stringValue: string): AnyValue => ({ stringValue })
const integer = (intValue: string): AnyValue => ({ intValue })
const map = (entries: Record<string, AnyValue>): AnyValue => ({
  kvlistValue: { values: Object.entries(entries).map(([key, value]) => ({ key, value })) },
})

export const LINES: readonly Line[] = [
  {
    level: 'info',
    severityNumber: 9,
    message: 'order placed',
    fields: { orderId: 42, ratio: 0.1, minus: -1.5e-7, paid: true, open: false, note: null, none: '' },
    attributes: {
      orderId: integer('42'),
      ratio: { doubleValue: 0.1 },
      minus: { doubleValue: -1.5e-7 },
      paid: { boolValue: true },
      open: { boolValue: false },
      note: {},
      none: text(''),
    },
  },
  {
    level: 'warn',
    severityNumber: 13,
    message: 'in a span',
    fields: { trace_id: TRACE_ID, span_id: SPAN_ID, trace_flags: '01' },
    attributes: {},
    ids: { traceId: TRACE_ID, spanId: SPAN_ID, flags: 1 },
  },
  {
    level: 'debug',
    severityNumber: 5,
    message: 'nested',
    fields: { user: { id: 7, roles: ['admin', 'ops'], address: { city: 'Zürich' } }, mixed: [1, 'a', null, [], {}] },
    attributes: {
      user: map({
        id: integer('7'),
        roles: { arrayValue: { values: [text('admin'), text('ops')] } },
        address: map({ city: text('Zürich') }),
      }),
      mixed: { arrayValue: { values: [integer('1'), text('a'), {}, { arrayValue: { values: [] } }, map({})] } },
    },
  },
  {
    level: 'info',
    severityNumber: 9,
    message: 'integers of 64 bits',
    fields: {
      safe: 9007199254740991,
      beyond: 9007199254740993n,
      most: 2n ** 63n - 1n,
      least: -(2n ** 63n),
      more: 2n ** 63n,
    },
    attributes: {
      safe: integer('9007199254740991'),
      beyond: integer('9007199254740993'),
      most: integer(`${2n ** 63n - 1n}`),
      least: integer(`${-(2n ** 63n)}`),
      more: text(`${2n ** 63n}`),
    },
  },
  {
    level: 'error',
    severityNumber: 17,
    message: UNICODE,
    fields: { text: UNICODE, 'Schlüssel 😀': 'value' },
    attributes: { text: text(UNICODE), 'Schlüssel 😀': text('value') },
  },
  {
    level: 'info',
    severityNumber: 9,
    message: 'long',
    fields: { text: LONG },
    attributes: { text: text(LONG) },
  },
]

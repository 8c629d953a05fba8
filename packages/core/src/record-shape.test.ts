// What holds of shapes whatever is logged: generated records, judged by the official schema and by Loki's own rules.

import * as fc from 'fast-check'
import { decodeRequest, flattenRecords, type ReceivedRecord, toLokiEntry } from '@otlp-logs/test-support'
import { Encoder } from './encode.ts'
import type { OtlpOptions } from './options.ts'
import type { LogRecord } from './record.ts'
import { createRecordShape } from './record-shape.ts'
import { resolveOptions } from './resolve-options.ts'

const PROTOCOLS = ['http/protobuf', 'http/json'] as const

/** What would arrive. */
function sent(options: OtlpOptions, record: Partial<LogRecord>): ReceivedRecord {
  const { settings } = resolveOptions(options, { env: {} })
  const shape = createRecordShape(settings, 'message')
  const encoder = new Encoder({ ...settings, scope: { name: 'tests', version: '1.0.0' } })
  const whole: LogRecord = { observedTimeUnixNano: 1n, severityNumber: 9, attributes: {}, ...record }
  const run = encoder.encode(shape?.of(whole) ?? whole)
  const encoding = settings.protocol === 'http/json' ? 'json' : 'protobuf'
  const { message, problems } = decodeRequest(Buffer.concat(encoder.envelope.payload([run]).chunks), encoding)
  expect(problems).toEqual([])
  return flattenRecords(message!, 0)[0]!
}

const json = fc.jsonValue({ maxDepth: 4 })
const names = fc.oneof(
  fc.string({ minLength: 1, maxLength: 8 }),
  fc.constantFrom('a', 'a.b', 'a_b', 'a-b', 'level', 'flags', 'trace_id', 'host.name', '__proto__', '1st'),
)
const attributes = fc.dictionary(names, json, { maxKeys: 12 })

describe.each(PROTOCOLS)('RecordShape over %s', (protocol) => {
  it('json says of every value what JSON.stringify says', () => {
    fc.assert(
      fc.property(json, (value) => {
        const { v } = sent({ protocol, attributes: 'json' }, { attributes: { v: value } }).attributes
        const isNested = typeof value === 'object' && value !== null
        const expected = JSON.parse(JSON.stringify(value)) as unknown
        expect(isNested ? JSON.parse(v as string) : v).toEqual(Object.is(expected, -0) ? 0 : expected)
      }),
    )
  })

  it('flat leaves no map, loses no value, and gives each a name of its own', () => {
    const leaves = (value: unknown): number => {
      if (typeof value !== 'object' || value === null) return 1
      const inner = Object.values(value)
      const isPlain = Array.isArray(value) && inner.every((one) => typeof one !== 'object' || one === null)
      return inner.length === 0 || isPlain ? 1 : inner.reduce((sum: number, one) => sum + leaves(one), 0)
    }
    const limits = { attributeCountLimit: Infinity }
    fc.assert(
      fc.property(attributes, (given) => {
        const { attributeValues } = sent({ protocol, attributes: 'flat', limits }, { attributes: given })
        const values = Object.values(attributeValues)
        expect(values.filter(({ kvlistValue }) => kvlistValue !== undefined)).toEqual([])
        expect(values).toHaveLength(Object.values(given).reduce((sum: number, one) => sum + leaves(one), 0))
      }),
    )
  })

  it("with profile 'loki', whatever is logged fits into Loki, and what is dropped is counted", () => {
    const long = fc.tuple(fc.constantFrom('x', 'é', '😀', '\ud83d'), fc.nat(120_000)).map(([one, n]) => one.repeat(n))
    const many = fc.nat(300).map((n) => Object.fromEntries(Array.from({ length: n }, (_, i) => [`key ${i}`, i])))
    const given = fc.record({
      attributes: fc
        .tuple(attributes, many, fc.dictionary(names, long, { maxKeys: 3 }))
        .map((all) => Object.assign({}, ...all)),
      body: fc.oneof(json, long),
      severityNumber: fc.nat(24),
      eventName: fc.option(long, { nil: undefined }),
      // Its names are the app's own affair.
      resource: fc.dictionary(fc.stringMatching(/^r\.[a-z]{1,8}$/), fc.oneof(fc.string(), fc.integer()), {
        maxKeys: 40,
      }),
      stack: fc.option(long, { nil: undefined }),
    })
    fc.assert(
      fc.property(given, ({ resource, stack, ...record }) => {
        const all = stack === undefined ? record.attributes : { 'exception.stacktrace': stack, ...record.attributes }
        const options: OtlpOptions = { protocol, profile: 'loki', resource }
        const arrived = sent(options, { ...record, attributes: all, severityText: 'odd' })
        const { problems } = toLokiEntry(arrived)
        // A name of an event as long as that is the app's own affair, and so is a level without a number.
        expect(
          problems.filter((problem) => (record.eventName ?? '').length < 20_000 || !problem.includes('bytes')),
        ).toEqual([])
      }),
      { numRuns: 60 },
    )
  })
})

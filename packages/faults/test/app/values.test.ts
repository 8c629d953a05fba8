// Values and keys that JavaScript has and JSON has not, or that mean something else to a program than to its user; times
// that are none. In every mode nothing throws, and what can be exact is.

import { LOGGING_MODES, type ReceivedRecord } from '@otlp-logs/test-support'
import { PINO_MODES, plainly, ship } from './outlet.ts'

/** In the order of sort(). */
const KEYS = ['0', '__proto__', 'constructor', 'hasOwnProperty', 'length', 'prototype', 'then', 'toString', 'valueOf']

test.each(LOGGING_MODES)(
  'F38: keys such as __proto__ by %s are keys like any other, at any depth, and pollute no prototype',
  async (mode) => {
    const fields = Object.create(null) as Record<string, unknown>
    for (const key of KEYS) fields[key] = { polluted: key }
    const { payloads } = await ship(mode, ({ log, neighbour }) => {
      neighbour()
      log(fields, 'top')
      log({ deep: [fields] }, 'deep')
      neighbour()
    })
    const [top, deep] = payloads as [ReceivedRecord, ReceivedRecord]
    const polluted = (keys: readonly string[]): unknown[] => keys.map((key) => [key, { polluted: key }])
    expect(Object.entries(top.attributes).map(entryOf).toSorted()).toEqual(polluted(KEYS))
    const [inDeep] = deep.attributes['deep'] as [object]
    expect(Object.entries(inDeep).map(entryOf).toSorted()).toEqual(polluted(KEYS))
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  },
)

function entryOf([key, value]: [string, unknown]): [string, unknown] {
  return [key, plainly(value)]
}

const int = (intValue: string): object => ({ intValue })
const double = (doubleValue: number): object => ({ doubleValue })
const text = (stringValue: string): object => ({ stringValue })
const list = (...values: object[]): object => ({ arrayValue: { values } })
const map = (...entries: [string, object][]): object => ({
  kvlistValue: { values: entries.map(([key, value]) => ({ key, value })) },
})
const withHole: unknown[] = []
withHole[1] = 1
const EMPTY = {}
const LEFT_OUT = undefined

/** A value, what it is when it is handed over as it is, and as pino writes it. */
const VALUES: readonly (readonly [string, unknown, object | undefined, object | undefined])[] = [
  ['NaN', Number.NaN, double(Number.NaN), EMPTY],
  ['Infinity', Number.POSITIVE_INFINITY, double(Number.POSITIVE_INFINITY), EMPTY],
  ['-Infinity', Number.NEGATIVE_INFINITY, double(Number.NEGATIVE_INFINITY), EMPTY],
  ['-0', -0, int('0'), int('0')],
  ['2^53 - 1', 2 ** 53 - 1, int('9007199254740991'), int('9007199254740991')],
  ['2^53 + 1', 2n ** 53n + 1n, int('9007199254740993'), int('9007199254740993')],
  ['2^63 - 1', 2n ** 63n - 1n, int('9223372036854775807'), int('9223372036854775807')],
  ['-2^63', -(2n ** 63n), int('-9223372036854775808'), int('-9223372036854775808')],
  ['2^63', 2n ** 63n, text('9223372036854775808'), text('9223372036854775808')],
  ['0.1', 0.1, double(0.1), double(0.1)],
  ['1e308', 1e308, double(1e308), double(1e308)],
  ['a Date', new Date(0), text('1970-01-01T00:00:00.000Z'), text('1970-01-01T00:00:00.000Z')],
  ['no Date', new Date(Number.NaN), text('Invalid Date'), EMPTY],
  ['a Symbol', Symbol('s'), text('Symbol(s)'), LEFT_OUT],
  ['a function', function pay() {}, text('[Function: pay]'), LEFT_OUT],
  ['undefined', undefined, LEFT_OUT, LEFT_OUT],
  ['null', null, EMPTY, EMPTY],
  ['bytes', Buffer.from('hi'), { bytesValue: Buffer.from('hi') }, { bytesValue: Buffer.from('hi') }],
  ['a Map', new Map([['a', 1]]), map(['a', int('1')]), map()],
  ['a Set', new Set([1]), list(int('1')), map()],
  ['a hole', withHole, list(EMPTY, int('1')), list(EMPTY, int('1'))],
]

describe.each(LOGGING_MODES)('%s', (mode) => {
  test.each(['http/protobuf', 'http/json'] as const)(
    'F38: numbers, dates, symbols, functions and containers of any kind over %s never throw, and integers are exact',
    async (protocol) => {
      const { payloads, stats } = await ship(
        mode,
        ({ log, neighbour }) => {
          for (const [name, value] of VALUES) {
            neighbour()
            log({ name, value, after: 1 }, 'value')
          }
          neighbour()
        },
        { protocol },
      )
      expect(payloads.map(({ attributeValues: { name, value, after } }) => [name, value, after])).toEqual(
        VALUES.map(([name, , handed, written]) => [text(name), mode === 'winston' ? handed : written, int('1')]),
      )
      if (stats !== undefined) expect(stats).toMatchObject({ dropped: { total: 0 } })
    },
  )
})

const YEAR_2026 = 1_795_238_556_471
/** A time as it stands in a line, and the record's time, or the attribute that it is instead. */
const TIMES: readonly (readonly [string, bigint, object])[] = [
  [`${YEAR_2026}`, BigInt(YEAR_2026) * 1_000_000n, {}],
  [`${YEAR_2026}000001`, BigInt(`${YEAR_2026}000001`), {}],
  ['9223372036854775807', 9_223_372_036_854_775_807n, {}],
  ['9223372036854775808', 0n, { time: '9223372036854775808' }],
  ['-1', 0n, { time: -1 }],
  ['-1795238556471', 0n, { time: -YEAR_2026 }],
  ['0', 0n, { time: 0 }],
  ['1e300', 0n, { time: 1e300 }],
  ['null', 0n, { time: null }],
  ['"+1000000-01-01T00:00:00Z"', 0n, { time: '+1000000-01-01T00:00:00Z' }],
  ['"1969-12-31T23:59:59Z"', 0n, { time: '1969-12-31T23:59:59Z' }],
  ['"2026-13-45T99:00:00Z"', 0n, { time: '2026-13-45T99:00:00Z' }],
  ['"noon"', 0n, { time: 'noon' }],
  ['{"a":1}', 0n, { time: { a: 1 } }],
]

test.each(PINO_MODES)(
  'F38: a time by %s that is out of range is an attribute, and the record has the time at which it was seen',
  async (mode) => {
    const before = BigInt(Date.now()) * 1_000_000n
    const { payloads } = await ship(mode, ({ write, neighbour }) => {
      for (const [time] of TIMES) {
        neighbour()
        write(`{"level":30,"time":${time},"msg":"then"}\n`)
      }
      write('{"level":30,"msg":"then"}\n')
      neighbour()
    })
    expect(payloads.map(({ timeUnixNano, attributes }) => [timeUnixNano, plainly(attributes)])).toEqual(
      [...TIMES, ['', 0n, {}] as const].map(([, time, attributes]) => [time, attributes]),
    )
    const now = BigInt(Date.now()) * 1_000_000n
    for (const { observedTimeUnixNano: seen } of payloads) expect([seen >= before, seen <= now]).toEqual([true, true])
  },
)

test('F38: a timestamp by winston that is out of range is an attribute, and the record has the time of logging', async () => {
  const timestamps = [-1, 0, 1e300, Number.NaN, 2n ** 64n, '+1000000-01-01T00:00:00Z', 'noon', {}]
  const before = BigInt(Date.now()) * 1_000_000n
  const { payloads } = await ship('winston', ({ log, neighbour }) => {
    for (const timestamp of timestamps) {
      neighbour()
      log({ timestamp }, 'then')
    }
    neighbour()
  })
  const now = BigInt(Date.now()) * 1_000_000n
  expect(payloads.map(({ attributes }) => attributes['timestamp'])).toEqual([
    ...[-1, 0, 1e300, Number.NaN, '18446744073709551616', '+1000000-01-01T00:00:00Z', 'noon', Object.create(null)],
  ])
  for (const { timeUnixNano: time } of payloads) expect([time >= before, time <= now]).toEqual([true, true])
})

// The numbers in them would be times of our days, in seconds and in microseconds.
test.each([new Date(2e9), new Date(8.64e15), new Date(-1)])(
  'F38: a Date as timestamp by winston that is out of range, %p, is an attribute',
  async (timestamp) => {
    const before = BigInt(Date.now()) * 1_000_000n
    const { payloads } = await ship('winston', ({ log }) => log({ timestamp }, 'then'))
    const [{ timeUnixNano: time, attributes }] = payloads as [ReceivedRecord]
    expect({ ...attributes }).toEqual({ timestamp: timestamp.toISOString() })
    expect([time >= before, time <= BigInt(Date.now()) * 1_000_000n]).toEqual([true, true])
  },
)

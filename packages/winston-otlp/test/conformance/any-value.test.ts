// V1 to V8: what becomes of a value. winston hands values over as they are, so that any kind may come.

import { only, plainly, PROTOCOLS, Shipyard, UNFORMATTED } from '../ship.ts'

const yard = new Shipyard()
const BYTES = Buffer.from('hi')

describe.each(PROTOCOLS)('values over %s', (protocol) => {
  it.each<[unknown, string]>([
    [0, '0'],
    [-1, '-1'],
    [2 ** 31, '2147483648'],
    [Number.MAX_SAFE_INTEGER, '9007199254740991'],
    [2 ** 60, '1152921504606846976'],
    [10n, '10'],
    [2n ** 63n - 1n, '9223372036854775807'],
    [-(2n ** 63n), '-9223372036854775808'],
  ])('V1: %p is an integer', async (value, intValue) => {
    expect(await yard.value(value, { protocol })).toEqual({ intValue })
  })

  it.each([2n ** 63n, -(2n ** 63n) - 1n])('V1: %p is too large for an integer, and is text', async (value) => {
    expect(await yard.value(value, { protocol })).toEqual({ stringValue: String(value) })
  })

  it.each([1e300, 2 ** 63])('V1: %p is a whole number beyond the integers, and is a double', async (value) => {
    expect(await yard.value(value, { protocol })).toEqual({ doubleValue: value })
  })

  it.each([0.1, -1.5, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    'V2: %p is a double',
    async (value) => {
      expect(await yard.value(value, { protocol })).toEqual({ doubleValue: value })
    },
  )

  it.each([
    ['é€😀\u0000\n"\\\u2028', 'é€😀\u0000\n"\\\u2028'],
    ['\ud83d', '\ufffd'],
    ['a\ude00b', 'a\ufffdb'],
  ])('V3: %j arrives as valid UTF-8', async (value, stringValue) => {
    expect(await yard.value(value, { protocol })).toEqual({ stringValue })
    expect(await yard.one((log) => log['info']!(value), { transport: { protocol } })).toMatchObject({
      body: stringValue,
    })
  })

  it.each<[string, unknown, Buffer]>([
    ['a Buffer', BYTES, BYTES],
    ['no bytes', new Uint8Array(0), Buffer.alloc(0)],
    ['a part of an ArrayBuffer', new Uint8Array(Uint8Array.of(9, 104, 105, 9).buffer, 1, 2), BYTES],
    ['an ArrayBuffer', Uint8Array.of(104, 105).buffer, BYTES],
    ['a Uint16Array', Uint16Array.of(0x6968), BYTES],
  ])('V4: %s is bytes', async (_what, value, bytesValue) => {
    expect(await yard.value(value, { protocol })).toEqual({ bytesValue })
  })

  it.each<[string, unknown]>([
    ['an array', [1, 'a', null, [true]]],
    ['a Set', new Set([1, 'a', null, [true]])],
  ])('V5: %s is an array, of mixed kinds', async (_what, value) => {
    const values = [{ intValue: '1' }, { stringValue: 'a' }, {}, { arrayValue: { values: [{ boolValue: true }] } }]
    expect(await yard.value(value, { protocol })).toEqual({ arrayValue: { values } })
  })

  it.each<[string, unknown, string[]]>([
    ['an object', { a: 1, b: 2 }, ['a', 'b']],
    ['an object without a prototype', Object.assign(Object.create(null) as object, { a: 1 }), ['a']],
    [
      'a Map with keys that are no strings',
      new Map<unknown, number>([
        [1, 1],
        [true, 2],
        [null, 3],
      ]),
      ['1', 'true', 'null'],
    ],
    [
      'a Map with keys that are the same text',
      new Map<unknown, number>([
        [1, 1],
        ['1', 2],
      ]),
      ['1', '1#2'],
    ],
  ])('V6: %s is a map, with each key once', async (_what, value, keys) => {
    const sent = await yard.value(value, { protocol })
    expect(sent?.kvlistValue?.values.map(({ key }) => key)).toEqual(keys)
  })

  it.each<[string, unknown, object]>([
    ['URLSearchParams', new URLSearchParams('a=1&b=2&a=3'), { a: ['1', '3'], b: ['2'] }],
    [
      'Headers',
      new Headers([
        ['set-cookie', 'a=1'],
        ['x', '1'],
        ['Set-Cookie', 'b=2'],
      ]),
      { 'set-cookie': ['a=1', 'b=2'], x: ['1'] },
    ],
  ])('V7: %s is a map of arrays', async (_what, value, expected) => {
    const setup = { logger: { format: UNFORMATTED }, transport: { protocol } }
    const record = await yard.one((log) => log['info']!('x', { value }), setup)
    expect(plainly(record.attributes)).toEqual({ value: expected })
  })

  it.each<[string, unknown, unknown]>([
    ['a Date', new Date(0), '1970-01-01T00:00:00.000Z'],
    ['an invalid Date', new Date(Number.NaN), 'Invalid Date'],
    ['a URL', new URL('http://a.b/c?d'), 'http://a.b/c?d'],
    ['a RegExp', /a.b/gi, '/a.b/gi'],
    ['a Symbol', Symbol('s'), 'Symbol(s)'],
    ['a function', function pay() {}, '[Function: pay]'],
    ['a class with toJSON', { toJSON: () => '42 EUR' }, '42 EUR'],
    [
      'a class instance',
      new (class Point {
        x = 1
      })(),
      { x: 1 },
    ],
    ['a Promise', Promise.resolve(), '[object Promise]'],
    ['a boxed number', Object(7), 7],
    ['undefined in an array', [undefined], [null]],
  ])('V8: %s arrives', async (_what, value, expected) => {
    const setup = { logger: { format: UNFORMATTED }, transport: { protocol } }
    const record = only(await yard.ship((log) => log['info']!('x', { value, list: [value] }), setup))
    expect(plainly(record.attributes)).toEqual({ value: expected, list: [expected] })
    expect(record.droppedAttributesCount).toBe(0)
  })
})

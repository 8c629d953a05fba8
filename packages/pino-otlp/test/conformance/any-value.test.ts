// V1 to V8: what becomes of a value. Most kinds of JavaScript values never come through a line of JSON, so that they are
// emitted as records; what a logger can bring comes through pino.

import { MODES, only, PROTOCOLS, Shipyard } from './ship.ts'

const yard = new Shipyard()
const BYTES = Buffer.from('hi')

describe.each(PROTOCOLS)('values over %s', (protocol) => {
  it.each([
    [0, '0'],
    [-0, '0'],
    [-1, '-1'],
    [300, '300'],
    [2 ** 31, '2147483648'],
    [Number.MAX_SAFE_INTEGER, '9007199254740991'],
    [2 ** 60, '1152921504606846976'],
    [10n, '10'],
    [2n ** 63n - 1n, '9223372036854775807'],
    [-(2n ** 63n), '-9223372036854775808'],
  ])('V1: %p is an integer', async (value, intValue) => {
    expect(await yard.value(protocol, value)).toEqual({ intValue })
  })

  it.each([2n ** 63n, -(2n ** 63n) - 1n, 10n ** 40n])(
    'V1: %p is too large for an integer, and is text',
    async (value) => {
      expect(await yard.value(protocol, value)).toEqual({ stringValue: String(value) })
    },
  )

  it.each([1e300, -1e300, 2 ** 63, 1e21])(
    'V1: %p is a whole number beyond the integers, and is a double',
    async (value) => {
      expect(await yard.value(protocol, value)).toEqual({ doubleValue: value })
    },
  )

  it.each([0.1, -1.5, 5e-324, Number.MAX_VALUE, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    'V2: %p is a double',
    async (value) => {
      expect(await yard.value(protocol, value)).toEqual({ doubleValue: value })
    },
  )

  it.each([
    ['', ''],
    ['plain', 'plain'],
    ['é€😀\u0000\n"\\\u2028', 'é€😀\u0000\n"\\\u2028'],
    ['\ud83d', '\ufffd'],
    ['a\ude00b', 'a\ufffdb'],
    ['\ud83d'.repeat(3000), '\ufffd'.repeat(3000)],
  ])('V3: %j arrives as valid UTF-8', async (value, stringValue) => {
    expect(await yard.value(protocol, value)).toEqual({ stringValue })
  })

  it('V3: half a surrogate pair in a key, a level, an event or a scope spoils nothing', async () => {
    const half = '\ud83d'
    const record = {
      attributes: { [`k${half}`]: { [half]: 1 } },
      severityText: half,
      eventName: half,
      scopeName: half,
      body: half,
    }
    const resource = { [half]: half }
    const [sent] = await yard.emit(protocol, [record], { resource })
    expect(sent).toMatchObject({
      severityText: '\ufffd',
      eventName: '\ufffd',
      body: '\ufffd',
      scope: { name: '\ufffd' },
    })
    expect(Object.keys(sent!.attributes)).toEqual(['k\ufffd'])
    expect(sent!.resource).toMatchObject({ '\ufffd': '\ufffd' })
  })

  it.each<[string, unknown, Buffer]>([
    ['a Buffer', BYTES, BYTES],
    ['no bytes', new Uint8Array(0), Buffer.alloc(0)],
    ['a part of an ArrayBuffer', new Uint8Array(Uint8Array.of(9, 104, 105, 9).buffer, 1, 2), BYTES],
    ['an ArrayBuffer', Uint8Array.of(104, 105).buffer, BYTES],
    ['a SharedArrayBuffer', new SharedArrayBuffer(2), Buffer.alloc(2)],
    ['a Uint16Array', Uint16Array.of(0x6968), BYTES],
    ['a Float64Array', Float64Array.of(0), Buffer.alloc(8)],
    ['a DataView', new DataView(Uint8Array.of(0, 104, 105).buffer, 1), BYTES],
    ['what JSON makes of a Buffer', { type: 'Buffer', data: [104, 105] }, BYTES],
  ])('V4: %s is bytes', async (_what, value, bytesValue) => {
    expect(await yard.value(protocol, value)).toEqual({ bytesValue })
  })

  it.each<[string, unknown]>([
    ['an array', [1, 'a', null, [true]]],
    ['a Set', new Set([1, 'a', null, [true]])],
  ])('V5: %s is an array, of mixed kinds', async (_what, value) => {
    const values = [{ intValue: '1' }, { stringValue: 'a' }, {}, { arrayValue: { values: [{ boolValue: true }] } }]
    expect(await yard.value(protocol, value)).toEqual({ arrayValue: { values } })
  })

  it('V5: holes of an array keep their places', async () => {
    const value: unknown[] = []
    value[1] = 1
    value.push(undefined)
    expect(await yard.value(protocol, value)).toEqual({ arrayValue: { values: [{}, { intValue: '1' }, {}] } })
  })

  it.each<[string, unknown, string[]]>([
    ['an object', { a: 1, b: 2 }, ['a', 'b']],
    ['an object without a prototype', Object.assign(Object.create(null) as object, { a: 1 }), ['a']],
    ['a Map', new Map([['a', 1]]), ['a']],
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
        [1n, 3],
      ]),
      ['1', '1#2', '1#3'],
    ],
    ['an object with a key without text', { '': 1 }, ['']],
  ])('V6: %s is a map, with each key once', async (_what, value, keys) => {
    const sent = await yard.value(protocol, value)
    expect(sent?.kvlistValue?.values.map(({ key }) => key)).toEqual(keys)
  })

  it.each<[string, unknown]>([
    ['URLSearchParams', new URLSearchParams('a=1&b=2&a=3')],
    [
      'FormData',
      Object.entries({ a: '1', b: '2' }).reduce((form, [k, v]) => (form.append(k, v), form), new FormData()),
    ],
  ])('V7: %s is a map of arrays', async (what, value) => {
    const texts = (...all: string[]) => ({ arrayValue: { values: all.map((stringValue) => ({ stringValue })) } })
    expect(await yard.value(protocol, value)).toEqual({
      kvlistValue: {
        values: [
          { key: 'a', value: what === 'FormData' ? texts('1') : texts('1', '3') },
          { key: 'b', value: texts('2') },
        ],
      },
    })
  })

  it('V7: Headers are a map of arrays, set-cookie with each of its values', async () => {
    const headers = new Headers([
      ['set-cookie', 'a=1'],
      ['x', '1'],
      ['Set-Cookie', 'b=2'],
    ])
    const [record] = await yard.emit(protocol, [{ attributes: { headers } }])
    expect(JSON.parse(JSON.stringify(record!.attributes))).toEqual({
      headers: { 'set-cookie': ['a=1', 'b=2'], x: ['1'] },
    })
  })
})

class Money {
  readonly #cents = 4200
  get cents(): number {
    return this.#cents
  }
  toJSON(): string {
    return `${this.cents / 100} EUR`
  }
}

class Point {
  x = 1
  y = 2
}

describe.each(PROTOCOLS)('other values over %s', (protocol) => {
  it.each<[string, unknown, unknown]>([
    ['a Date', new Date(0), '1970-01-01T00:00:00.000Z'],
    ['an invalid Date', new Date(Number.NaN), 'Invalid Date'],
    ['a URL', new URL('http://a.b/c?d'), 'http://a.b/c?d'],
    ['a RegExp', /a.b/gi, '/a.b/gi'],
    ['a Symbol', Symbol('s'), 'Symbol(s)'],
    ['a function', function pay() {}, '[Function: pay]'],
    ['an arrow', () => 1, '[Function: anonymous]'],
    ['a class with toJSON', new Money(), '42 EUR'],
    ['a class instance', new Point(), { x: 1, y: 2 }],
    ['a Promise', Promise.resolve(), '[object Promise]'],
    ['a WeakMap', new WeakMap(), '[object WeakMap]'],
    ['a boxed number', Object(7), 7],
    ['a boxed text', Object('t'), 't'],
    ['undefined in an array', [undefined], [null]],
  ])('V8: %s arrives', async (_what, value, expected) => {
    const record = only(await yard.emit(protocol, [{ attributes: { value } }]))
    expect(JSON.parse(JSON.stringify(record.attributes['value']))).toEqual(expected)
    expect(record.droppedAttributesCount).toBe(0)
  })

  it('V8: an Error deep in a value keeps type, message and stack', async () => {
    const record = only(await yard.emit(protocol, [{ attributes: { results: [new RangeError('far')] } }]))
    const [error] = record.attributes['results'] as Record<string, unknown>[]
    expect(error).toMatchObject({
      type: 'RangeError',
      message: 'far',
      stack: expect.stringContaining('RangeError: far'),
    })
  })
})

describe.each(MODES)('values by %s', (mode) => {
  it.each(PROTOCOLS)('V1: numbers of any size come through pino exactly, over %s', async (protocol) => {
    const fields = { e: 1e300, big: 9007199254740993n, huge: 2n ** 64n, safe: 42 }
    const record = await yard.one(mode, (log) => log.info(fields, 'x'), { transport: { protocol } })
    expect({ ...record.attributeValues }).toEqual({
      e: { doubleValue: 1e300 },
      big: { intValue: '9007199254740993' },
      huge: { stringValue: '18446744073709551616' },
      safe: { intValue: '42' },
    })
  })

  it.each(PROTOCOLS)('V3: half a surrogate pair in a message spoils nothing, over %s', async (protocol) => {
    const records = await yard.ship(mode, (log) => void (log.info('a\ud83d'), log.info({ k: '\ude00' }, 'next')), {
      transport: { protocol },
    })
    expect(records).toMatchObject([{ body: 'a\ufffd' }, { body: 'next', attributes: { k: '\ufffd' } }])
  })

  it('V4: a Buffer comes through pino as bytes', async () => {
    const record = await yard.one(mode, (log) => log.info({ b: BYTES }, 'x'))
    expect(record.attributeValues['b']).toEqual({ bytesValue: BYTES })
  })
})

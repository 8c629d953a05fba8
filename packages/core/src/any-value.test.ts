import { runInNewContext } from 'node:vm'
import { decodeRequest, flattenRecords, type ReceivedRecord } from '@otlp-logs/test-support'
import * as fc from 'fast-check'
import { cutString } from './any-value.ts'
import { Encoder } from './encode.ts'

const LIMITS = {
  attributeCountLimit: 128,
  attributeValueLengthLimit: Number.POSITIVE_INFINITY,
  maxRecordBytes: 1 << 20,
}

/** What the official schema reads of a record with this body; the same in both encodings. */
function received(body: unknown): ReceivedRecord {
  const [protobuf, json] = (['http/protobuf', 'http/json'] as const).map((protocol) => {
    const encoder = new Encoder({ ...LIMITS, protocol, resource: { a: 1 }, scope: { name: 'test' } })
    const run = encoder.encode({ observedTimeUnixNano: 1n, severityNumber: 9, body, attributes: {} })
    const bytes = Buffer.concat(encoder.envelope.payload([run]).chunks)
    const { message, problems } = decodeRequest(bytes, protocol === 'http/json' ? 'json' : 'protobuf')
    expect(problems).toEqual([])
    return flattenRecords(message!, 0)[0]!
  }) as [ReceivedRecord, ReceivedRecord]
  expect(json).toEqual(protobuf)
  return protobuf
}

const arrived = (value: unknown): unknown => received(value).body

const boom = (): never => {
  throw new Error('boom')
}

class Order {
  id = 7
  readonly #secret = 'hidden'
  reveal(): string {
    return this.#secret
  }
}

describe('AnyValueWalk', () => {
  it.each<[string, unknown, object]>([
    ['a string', 'text', { stringValue: 'text' }],
    ['an empty string', '', { stringValue: '' }],
    ['a lone surrogate', 'a\ud800b', { stringValue: 'a\ufffdb' }],
    ['true', true, { boolValue: true }],
    ['false', false, { boolValue: false }],
    ['a whole number', 3, { intValue: '3' }],
    ['zero', 0, { intValue: '0' }],
    ['minus zero', -0, { intValue: '0' }],
    ['a negative number', -1, { intValue: '-1' }],
    ['the largest safe number', 2 ** 53 - 1, { intValue: '9007199254740991' }],
    ['a whole number beyond', 2 ** 53 + 2, { intValue: '9007199254740994' }],
    ['the smallest int64, as a number', -(2 ** 63), { intValue: '-9223372036854775808' }],
    ['a whole number beyond int64', 2 ** 63, { doubleValue: 2 ** 63 }],
    ['a fraction', 1.5, { doubleValue: 1.5 }],
    ['NaN', Number.NaN, { doubleValue: Number.NaN }],
    ['Infinity', Number.POSITIVE_INFINITY, { doubleValue: Number.POSITIVE_INFINITY }],
    ['-Infinity', Number.NEGATIVE_INFINITY, { doubleValue: Number.NEGATIVE_INFINITY }],
    ['a bigint', 5n, { intValue: '5' }],
    ['a negative bigint', -5n, { intValue: '-5' }],
    ['the largest int64', 2n ** 63n - 1n, { intValue: '9223372036854775807' }],
    ['the smallest int64', -(2n ** 63n), { intValue: '-9223372036854775808' }],
    ['a bigint beyond int64', 2n ** 63n, { stringValue: '9223372036854775808' }],
    ['a negative bigint beyond int64', -(2n ** 63n) - 1n, { stringValue: '-9223372036854775809' }],
    ['null', null, {}],
    ['bytes', Uint8Array.of(0, 255), { bytesValue: Buffer.of(0, 255) }],
    ['no bytes', new Uint8Array(0), { bytesValue: Buffer.of() }],
    ['an ArrayBuffer', Uint8Array.of(1, 2).buffer, { bytesValue: Buffer.of(1, 2) }],
    ['a part of an ArrayBuffer', new DataView(Uint8Array.of(1, 2, 3).buffer, 1, 1), { bytesValue: Buffer.of(2) }],
    ['what JSON makes of a Buffer', { type: 'Buffer', data: [1, 255] }, { bytesValue: Buffer.of(1, 255) }],
    ['a symbol', Symbol('s'), { stringValue: 'Symbol(s)' }],
    ['an empty array', [], { arrayValue: { values: [] } }],
    ['an empty object', {}, { kvlistValue: { values: [] } }],
    ['a Date', new Date(5), { stringValue: '1970-01-01T00:00:00.005Z' }],
    ['an invalid Date', new Date(Number.NaN), { stringValue: 'Invalid Date' }],
    ['a RegExp', /a+/g, { stringValue: '/a+/g' }],
    ['a boxed number', Object(3), { intValue: '3' }],
    ['a boxed string', Object('s'), { stringValue: 's' }],
    ['a boxed bigint', Object(3n), { intValue: '3' }],
    ['a URL, by its toJSON', new URL('http://host/x'), { stringValue: 'http://host/x' }],
    ['a promise', Promise.resolve(), { stringValue: '[object Promise]' }],
    ['a WeakMap', new WeakMap(), { stringValue: '[object WeakMap]' }],
    ['a named function', boom, { stringValue: '[Function: boom]' }],
    ['a function without a name', (() => () => {})(), { stringValue: '[Function: anonymous]' }],
  ])('gives %s its kind', (_name, value, kind) => {
    expect(received(value).bodyValue).toEqual(kind)
  })

  it.each<[string, unknown, unknown]>([
    ['an array, with null for what has no value', [1, undefined, null, 'x'], [1, null, null, 'x']],
    ['a hole in an array', Object.assign(Array(3), { 0: 1, 2: 3 }), [1, null, 3]],
    ['an object, without what is undefined', { a: 1, b: undefined, c: { d: [true] } }, { a: 1, c: { d: [true] } }],
    ['an object that is no Buffer', { type: 'Buffer', data: [256] }, { type: 'Buffer', data: [256] }],
    [
      'a Map',
      new Map<unknown, unknown>([
        ['a', 1],
        [2, 'two'],
        ['2', 'zwei'],
      ]),
      { a: 1, 2: 'two', '2#2': 'zwei' },
    ],
    [
      'a Map, without what is undefined',
      new Map([
        ['a', undefined],
        ['b', null],
      ]),
      { b: null },
    ],
    [
      'a Map with objects as keys',
      new Map([
        [{}, 1],
        [{}, 2],
      ]),
      { '[object Object]': 1, '[object Object]#2': 2 },
    ],
    ['a Set', new Set([1, 'a']), [1, 'a']],
    ['an instance of a class', new Order(), { id: 7 }],
    ['URLSearchParams', new URLSearchParams('a=1&b=2&a=3'), { a: ['1', '3'], b: ['2'] }],
    ['Headers', new Headers({ accept: 'x' }), { accept: ['x'] }],
    ['an object without a prototype', Object.assign(Object.create(null), { a: 1 }), { a: 1 }],
    ['what toJSON gives', { toJSON: () => ({ a: [1n] }) }, { a: [1] }],
    ['undefined from toJSON', { toJSON: () => undefined }, null],
    [
      'values from another realm',
      runInNewContext('[new Map([["a", new Date(5)]]), new Uint8Array([1])]'),
      [{ a: '1970-01-01T00:00:00.005Z' }, Buffer.of(1)],
    ],
  ])('writes %s', (_name, value, expected) => {
    expect(arrived(value)).toEqual(expected)
  })

  it('writes an Error with its class, message, stack, cause and own fields', () => {
    const cause = new RangeError('inner')
    const error = Object.assign(new TypeError('outer', { cause }), { code: 'E_X' })
    expect(arrived(error)).toEqual({
      type: 'TypeError',
      message: 'outer',
      stack: error.stack,
      cause: { type: 'RangeError', message: 'inner', stack: cause.stack },
      code: 'E_X',
    })
    const all = new AggregateError([new Error('one')], 'many')
    expect(arrived(all)).toMatchObject({ type: 'AggregateError', errors: [{ message: 'one' }] })
  })

  it('takes __proto__ and constructor for keys like any other', () => {
    const value = JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":2}}}') as unknown
    const body = arrived(value) as Record<string, unknown>
    expect(Object.keys(body)).toEqual(['__proto__', 'constructor'])
    expect(body['__proto__']).toEqual({ polluted: 1 })
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  })

  it('marks what is circular, and writes twice what merely occurs twice', () => {
    const twice = { x: 1 }
    const circle: Record<string, unknown> = { a: twice, b: twice }
    circle['self'] = circle
    circle['list'] = [circle]
    expect(arrived(circle)).toEqual({ a: { x: 1 }, b: { x: 1 }, self: '[Circular]', list: ['[Circular]'] })
    const endless = { toJSON: () => endless }
    expect(arrived([endless, 1])).toEqual(['[Circular]', 1])
  })

  const named = Object.defineProperty(() => {}, 'name', { value: { toString: boom } })
  const revoked = (target: object): unknown => {
    const { proxy, revoke } = Proxy.revocable(target, {})
    revoke()
    return proxy
  }

  it.each<[string, unknown, unknown]>([
    [
      'a getter',
      {
        get a() {
          return boom()
        },
      },
      { a: '[Throws: boom]' },
    ],
    ['an element', Object.defineProperty([0], 0, { get: boom }), ['[Throws: boom]']],
    ['toJSON', { toJSON: boom }, '[Throws: boom]'],
    [
      'a getter called toJSON',
      {
        get toJSON() {
          return boom()
        },
      },
      '[Throws: boom]',
    ],
    ['a Proxy that lists its keys', new Proxy({}, { ownKeys: boom }), '[Throws: boom]'],
    ['a Proxy that reads', new Proxy({ a: 1 }, { get: boom }), '[Throws: boom]'],
    ['a Proxy around an array', new Proxy([1], { get: boom }), '[Throws: boom]'],
    ['a Proxy that tells its prototype', new Proxy({}, { getPrototypeOf: boom }), '[Throws: boom]'],
    ['a Proxy that was revoked', revoked({}), expect.stringMatching(/^\[Throws: .*revoked/)],
    ['an array whose Proxy was revoked', revoked([1]), expect.stringMatching(/^\[Throws: .*revoked/)],
    [
      'a tag',
      {
        get [Symbol.toStringTag]() {
          return boom()
        },
      },
      '[Throws: boom]',
    ],
    ["a function's name", named, '[Function: anonymous]'],
    ["an Error's message", Object.defineProperty(new Error('x'), 'message', { get: boom }), '[Throws: boom]'],
    [
      'a key',
      new Map([
        [
          {
            get [Symbol.toStringTag]() {
              return boom()
            },
          },
          1,
        ],
      ]),
      '[Throws: boom]',
    ],
    [
      'something without a text',
      {
        get a() {
          throw Object.create(null)
        },
      },
      { a: '[Throws]' },
    ],
  ])('leaves a mark where %s throws, and goes on', (_name, hostile, mark) => {
    expect(arrived({ before: 1, hostile, after: 2 })).toEqual({ before: 1, hostile: mark, after: 2 })
  })

  const nest = (levels: number, array: boolean, leaf: unknown): unknown => {
    let value: unknown = leaf
    for (let i = 0; i < levels; i++) value = array ? [value] : { k: value }
    return value
  }

  it.each([true, false])('keeps 30 levels, and marks what lies deeper (arrays: %s)', (array) => {
    const mark = '[Truncated: nested deeper than 30 levels]'
    expect(arrived(nest(30, array, 'leaf'))).toEqual(nest(30, array, 'leaf'))
    expect(arrived(nest(31, array, 'leaf'))).toEqual(nest(30, array, mark))
    expect(arrived(nest(10_000, array, 'leaf'))).toEqual(nest(30, array, mark))
  })

  it('cuts containers only: what is one value arrives at any level', () => {
    for (const leaf of [Buffer.of(1), 'text', 1.5, null]) {
      expect(arrived(nest(30, true, leaf))).toEqual(nest(30, true, leaf))
    }
    expect(arrived(nest(30, true, new Date(5)))).toEqual(nest(30, true, '1970-01-01T00:00:00.005Z'))
    expect(arrived(nest(30, true, new URL('http://a/')))).toEqual(nest(30, true, 'http://a/'))
    expect(arrived(nest(30, true, Object(5)))).toEqual(nest(30, true, 5))
    expect(arrived(nest(30, true, { toJSON: () => null }))).toEqual(nest(30, true, null))
  })
})

describe('cutString', () => {
  it('gives the first code points, and never half of one', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat(20), (text, max) => {
        expect(cutString(text, max)).toBe([...text].slice(0, max).join(''))
      }),
    )
  })
})

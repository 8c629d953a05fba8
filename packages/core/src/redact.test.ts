import { createHmac } from 'node:crypto'
import type { LogRecord } from './record.ts'
import type { RedactOptions } from './options.ts'
import { createRedactor, parsePath } from './redact.ts'

const HASH_KEY = 'a key of 16 chars'

function redact(record: Partial<LogRecord>, options: RedactOptions): LogRecord {
  const full: LogRecord = { observedTimeUnixNano: 1n, severityNumber: 9, attributes: {}, ...record }
  createRedactor(options)(full)
  return full
}

const attributesOf = (attributes: Record<string, unknown>, paths: string[], censor?: string): Record<string, unknown> =>
  redact({ attributes }, { paths, censor, hashKey: HASH_KEY }).attributes

const hashOf = (text: string): string => createHmac('sha256', HASH_KEY).update(text).digest('hex')

const R = '[REDACTED]'

describe('redaction', () => {
  it.each<[string, object, object]>([
    ['password', { password: 'x', user: 'y' }, { password: R, user: 'y' }],
    ['password', { user: { password: 'x' } }, { user: { password: 'x' } }],
    ['user.email', { user: { email: 'x', id: 1 } }, { user: { email: R, id: 1 } }],
    ['user.email', { user: 'x' }, { user: 'x' }],
    ['user.email', { user: null }, { user: null }],
    ['user.email', { 'user.email': 'x', user: { email: 'y' } }, { 'user.email': R, user: { email: R } }],
    [
      'a.b.c',
      { a: { 'b.c': 'x', b: { c: 'y' } }, 'a.b': { c: 'z' } },
      { a: { 'b.c': R, b: { c: R } }, 'a.b': { c: R } },
    ],
    ['headers["x-api-key"]', { headers: { 'x-api-key': 'x' } }, { headers: { 'x-api-key': R } }],
    ["headers['x.y']", { headers: { 'x.y': 'x' } }, { headers: { 'x.y': R } }],
    ['["a\\"b"]', { 'a"b': 'x' }, { 'a"b': R }],
    [
      'items[*].token',
      { items: [{ token: 'x' }, { token: 'y', id: 1 }, 5] },
      { items: [{ token: R }, { token: R, id: 1 }, 5] },
    ],
    ['items[1].token', { items: [{ token: 'x' }, { token: 'y' }] }, { items: [{ token: 'x' }, { token: R }] }],
    ['items[*]', { items: ['x', 'y'] }, { items: [R, R] }],
    ['items.*.token', { items: [{ token: 'x' }] }, { items: [{ token: R }] }],
    [
      '*.secret',
      { a: { secret: 'x' }, b: { secret: 'y', z: 1 }, secret: 'top' },
      { a: { secret: R }, b: { secret: R, z: 1 }, secret: 'top' },
    ],
    ['*', { a: 1, b: { c: 2 } }, { a: R, b: R }],
    ['exception.message', { 'exception.message': 'x' }, { 'exception.message': R }],
    [
      'exception.*',
      { 'exception.message': 'x', 'exception.type': 'y', exceptional: 1 },
      { 'exception.message': R, 'exception.type': R, exceptional: 1 },
    ],
    ['none', { a: 1 }, { a: 1 }],
    ['a', { a: undefined }, { a: undefined }],
    ['a', { a: null }, { a: R }],
    ['toString', { a: 1 }, { a: 1 }],
    ['__proto__.x', { a: 1 }, { a: 1 }],
  ])('of %s', (path, attributes, expected) => {
    expect(attributesOf(attributes as Record<string, unknown>, [path])).toEqual(expected)
  })

  it('reaches keys called __proto__, and no prototype', () => {
    const attributes = JSON.parse('{"__proto__":{"x":"secret"}}') as Record<string, unknown>
    expect(JSON.stringify(attributesOf(attributes, ['__proto__.x']))).toBe('{"__proto__":{"x":"[REDACTED]"}}')
    expect(({} as { x?: unknown }).x).toBeUndefined()
  })

  it('follows all paths', () => {
    expect(attributesOf({ a: 1, b: { c: 2, d: 3 } }, ['a', 'b.c', 'b.d'])).toEqual({ a: R, b: { c: R, d: R } })
  })

  it('puts the text in place that it is told to', () => {
    expect(attributesOf({ a: 1 }, ['a'], '***')).toEqual({ a: '***' })
  })

  it('can remove: keys go, elements of arrays become null so that the others keep their places', () => {
    expect(attributesOf({ a: 1, b: { c: 2, d: 3 }, e: [1, 2] }, ['a', 'b.c', 'e[0]'], 'remove')).toEqual({
      b: { d: 3 },
      e: [null, 2],
    })
  })

  describe('of the body', () => {
    it.each<[string, unknown, string, unknown]>([
      ['body', 'text', R, R],
      ['body', { a: 1 }, R, R],
      ['body.a', { a: 1, b: 2 }, R, { a: R, b: 2 }],
      ['body[*].a', [{ a: 1 }], R, [{ a: R }]],
      ['body.a', 'text', R, 'text'],
      ['body', undefined, R, undefined],
      ['body', 'text', 'remove', undefined],
      ['body.a', { a: 1, b: 2 }, 'remove', { b: 2 }],
    ])('at %s in %j (%s)', (path, body, censor, expected) => {
      expect(redact({ body }, { paths: [path], censor }).body).toEqual(expected)
    })

    it('is not touched by the path of an attribute', () => {
      expect(redact({ body: { a: 1 }, attributes: { a: 2 } }, { paths: ['a'] })).toMatchObject({
        body: { a: 1 },
        attributes: { a: R },
      })
    })
  })

  describe('by hash', () => {
    it('is HMAC-SHA-256 of the value, in hex', () => {
      expect(attributesOf({ a: 'ann@example.com' }, ['a'], 'hash')).toEqual({ a: hashOf('ann@example.com') })
    })

    it('is the same for the same value, as a number or as its digits, wherever it stands', () => {
      const { a, b, c } = attributesOf({ a: 12_345, b: '12345', c: 12_345n }, ['a', 'b', 'c'], 'hash')
      expect(a).toBe(hashOf('12345'))
      expect([b, c]).toEqual([a, a])
    })

    it('is another for another value or key', () => {
      const value = attributesOf({ a: 'x' }, ['a'], 'hash')['a']
      expect(value).not.toBe(attributesOf({ a: 'y' }, ['a'], 'hash')['a'])
      expect(value).not.toBe(
        redact({ attributes: { a: 'x' } }, { paths: ['a'], censor: 'hash', hashKey: `${HASH_KEY}!` }).attributes['a'],
      )
    })

    it('takes objects, too, and those that have no text', () => {
      const circle: Record<string, unknown> = {}
      circle['self'] = circle
      const { a, b } = attributesOf({ a: { x: 1 }, b: circle }, ['a', 'b'], 'hash')
      expect([a, b]).toEqual([hashOf('{"x":1}'), hashOf('')])
    })
  })

  describe('of an exception', () => {
    const attributes = {
      'exception.type': 'Error',
      'exception.message': 'no user ann@example.com',
      'exception.stacktrace':
        'Error: no user ann@example.com\n    at f (/app.js:1:1)\nCaused by: no user ann@example.com',
    }

    it('takes the message out of the stack trace, too', () => {
      expect(attributesOf(attributes, ['exception.message'])['exception.stacktrace']).toBe(
        `Error: ${R}\n    at f (/app.js:1:1)\nCaused by: ${R}`,
      )
      expect(attributesOf(attributes, ['exception.message'], 'remove')).toEqual({
        'exception.type': 'Error',
        'exception.stacktrace': 'Error: \n    at f (/app.js:1:1)\nCaused by: ',
      })
      expect(JSON.stringify(attributesOf(attributes, ['exception.message'], 'hash'))).not.toContain('ann@')
    })

    it('leaves the stack trace when the message stays', () => {
      expect(attributesOf(attributes, ['exception.type'])['exception.stacktrace']).toBe(
        attributes['exception.stacktrace'],
      )
    })

    it('puts in no pattern: `$&` in a text is a text', () => {
      expect(attributesOf(attributes, ['exception.message'], '$&')['exception.stacktrace']).not.toContain('ann@')
    })
  })

  it('changes nothing that belongs to the app', () => {
    const attributes = {
      a: { b: { c: 'x' } },
      list: [{ d: 'y' }],
      'exception.message': 'm',
      'exception.stacktrace': 'm m',
    }
    const body = { e: 'z' }
    const before = structuredClone({ attributes, body })
    const redacted = redact({ attributes, body }, { paths: ['a.b.c', 'list[*].d', 'exception.message', 'body.e'] })
    expect({ attributes, body }).toEqual(before)
    expect(JSON.stringify([redacted.attributes, redacted.body])).not.toMatch(/"[xyzm ]+"/)
  })

  it.each([undefined, 'remove', 'hash'])('copies what is frozen, or only readable (%s)', (censor) => {
    const frozen = Object.freeze({ secret: 'x', other: 1 })
    const getter = {
      get secret() {
        return 'x'
      },
      other: 1,
    }
    for (const from of [frozen, getter]) {
      const { a } = attributesOf({ a: from }, ['a.secret'], censor) as { a: { secret?: string; other: number } }
      expect(a.other).toBe(1)
      expect(a.secret).not.toBe('x')
      expect(from.secret).toBe('x')
    }
  })

  it.each<[string, unknown]>([
    ['a Map', new Map([['secret', 'x']])],
    ['Headers', new Headers({ secret: 'x' })],
    ['URLSearchParams', new URLSearchParams('secret=x')],
    ['a Map in a Set', new Set([new Map([['secret', 'x']])])],
    ['what toJSON gives', { toJSON: () => ({ secret: 'x' }) }],
    [
      'an instance of a class',
      new (class User {
        secret = 'x'
      })(),
    ],
  ])('finds what hides in %s', (_name, value) => {
    const { a } = attributesOf({ a: value }, ['a.secret', 'a[*].secret'])
    expect(JSON.stringify(a)).toMatch(/^\[?\{"secret":"\[REDACTED\]"\}\]?$/)
  })

  it('leaves alone, and does not copy, what has no such path', () => {
    const user = { id: 1 }
    expect(attributesOf({ user }, ['user.email'])['user']).toBe(user)
  })
})

describe('parsePath', () => {
  it.each<[string, string[]]>([
    ['a', ['a']],
    ['a.b["c.d"][*].e[0]', ['a', 'b', 'c.d', '*', 'e', '0']],
    ['*.secret', ['*', 'secret']],
    ["['it\\'s']", ["it's"]],
    ['x-y.@timestamp', ['x-y', '@timestamp']],
  ])('reads %s', (path, keys) => {
    expect(parsePath(path)).toEqual(keys)
  })

  it.each<[string, number]>([
    ['a..b', 2],
    ['a.', 2],
    ['a[', 2],
    ['a[b]', 2],
    ['a["b]', 2],
    [']', 1],
  ])('says where %s is wrong', (path, at) => {
    expect(() => parsePath(path)).toThrow(
      new TypeError(
        `Expected \`redact.paths\` to have paths such as "user.email" or "items[*].token", got "${path}" (wrong at character ${at})`,
      ),
    )
  })

  it('refuses an empty path', () => {
    expect(() => parsePath('')).toThrow(new TypeError('Expected `redact.paths` to have no empty path'))
  })
})

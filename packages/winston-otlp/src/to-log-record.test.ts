// What the tests of whole loggers (../test) do not show.

import { type LogRecord, resolveOptions } from 'otlp-logs-core'
import { type Info, LEVEL, MESSAGE, SPLAT } from './info.ts'
import { makeStamp } from './stamp.ts'
import { InfoMapper } from './to-log-record.ts'

const { settings } = resolveOptions({}, { env: {} })
const mapper = new InfoMapper(settings)

/** Maps an entry that formats have changed since it was logged. */
function mapped(logged: Info, formatted: Info = logged): LogRecord {
  return mapper.toLogRecord(formatted, makeStamp(logged))
}

const entry = (fields: Info): Info => ({ [LEVEL]: 'info', level: 'info', message: 'm', ...fields })

describe('InfoMapper', () => {
  it('changes nothing of an entry, at any depth', () => {
    const freeze = <T>(value: T): T => {
      if (typeof value === 'object' && value !== null) Object.values(value).forEach(freeze)
      return Object.freeze(value)
    }
    const info = freeze(entry({ a: { b: [1] }, [SPLAT]: [{ a: { b: [1] } }, 'x'], err: new Error('boom') }))
    expect(mapped(info).attributes).toMatchObject({ a: { b: [1] }, splat: ['x'], 'exception.message': 'boom' })
  })

  it.each<[string, Info, object]>([
    [
      'its level comes from `level`, where there is no symbol',
      { level: 'warn', message: 'm' },
      { severityText: 'warn' },
    ],
    ['a level that is no text is none', { level: 3, message: 'm' }, { severityText: undefined, severityNumber: 0 }],
    [
      'a message is taken back from logstash()',
      entry({ message: undefined, [MESSAGE]: '{"@message":"x","@fields":{}}' }),
      { body: 'x' },
    ],
    [
      'a text that only looks like logstash is none',
      entry({ message: undefined, [MESSAGE]: '{"@fields":' }),
      { body: undefined },
    ],
    ['a message wins over that', entry({ [MESSAGE]: '{"@message":"x","@fields":{}}' }), { body: 'm' }],
  ])('%s', (_what, info, expected) => {
    expect(mapped(info)).toMatchObject(expected)
  })

  it.each<[string, string, [string?, string?]]>([
    ['of V8', 'TypeError: boom\n    at f (/a.js:1:1)', ['TypeError', 'boom']],
    ['of Node, with a code', 'TypeError [ERR_X]: boom\n    at f (/a.js:1:1)', ['TypeError', 'boom']],
    ['with a message of two lines', 'Error: one\ntwo\n    at f (/a.js:1:1)', ['Error', 'one\ntwo']],
    ['without a message', 'RangeError\n    at f (/a.js:1:1)', ['RangeError', 'm']],
    ['without any frame', 'Error: boom', ['Error', 'boom']],
    ['that is any text', 'web: nginx', []],
    ['that is empty', '', []],
  ])('a stack %s is read as far as it is one', (_what, stack, [type, message]) => {
    const { attributes } = mapped(entry({ stack, a: 1 }))
    expect([attributes['exception.type'], attributes['exception.message']]).toEqual([type, message])
    expect(attributes['stack']).toBe(type === undefined ? stack : undefined)
    expect(attributes['a']).toBe(1)
  })

  it("keeps a field of its own that has the value of an error's field", () => {
    const error = Object.assign(new Error('boom'), { requestId: 'r' })
    const logged = entry({ message: 'm boom', requestId: 'r', stack: error.stack, [SPLAT]: [error] })
    expect(mapped(logged).attributes).toMatchObject({ requestId: 'r', 'exception.message': 'boom' })
  })

  it("keeps an error's name that is not that of its class", () => {
    const error = Object.assign(new Error('boom'), { name: 'Custom' })
    const logged = entry({ message: 'm boom', name: 'Custom', [SPLAT]: [error] })
    expect(mapped(logged).attributes).toMatchObject({ name: 'Custom', 'exception.type': 'Error' })
  })

  it('of two errors the one that was logged as such is the exception, and the other stays what it is', () => {
    const [first, second] = [new TypeError('first'), new RangeError('second')]
    const { attributes } = mapped(entry({ err: second, [SPLAT]: [{ a: 1 }, first] }))
    expect(attributes).toMatchObject({ 'exception.type': 'TypeError', 'exception.message': 'first', err: second })
  })

  it('brings back nothing that a format has taken out: a field, a field of an error, a whole argument', () => {
    const error = Object.assign(new Error('boom'), { config: { token: 't' } })
    const logged = entry({ password: 'p', config: error.config, [SPLAT]: [error, { password: 'p' }] })
    const { password: _password, config: _config, ...kept } = logged
    expect(JSON.stringify(mapped(logged, { ...kept, [SPLAT]: [] }).attributes)).not.toMatch(/password|token/)
  })

  it('keeps what an ordinary entry says under the names that winston gives to crashes', () => {
    const { attributes } = mapped(entry({ exception: true, date: 'd', process: 'p', trace: 't' }))
    expect(attributes).toEqual({ exception: true, date: 'd', process: 'p', trace: 't' })
  })

  it('reads the next entry right after one that threw', () => {
    const fail = (): never => {
      throw new Error('no')
    }
    const bad = new Proxy(entry({ a: 1 }), { ownKeys: fail })
    expect(() => mapper.toLogRecord(bad, makeStamp(bad))).toThrow('no')
    expect(mapped(entry({ b: 1 })).attributes).toEqual({ b: 1 })
  })
})

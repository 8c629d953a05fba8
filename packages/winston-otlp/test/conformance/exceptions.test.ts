// E1 to E9: errors. The shapes that winston makes of them are in ../info-shapes.test.ts.

import winston from 'winston'
import { type Logger, PROTOCOLS, Shipyard } from '../ship.ts'

const { format } = winston
const yard = new Shipyard()
const EXCEPTION = /^exception\./
const ERRORS = { format: format.combine(format.errors({ stack: true, cause: true }), format.json()) }

class PaymentError extends Error {
  code = 'ECONNREFUSED'
  errno = -111
}

describe.each(PROTOCOLS)('errors over %s', (protocol) => {
  const transport = { protocol }

  it.each<[string, (log: Logger, error: Error) => void, string]>([
    ['error(e)', (log, error) => log['error']!(error), 'b'],
    ["error('text', e)", (log, error) => log['error']!('text', error), 'text b'],
    ["error('text', { e })", (log, error) => log['error']!('text', { e: error }), 'text'],
    ["child({ e }).error('text')", (log, error) => log.child({ e: error })['error']!('text'), 'text'],
    ['child({}).error(e)', (log, error) => log.child({})['error']!(error), 'b'],
    ['log({ message: e })', (log, error) => log.log({ level: 'error', message: error as never }), 'b'],
  ])('E1: %s has the three attributes of an exception', async (_how, log, body) => {
    for (const logger of [{}, ERRORS]) {
      const error = new TypeError('b')
      const record = await yard.one((it) => log(it, error), { logger, transport })
      expect({ ...record.attributes }).toEqual({
        'exception.type': 'TypeError',
        'exception.message': 'b',
        'exception.stacktrace': error.stack,
      })
      expect(record.body).toBe(body)
    }
  })
})

describe('errors', () => {
  it('E2: what the app says of the exception is not overwritten', async () => {
    const fields = { err: new TypeError('b'), 'exception.type': 'Mine' }
    const record = await yard.one((log) => log['error']!('x', fields))
    expect(record.attributes).toMatchObject({ 'exception.type': 'Mine', 'exception.message': 'b' })
    expect(record.attributes['exception.stacktrace']).toContain('TypeError: b')
  })

  it('E3: an error without a stack has type and message', async () => {
    const error = new TypeError('b')
    delete error.stack
    const record = await yard.one((log) => log['error']!(error))
    expect({ ...record.attributes }).toEqual({ 'exception.type': 'TypeError', 'exception.message': 'b' })
  })

  it('E4: the type is the class, not the code, which is kept beside it, as on stdout', async () => {
    for (const logger of [{}, ERRORS]) {
      const record = await yard.one((log) => log['error']!(new PaymentError('refused')), { logger })
      expect(record.attributes).toMatchObject({
        'exception.type': 'PaymentError',
        'exception.message': 'refused',
        code: 'ECONNREFUSED',
        errno: -111,
      })
    }
    const nested = await yard.one((log) => log['error']!('x', { err: new PaymentError('refused') }))
    expect(nested.attributes).toMatchObject({
      'exception.type': 'PaymentError',
      err: { code: 'ECONNREFUSED', errno: -111 },
    })
  })

  it('E5: the stack trace is that of V8, line by line', async () => {
    const error = new Error('b')
    const record = await yard.one((log) => log['error']!(error))
    expect(record.attributes['exception.stacktrace']).toBe(error.stack)
    expect(error.stack).toMatch(/^Error: b\n {4}at .*exceptions\.test\.ts:\d+:\d+/)
  })

  it.each<[string, (log: Logger, error: Error) => void, string]>([
    ['error(e)', (log, error) => log['error']!(error), 'error'],
    ["error('text', e)", (log, error) => log['error']!('text', error), 'error'],
    ["error('text', { e })", (log, error) => log['error']!('text', { e: error }), 'e'],
  ])('E5: the causes of %s are in the stack trace, and their fields beside it', async (_how, log, key) => {
    for (const logger of [{}, ERRORS]) {
      const inner = new PaymentError('inner')
      const error = new Error('outer', { cause: new RangeError('middle', { cause: inner }) })
      const { attributes } = await yard.one((it) => log(it, error), { logger })
      const stacktrace = attributes['exception.stacktrace'] as string
      expect(stacktrace.match(/^(?:caused by: )?\w*Error: .*$/gm)).toEqual([
        'Error: outer',
        'caused by: RangeError: middle',
        'caused by: Error: inner',
      ])
      expect(attributes[key]).toEqual({
        cause: {
          type: 'RangeError',
          message: 'middle',
          cause: { type: 'PaymentError', message: 'inner', code: 'ECONNREFUSED', errno: -111 },
        },
      })
    }
  })

  it('E5: the errors of an AggregateError arrive, each with its class, message and stack', async () => {
    for (const logger of [{}, ERRORS]) {
      const error = new AggregateError([new Error('first'), new RangeError('second')], 'many')
      const { attributes } = await yard.one((log) => log['error']!(error), { logger })
      expect(attributes).toMatchObject({ 'exception.type': 'AggregateError', 'exception.message': 'many' })
      expect((attributes['error'] as { errors: unknown }).errors).toMatchObject([
        { type: 'Error', message: 'first', stack: expect.stringContaining('Error: first\n    at ') },
        { type: 'RangeError', message: 'second', stack: expect.stringContaining('RangeError: second\n    at ') },
      ])
    }
  })

  it.each<[string, (log: Logger) => void]>([
    ['an argument of a message', (log) => log['info']!('hi %s', 'bob')],
    ['a field `name`', (log) => log['info']!('in', { name: 'alice' })],
    ['a field `code`', (log) => log['info']!('r', { code: 200 })],
    ['a field `stack`', (log) => log['info']!('x', { stack: 'web', type: 't' })],
    ['an object with name, code and message', (log) => log['info']!('x', { name: 'n', code: 1, message: 'm' })],
    ['an object in a field', (log) => log['info']!('x', { result: { name: 'n', message: 'm' } })],
    ['a text called `err`', (log) => log['info']!('x', { err: 'nothing' })],
    ['an object without a stack called `error`', (log) => log['info']!('x', { error: { code: 200, message: 'm' } })],
    ['null called `err`', (log) => log['info']!('x', { err: null })],
    ['a text called `cause`', (log) => log['info']!('x', { cause: 'rain' })],
  ])('E6: %s is no exception', async (_what, log) => {
    for (const logger of [{}, { format: format.combine(format.splat(), format.json()) }]) {
      const record = await yard.one(log, { logger })
      expect(Object.keys(record.attributes).filter((key) => EXCEPTION.test(key))).toEqual([])
    }
  })

  it('E7: an error keeps the level that it was logged at, and is no event', async () => {
    const records = await yard.ship((log) => void (log['warn']!(new Error('b')), log['info']!(new Error('c'))))
    expect(records).toMatchObject([
      { severityNumber: 13, severityText: 'warn', eventName: '' },
      { severityNumber: 9, severityText: 'info', eventName: '' },
    ])
  })

  it('E9: redacting the message of exceptions takes it out of the stack trace, too', async () => {
    const transport = { redact: { paths: ['exception.message', 'body'], censor: '***' } }
    const record = await yard.one((log) => log['error']!(new Error('card 4111 refused')), { transport })
    expect(record.attributes).toMatchObject({ 'exception.type': 'Error', 'exception.message': '***' })
    expect(record.attributes['exception.stacktrace']).toMatch(/^Error: \*\*\*\n {4}at /)
    expect(JSON.stringify([record.body, record.attributes])).not.toContain('4111')
  })

  const CENSOR = format((info) => {
    for (const key of ['message', 'stack']) {
      if (typeof info[key] === 'string') info[key] = info[key].replaceAll('4111', '****')
    }
    return info
  })

  it.each<[string, (log: Logger, error: Error) => void]>([
    ['error(e)', (log, error) => log['error']!(error)],
    ["error('text', e)", (log, error) => log['error']!('text', error)],
    ['child({}).error(e)', (log, error) => log.child({})['error']!(error)],
    ['log({ message: e })', (log, error) => log.log({ level: 'error', message: error as never })],
  ])(
    "E9: what a format of the app has censored in the text of %s is not read from the error's own",
    async (_how, log) => {
      for (const errors of [format.errors(), format.errors({ stack: true })]) {
        const logger = { format: format.combine(errors, CENSOR(), format.json()) }
        const record = await yard.one((it) => log(it, new Error('card 4111 refused')), { logger })
        expect(JSON.stringify([record.body, record.attributes])).not.toContain('4111')
        expect(record.attributes).toMatchObject({
          'exception.type': 'Error',
          'exception.message': expect.stringContaining('card **** refused'),
          'exception.stacktrace': expect.stringMatching(/card \*\*\*\* refused\n {4}at /),
        })
      }
    },
  )

  it('E9: a transform sees the attributes of exceptions, before anything is sent', async () => {
    const seen: unknown[] = []
    const transport = {
      transform: (record: { attributes: Record<string, unknown> }) => {
        seen.push(record.attributes['exception.message'])
        return { ...record, attributes: { ...record.attributes, 'exception.message': 'changed' } } as never
      },
    }
    const record = await yard.one((log) => log['error']!(new Error('secret')), { transport })
    expect(seen).toEqual(['secret'])
    expect(record.attributes['exception.message']).toBe('changed')
  })
})

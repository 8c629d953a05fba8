// E1 to E10: errors.

import { context, type Span, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { TracerProvider } from '@opentelemetry/sdk-trace'
import pino from 'pino'
import { otlpStream } from 'pino-otlp'
import { MODES, only, Shipyard } from './ship.ts'

const yard = new Shipyard()
const EXCEPTION = /^exception\./

class PaymentError extends Error {
  code = 'ECONNREFUSED'
  errno = -111
}

describe.each(MODES)('errors by %s', (mode) => {
  it.each<[string, (log: pino.Logger<string>, error: Error) => void, string]>([
    ['error(e)', (log, error) => log.error(error), 'b'],
    ["error(e, 'text')", (log, error) => log.error(error, 'text'), 'text'],
    ["error({ err }, 'text')", (log, error) => log.error({ err: error }, 'text'), 'text'],
    ["child({ err }).error('text')", (log, error) => log.child({ err: error }).error('text'), 'text'],
  ])('E1: %s has the three attributes of an exception', async (_how, log, body) => {
    const error = new TypeError('b')
    const record = await yard.one(mode, (logger) => log(logger, error))
    expect({ ...record.attributes }).toEqual({
      'exception.type': 'TypeError',
      'exception.message': 'b',
      'exception.stacktrace': error.stack,
    })
    expect(record.body).toBe(body)
  })

  it('E1: an error under a key of its own is an exception with that errorKey', async () => {
    const setup = { logger: { errorKey: 'failure' } }
    const record = await yard.one(mode, (log) => log.error(new TypeError('b')), setup)
    expect(record.attributes).toMatchObject({ 'exception.type': 'TypeError', 'exception.message': 'b' })
    expect(Object.keys(record.attributes)).not.toContain('failure')
  })

  it('E2: what the user says of the exception is not overwritten', async () => {
    const fields = { err: new TypeError('b'), 'exception.type': 'Mine' }
    const record = await yard.one(mode, (log) => log.error(fields, 'x'))
    expect(record.attributes).toMatchObject({ 'exception.type': 'Mine', 'exception.message': 'b' })
    expect(record.attributes['exception.stacktrace']).toContain('TypeError: b')
  })

  it('E3: an error without a stack has type and message', async () => {
    const error = new TypeError('b')
    delete error.stack
    const record = await yard.one(mode, (log) => log.error(error))
    expect({ ...record.attributes }).toEqual({ 'exception.type': 'TypeError', 'exception.message': 'b' })
  })

  it('E3: an error without a message has its type', async () => {
    const record = await yard.one(mode, (log) => log.error({ err: new RangeError() }, 'x'))
    expect(record.attributes).toMatchObject({ 'exception.type': 'RangeError' })
  })

  it('E4: the type is the class, not the code, which is kept beside it', async () => {
    const record = await yard.one(mode, (log) => log.error(new PaymentError('refused')))
    expect(record.attributes).toMatchObject({
      'exception.type': 'PaymentError',
      'exception.message': 'refused',
      err: { code: 'ECONNREFUSED', errno: -111 },
    })
  })

  it('E5: the stack trace is that of V8, line by line', async () => {
    const error = new Error('b')
    const record = await yard.one(mode, (log) => log.error(error))
    expect(record.attributes['exception.stacktrace']).toBe(error.stack)
    expect(error.stack).toMatch(/^Error: b\n {4}at .*exceptions\.test\.ts:\d+:\d+/)
  })

  it('E5: causes and the errors of an AggregateError stay readable', async () => {
    const caused = new Error('outer', { cause: new RangeError('inner') })
    const many = new AggregateError([new Error('first'), new RangeError('second')], 'many')
    const [one, two] = await yard.ship(mode, (log) => void (log.error(caused), log.error(many)))
    expect(one!.attributes['exception.stacktrace']).toContain('RangeError: inner')
    expect(two!.attributes).toMatchObject({
      'exception.type': 'AggregateError',
      'exception.message': expect.stringContaining('many'),
    })
    const text = JSON.stringify(two!.attributes)
    expect(text).toContain('first')
    expect(text).toContain('second')
  })

  it('E5: a stack that is no text is kept beside the exception', async () => {
    const record = await yard.one(mode, (log) => log.error({ err: { message: 'm', stack: ['at a', 'at b'] } }, 'x'))
    expect(record.attributes).toMatchObject({ 'exception.message': 'm', err: { stack: ['at a', 'at b'] } })
    expect(Object.keys(record.attributes)).not.toContain('exception.stacktrace')
  })

  it.each<[string, (log: pino.Logger<string>) => void]>([
    ['an argument of a message', (log) => log.info('hi %s', 'bob')],
    ['a field `name`', (log) => log.info({ name: 'alice' }, 'x')],
    ['a field `code`', (log) => log.info({ code: 200 }, 'x')],
    ['a field `message`', (log) => log.info({ message: 'm', type: 't' }, 'x')],
    ['a field `stack`', (log) => log.info({ stack: 'web', type: 't' }, 'x')],
    ['an object with a message', (log) => log.info({ result: { name: 'n', message: 'm' } }, 'x')],
    ['a text called `err`', (log) => log.info({ err: 'nothing' }, 'x')],
    ['an object without a stack called `error`', (log) => log.info({ error: { code: 200, message: 'm' } }, 'x')],
    ['an object with name and message called `error`', (log) => log.info({ error: { name: 'n', message: 'm' } }, 'x')],
    ['null called `err`', (log) => log.info({ err: null }, 'x')],
  ])('E6: %s is no exception', async (_what, log) => {
    const record = await yard.one(mode, log)
    expect(Object.keys(record.attributes).filter((key) => EXCEPTION.test(key))).toEqual([])
  })

  it('E7: an error keeps the level that it was logged at, and is no event', async () => {
    const records = await yard.ship(mode, (log) => void (log.warn(new Error('b')), log.info(new Error('c'))))
    expect(records).toMatchObject([
      { severityNumber: 13, severityText: 'warn', eventName: '' },
      { severityNumber: 9, severityText: 'info', eventName: '' },
    ])
  })

  it('E9: redacting the message of exceptions takes it out of the stack trace, too', async () => {
    const setup = { logger: {}, transport: { redact: { paths: ['exception.message', 'body'], censor: '***' } } }
    const record = await yard.one(mode, (log) => log.error(new Error('card 4111 refused')), setup)
    expect(record.attributes).toMatchObject({ 'exception.type': 'Error', 'exception.message': '***' })
    expect(record.attributes['exception.stacktrace']).toMatch(/^Error: \*\*\*\n {4}at /)
    expect(JSON.stringify([record.body, record.attributes])).not.toContain('4111')
  })

  it('E9: every attribute of an exception can be removed by one path', async () => {
    const setup = { logger: {}, transport: { redact: { paths: ['exception.*'], censor: 'remove' } } }
    const record = await yard.one(mode, (log) => log.error({ err: new PaymentError('b') }, 'x'), setup)
    expect(Object.keys(record.attributes).filter((key) => EXCEPTION.test(key))).toEqual([])
  })
})

it.each(MODES)('E10: no deprecated attribute is made of an error, by %s', async (mode) => {
  const record = await yard.one(mode, (log) => log.error(Object.assign(new TypeError('b'), { escaped: true }), 'x'))
  const names = Object.keys(record.attributes)
  expect(names.filter((name) => /^(?:error\.|exception\.escaped)/.test(name))).toEqual([])
  expect(names).toContain('exception.message')
})

it('E8: an error that is logged is no event of the active span, which would tell it twice', async () => {
  const manager = new AsyncLocalStorageContextManager().enable()
  context.setGlobalContextManager(manager)
  try {
    const span = new TracerProvider().getTracer('t').startSpan('s') as Span & { events: unknown[] }
    const [record] = await yard.ship('otlpStream', (log) => {
      context.with(trace.setSpan(context.active(), span), () => log.error(new TypeError('boom')))
    })
    expect(record).toMatchObject({ spanId: span.spanContext().spanId, attributes: { 'exception.message': 'boom' } })
    expect(span.events).toEqual([])
  } finally {
    context.disable()
  }
})

describe('hooks', () => {
  it('E9: a transform sees the attributes of exceptions, before anything is sent', async () => {
    const seen: unknown[] = []
    const stream = otlpStream({
      endpoint: yard.receiver.endpoint,
      transform: (record) => {
        seen.push(record.attributes['exception.message'])
        return { ...record, attributes: { ...record.attributes, 'exception.message': 'changed' } }
      },
    })
    const record = only(await yard.arrived(() => (pino({}, stream).error(new Error('secret')), stream.close())))
    expect(seen).toEqual(['secret'])
    expect(record.attributes['exception.message']).toBe('changed')
  })
})

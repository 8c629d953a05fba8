// What winston makes of an Error, wherever in a log call it stands, and what arrives of it, exactly. Which causes, classes and
// censored texts arrive is in conformance/exceptions.test.ts.

import winston from 'winston'
import { only, Shipyard } from './ship.ts'
import { type Expected, expectShape, JSON_FORMAT, LOGSTASH, METADATA, type Row } from './shapes.ts'

const { format } = winston
const yard = new Shipyard()
const ERRORS = format.combine(format.errors({ stack: true, cause: true }), JSON_FORMAT)

class OrderError extends Error {
  code = 'E_ORDER'
}

const ERROR: [string, number] = ['error', 17]
const order = (message = 'boom', cause?: unknown): OrderError =>
  new OrderError(message, cause === undefined ? undefined : { cause })
const failed = (body: string, attributes: object = { code: 'E_ORDER' }): Expected => ({
  body,
  attributes,
  exception: ['OrderError', 'boom'],
  severity: ERROR,
})

const THROWN: Row[] = [
  ['error(e)', (log) => log['error']!(order()), failed('boom')],
  [
    'error(e) with a message of nothing',
    (log) => log['error']!(new Error()),
    { body: '', exception: ['Error', ''], severity: ERROR },
  ],
  ["error('m', e)", (log) => log['error']!('m', order()), failed('m boom')],
  ["error('m', { err })", (log) => log['error']!('m', { err: order() }), failed('m', { err: { code: 'E_ORDER' } })],
  ['child({ a }).error(e)', (log) => log.child({ a: 1 })['error']!(order()), failed('boom', { a: 1, code: 'E_ORDER' })],
  [
    'child({ code }).error(e): both codes are one, as on stdout',
    (log) => log.child({ code: 1 })['error']!(order()),
    failed('boom'),
  ],
  [
    'child({ a }).child({ b }).error(e)',
    (log) => log.child({ a: 1 }).child({ b: 2 })['error']!(order()),
    failed('boom', { a: 1, b: 2, code: 'E_ORDER' }),
  ],
  [
    'error(e) with a cause',
    (log) => log['error']!(order('boom', 'rain')),
    failed('boom', { code: 'E_ORDER', error: { cause: 'rain' } }),
  ],
]

const ONLY_JSON: Row[] = [
  [
    "error('m %s', e), of which stdout has nothing",
    (log) => log['error']!('m %s', order()),
    failed('m %s', { error: { code: 'E_ORDER' } }),
  ],
  [
    'log({ level, message: e }), of which stdout has nothing',
    (log) => log.log({ level: 'error', message: order() as never }),
    failed('boom', { error: { code: 'E_ORDER' } }),
  ],
]

const FORMATTED: Row[] = [
  [
    'colorize({ message })',
    (log) => log['error']!(order()),
    failed('boom'),
    { format: format.combine(format.colorize({ message: true }), JSON_FORMAT) },
  ],
  ['logstash() of an error', (log) => log['error']!('m', order()), failed('m boom'), { format: LOGSTASH }],
  [
    'metadata() of an error',
    (log) => log['error']!('m', order()),
    failed('m boom', { metadata: { code: 'E_ORDER' } }),
    { format: METADATA },
  ],
  [
    "a format that takes an error's field out",
    (log) => log['error']!('m', order()),
    failed('m boom', {}),
    { format: format.combine(format((info) => (delete info['code'], info))(), JSON_FORMAT) },
  ],
]

describe.each<[string, Row[], winston.LoggerOptions]>([
  ['json()', [...THROWN, ...ONLY_JSON], {}],
  ['errors({ stack, cause })', THROWN, { format: ERRORS }],
  ['errors()', THROWN, { format: format.combine(format.errors(), JSON_FORMAT) }],
  ['splat() and errors()', THROWN, { format: format.combine(format.splat(), ERRORS) }],
  ['formats for people and for others', FORMATTED, {}],
])('errors with %s', (_name, rows, options) => {
  // Not four parameters: a row of three would have the fourth taken for a callback.
  it.each(rows)('%s arrives as it should', async (...[, log, expected, own]) => {
    const [record] = await yard.ship(log, { logger: { ...options, ...own } })
    expectShape(record, expected)
    expect(record!.attributes['exception.stacktrace']).toMatch(
      /^\w*Error(?:: (?:boom)?)?\n {4}at .*error-shapes\.test\.ts/,
    )
  })
})

describe('errors', () => {
  it('through a format of this transport arrive with the message that winston has lost', async () => {
    const tagged = format((info) => Object.assign(info, { tag: 'x' }))
    const record = only(await yard.ship((log) => log['error']!(order()), { transport: { format: tagged() } }))
    expectShape(record, failed('boom', { tag: 'x', code: 'E_ORDER' }))
  })

  it('of a child that is older than the transport keep what winston has left of an Error', async () => {
    const transport = yard.open()
    const records = await yard.arrived(() => {
      const logger = winston.createLogger({ transports: [new winston.transports.Console({ silent: true })] })
      const child = logger.child({ a: 1 })
      logger.add(transport)
      child.error(new TypeError('boom', { cause: new RangeError('inner') }))
      return transport.flush()
    })
    expect(only(records)).toMatchObject({
      body: 'boom',
      attributes: {
        'exception.type': 'TypeError',
        'exception.message': 'boom',
        'exception.stacktrace': expect.stringMatching(/^TypeError: boom\n {4}at /),
        cause: { type: 'RangeError', message: 'inner' },
        a: 1,
      },
    })
  })
})

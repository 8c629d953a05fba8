// `severityText`, `attributes` and `body`: how the records of a logger look to a backend that wants them otherwise.

import { join } from 'node:path'
import { runApp } from '@otlp-logs/test-support'
import winston from 'winston'
import type { OtlpTransportOptions } from 'winston-otlp'
import { type Logger, only, plainly, PROTOCOLS, Shipyard, UNFORMATTED } from './ship.ts'

const { combine, errors, json, printf, timestamp } = winston.format
const yard = new Shipyard()

describe('severityText', () => {
  it.each([
    [winston.config.npm.levels, ['ERROR', 'WARN', 'INFO', 'DEBUG3', 'DEBUG2', 'DEBUG', 'TRACE']],
    [winston.config.syslog.levels, ['FATAL', 'ERROR3', 'ERROR2', 'ERROR', 'WARN', 'INFO2', 'INFO', 'DEBUG']],
  ])('R10: short is the short name of the number (%j)', async (levels, expected) => {
    const names = Object.keys(levels)
    const records = await yard.ship((log) => void names.forEach((name) => log[name]!('x')), {
      logger: { levels, level: names.at(-1)! },
      transport: { severityText: 'short' },
    })
    expect(records.map(({ severityText }) => severityText)).toEqual(expected)
  })

  it('S6: of a level of which nothing is known the text is sent, also with short', async () => {
    const logger = { levels: { top: 0, low: 1 }, level: 'low' }
    const record = await yard.one((log) => log['top']!('x'), { logger, transport: { severityText: 'short' } })
    expect(record).toMatchObject({ severityNumber: 0, severityText: 'top' })
  })
})

describe.each(PROTOCOLS)('attributes over %s', (protocol) => {
  const fields = {
    user: { id: 2n ** 60n + 1n, tags: new Set(['a']), at: new Date(0), none: undefined, empty: {} },
    items: [{ sku: 1 }],
  }
  const log = (logger: Logger): unknown => logger['info']!('x', fields)

  it('V11: flat gives each value its dotted path', async () => {
    const setup = { logger: { format: UNFORMATTED }, transport: { attributes: 'flat', protocol } } as const
    const record = await yard.one(log, setup)
    expect({ ...record.attributes }).toEqual({
      'user.id': 2n ** 60n + 1n,
      'user.tags': ['a'],
      'user.at': '1970-01-01T00:00:00.000Z',
      'user.empty': '{}',
      'items.0.sku': 1,
    })
  })

  it('V11: json gives what is nested as its JSON text, with all digits', async () => {
    const setup = { logger: { format: UNFORMATTED }, transport: { attributes: 'json', protocol } } as const
    const record = await yard.one(log, setup)
    expect({ ...record.attributes }).toEqual({
      user: '{"id":1152921504606846977,"tags":["a"],"at":"1970-01-01T00:00:00.000Z","empty":{}}',
      items: '[{"sku":1}]',
    })
  })
})

describe('body', () => {
  const line = { body: 'line' } as const

  it("L10: line is the text that the logger's format wrote", async () => {
    const record = await yard.one((log) => log['info']!('x', { a: { b: 1 } }), {
      logger: { format: combine(timestamp({ format: () => 'now' }), json()) },
      transport: line,
    })
    expect(record.body).toBe('{"a":{"b":1},"level":"info","message":"x","timestamp":"now"}')
    expect(plainly(record.attributes)).toEqual({ a: { b: 1 }, timestamp: 'now' })
  })

  it('L10: where the format writes no JSON, line is JSON of what the record has', async () => {
    const format = printf(({ level, message }) => `${level}: ${message as string}`)
    const record = await yard.one((log) => log['warn']!('x', { a: new Map([['b', 2n ** 60n + 1n]]) }), {
      logger: { format },
      transport: line,
    })
    const time = new Date(Number(record.timeUnixNano / 1_000_000n)).toISOString()
    expect(record.body).toBe(`{"level":"warn","time":"${time}","a":{"b":1152921504606846977},"message":"x"}`)
  })

  it.each([
    ['its own text', combine(errors({ stack: true }), json())],
    ['a text made anew', printf(() => '')],
  ])('E9: what redaction takes out is not in the line, either, instead of %s', async (_what, format) => {
    const redact = { paths: ['password', 'exception.message', 'exception.stacktrace', 'user.email'] }
    const record = await yard.one(
      (log) => log['error']!('x', { err: new TypeError('secret1'), password: 'secret2', user: { email: 'secret3' } }),
      { logger: { format }, transport: { ...line, redact } },
    )
    expect(JSON.stringify(plainly([record.body, record.attributes]))).not.toMatch(/secret\d/)
    expect(JSON.parse(record.body as string)).toMatchObject({
      level: 'error',
      message: 'x',
      password: '[REDACTED]',
      'exception.type': 'TypeError',
    })
  })

  it('A11: of an uncaught exception the line has no command line', async () => {
    const source = `
      const winston = require('winston')
      const { OtlpTransport } = require('winston-otlp')
      const endpoint = ${JSON.stringify(yard.receiver.endpoint)}
      const transport = new OtlpTransport({ endpoint, body: 'line', handleExceptions: true })
      winston.createLogger({ transports: [transport] })
      setImmediate(() => { throw new TypeError('boom') })`
    const args = ['--password=secret']
    const records = await yard.arrived(async () => {
      await runApp(source, { resolveFrom: join(__dirname, '..'), extension: 'cjs', args })
    })
    const { body } = only(records)
    expect(JSON.parse(body as string)).toMatchObject({ level: 'error', 'exception.type': 'TypeError' })
    expect(body).not.toContain('secret')
  })
})

it('A3: on request, log.record.uid is a name that no other record has', async () => {
  const transport: OtlpTransportOptions = { recordAttributes: ['log.record.uid'] }
  const records = await yard.ship((log) => void Array.from({ length: 100 }, () => log['info']!('x')), { transport })
  expect(new Set(records.map(({ attributes }) => attributes['log.record.uid'])).size).toBe(100)
})

it('A2: an entry was no text, so that there is no log.record.original', async () => {
  const transport: OtlpTransportOptions = { recordAttributes: ['log.record.original'] }
  const record = await yard.one((log) => log['info']!('x'), { transport })
  expect({ ...record.attributes }).toEqual({})
})

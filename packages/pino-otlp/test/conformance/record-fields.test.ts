// R10 to R22: what else a record consists of: severity text, body, attributes, event name, scope.

import type { LogRecord } from 'otlp-logs-core'
import pino from 'pino'
import { MODES, PROTOCOLS, Shipyard } from './ship.ts'

const yard = new Shipyard()

describe.each(MODES)('fields by %s', (mode) => {
  it.each([
    ['its own', {}, 'info'],
    ["a formatter's", { formatters: { level: (label: string) => ({ level: label.toUpperCase() }) } }, 'INFO'],
  ])('R10: the severity text is the level as %s spelling has it', async (_whose, logger, text) => {
    const record = await yard.one(mode, (log) => log.info('x'), { logger })
    expect(record.severityText).toBe(text)
  })

  it('R11: a severity number is always from 1 to 24, or 0 where there is no level', async () => {
    const customLevels = { lowest: -5, tiny: 0.5, odd: 35.5, huge: 1e6 }
    const records = await yard.ship(
      mode,
      (log) => {
        for (const level of ['lowest', 'tiny', 'odd', 'huge']) log[level]!('x')
      },
      { logger: { customLevels, level: 'lowest' } },
    )
    const numbers = records.map(({ severityNumber }) => severityNumber)
    expect(numbers).toHaveLength(4)
    for (const number of numbers) expect([1, number, 24]).toEqual([1, number, 24].toSorted((a, b) => a - b))
    expect(await yard.write(mode, '{"msg":"no level"}\n')).toMatchObject([{ severityNumber: 0, severityText: '' }])
  })

  it('R12: the message is the body, as a string', async () => {
    const record = await yard.one(mode, (log) => log.info('x'))
    expect(record.bodyValue).toEqual({ stringValue: 'x' })
  })

  it('R12: a line without a message has no body, and its fields are attributes', async () => {
    const record = await yard.one(mode, (log) => log.info({ a: 1 }))
    expect(record.bodyValue).toBeUndefined()
    expect({ ...record.attributes }).toEqual({ a: 1 })
  })

  it.each([
    [{ msg: { order: 7, lines: ['a', 'b'] } }],
    [{ msg: ['a', 1, null] }],
    [{ msg: 42.5 }],
    [{ msg: true }],
    [{ msg: null }],
  ])('R12: the body of %j is that value', async (fields) => {
    const record = await yard.one(mode, (log) => log.info(fields))
    expect(JSON.parse(JSON.stringify(record.body))).toEqual(fields.msg)
  })

  it("R13: the logger's own messageKey and errorKey are known without any option", async () => {
    const record = await yard.one(mode, (log) => log.error({ error: new TypeError('b'), a: 1 }, 'x'), {
      logger: { messageKey: 'message', errorKey: 'error' },
    })
    expect(record.body).toBe('x')
    expect(record.attributes).toMatchObject({ a: 1, 'exception.type': 'TypeError', 'exception.message': 'b' })
    expect(Object.keys(record.attributes)).not.toContain('message')
  })

  it('R13: what stands under a nestedKey is lifted with keys.nested, and stays whole without', async () => {
    const logger = { nestedKey: 'payload' }
    const log = (it: pino.Logger<string>): void => it.child({ c: 1 }).info({ a: { b: 1 } }, 'x')
    const lifted = await yard.one(mode, log, { logger, transport: { keys: { nested: 'payload' } } })
    const whole = await yard.one(mode, log, { logger })
    expect([lifted.body, whole.body]).toEqual(['x', 'x'])
    expect(JSON.parse(JSON.stringify(lifted.attributes))).toEqual({ c: 1, a: { b: 1 } })
    expect(JSON.parse(JSON.stringify(whole.attributes))).toEqual({ c: 1, payload: { a: { b: 1 } } })
  })

  it('R14: of equal keys on a line one arrives, the last', async () => {
    const record = await yard.one(mode, (log) => log.child({ a: 1 }).child({ a: 2 }).info({ a: 3 }, 'x'))
    expect({ ...record.attributes }).toEqual({ a: 3 })
  })

  it('R14: keys that differ in case are two', async () => {
    const record = await yard.one(mode, (log) => log.info({ A: 1, a: 2, b: { C: 3, c: 4 } }, 'x'))
    expect(JSON.parse(JSON.stringify(record.attributes))).toEqual({ A: 1, a: 2, b: { C: 3, c: 4 } })
  })

  it('R14: keys of every JavaScript object are keys like any other', async () => {
    const text = '{"level":30,"__proto__":1,"constructor":2,"toString":3,"hasOwnProperty":{"__proto__":4}}\n'
    const [record] = await yard.write(mode, text)
    expect(Object.entries(record!.attributes)).toHaveLength(4)
    expect(record!.attributes).toMatchObject({ constructor: 2, toString: 3 })
  })

  it('R15: an attribute without a name is left out and counted', async () => {
    const record = await yard.one(mode, (log) => log.info({ '': 1, a: 2 }, 'x'))
    expect({ ...record.attributes }).toEqual({ a: 2 })
    expect(record.droppedAttributesCount).toBe(1)
  })

  it('R16: null, zero, false and what is empty arrive', async () => {
    const fields = { n: null, z: 0, f: false, e: '', l: [1, null], none: [], nothing: {} }
    const record = await yard.one(mode, (log) => log.info(fields, 'x'))
    expect(record.attributeValues).toMatchObject({
      n: {},
      z: { intValue: '0' },
      f: { boolValue: false },
      e: { stringValue: '' },
      l: { arrayValue: { values: [{ intValue: '1' }, {}] } },
      none: { arrayValue: { values: [] } },
      nothing: { kvlistValue: { values: [] } },
    })
    expect(record.droppedAttributesCount).toBe(0)
  })

  it('R17: otel.event.name becomes the event name', async () => {
    const record = await yard.one(mode, (log) => log.info({ 'otel.event.name': 'order.paid', a: 1 }, 'x'))
    expect(record.eventName).toBe('order.paid')
    expect({ ...record.attributes }).toEqual({ a: 1 })
  })

  it('R17: what cannot be an event name stays an attribute, and so does the deprecated event.name', async () => {
    const record = await yard.one(mode, (log) => log.info({ 'otel.event.name': 7, 'event.name': 'old' }, 'x'))
    expect(record.eventName).toBe('')
    expect({ ...record.attributes }).toEqual({ 'otel.event.name': 7, 'event.name': 'old' })
  })

  it('R19: attributes that are left out are counted in the record', async () => {
    const fields = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`k${i}`, i]))
    const record = await yard.one(mode, (log) => log.info(fields, 'x'))
    expect(Object.keys(record.attributes)).toHaveLength(128)
    expect(record.droppedAttributesCount).toBe(72)
  })

  // The specification recommends the logger's name. A line does not tell that name from any other field called so.
  it("R20: the scope is this package by default, and the logger's name with `scope: 'name'`", async () => {
    const log = (it: pino.Logger<string>): void => it.info('x')
    const logger = { name: 'db' }
    const fixed = await yard.one(mode, log, { logger })
    const named = await yard.one(mode, log, { logger, transport: { scope: 'name' } })
    const own = await yard.one(mode, log, { logger, transport: { scope: { name: 'orders', version: '2' } } })
    expect(fixed.scope).toMatchObject({ name: 'pino-otlp', version: expect.stringMatching(/^\d+\.\d+\.\d+/) })
    expect(named.scope).toMatchObject({ name: 'db', version: '' })
    expect(own.scope).toMatchObject({ name: 'orders', version: '2' })
    expect([fixed.attributes['name'], named.attributes['name']]).toEqual(['db', undefined])
    for (const { scope } of [fixed, named, own]) expect(Object.keys(scope.attributes)).toEqual([])
  })

  it('R21: the records of two loggers in one request stand in two scopes of one resource', async () => {
    const transport = yard.open(mode, { transport: { scope: 'name' } })
    await yard.arrived(() => {
      const loggers = ['db', 'http'].map((name) => pino({ name }, transport))
      for (let i = 0; i < 3; i++) for (const logger of loggers) logger.info({ i }, 'x')
      return transport.flush()
    })
    const { resourceLogs } = yard.receiver.requests.at(-1)!.message!
    expect(resourceLogs).toHaveLength(1)
    const scopes = resourceLogs[0]!.scopeLogs.map(({ scope, logRecords }) => [scope?.name, logRecords.length])
    expect(scopes).toEqual([
      ['db', 3],
      ['http', 3],
    ])
  })

  // The names come from several versions of the semantic conventions, so that no single one would be true.
  it('R22: no schema URL is claimed', async () => {
    const record = await yard.one(mode, (log) => log.info('x'))
    expect([record.resourceSchemaUrl, record.scopeSchemaUrl]).toEqual(['', ''])
  })
})

describe.each(PROTOCOLS)('fields that a hook made, over %s', (protocol) => {
  it.each<[string, Partial<LogRecord>]>([
    ['a short trace id', { traceId: 'bad', spanId: 'b7ad6b7169203331' }],
    ['ids of zeros', { traceId: '0'.repeat(32), spanId: '0'.repeat(16) }],
    ['a trace id in capitals', { traceId: 'AB'.repeat(16) }],
    ['a severity number that is too high', { severityNumber: 200 }],
    ['a severity number that is not whole', { severityNumber: 1.5 }],
  ])('R5, R11: %s is left out, and the record and its neighbours arrive', async (_what, fields) => {
    const records = await yard.emit(protocol, [{ ...fields, body: 'a' }, { body: 'b' }])
    const none = { traceId: '', spanId: '', severityNumber: 0 }
    expect(records).toMatchObject([
      { ...none, body: 'a' },
      { ...none, body: 'b' },
    ])
  })
})

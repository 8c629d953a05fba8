// R10 to R21: what else a record consists of: severity text, body, attributes, event name, scope.

import winston from 'winston'
import { createLogger, PROTOCOLS, Shipyard, UNFORMATTED } from '../ship.ts'

const { format } = winston
const yard = new Shipyard()

describe('fields', () => {
  it.each<[string, winston.Logform.Format]>([
    ['plain', format.json()],
    ['coloured', format.combine(format.colorize(), format.simple())],
    ['coloured and padded', format.cli()],
    ['in capitals', format((info) => ({ ...info, level: info.level.toUpperCase() }))()],
  ])('R10: the severity text is the level as the app wrote it, when stdout has it %s', async (_how, it) => {
    const record = await yard.one((log) => log['warn']!('x'), { logger: { format: it } })
    expect(record).toMatchObject({ severityText: 'warn', severityNumber: 13, body: 'x' })
    expect({ ...record.attributes }).toEqual({})
  })

  it('R11: a severity number is always from 1 to 24, or 0 where the level says nothing', async () => {
    const levels = { zero: -5, error: 0, odd: 0.5, info: 1, huge: 1e6 }
    const records = await yard.ship((log) => Object.keys(levels).forEach((level) => log[level]!('x')), {
      logger: { levels, level: 'huge' },
    })
    expect(records).toHaveLength(5)
    for (const { severityNumber } of records) {
      expect(severityNumber).toBeGreaterThanOrEqual(1)
      expect(severityNumber).toBeLessThanOrEqual(24)
    }
    const nothing = { logger: { levels: { alpha: 0, beta: 1 }, level: 'beta' } }
    expect(await yard.one((log) => log['beta']!('x'), nothing)).toMatchObject({
      severityNumber: 0,
      severityText: 'beta',
    })
  })

  it('R12: the message is the body, as a string', async () => {
    expect((await yard.one((log) => log['info']!('x'))).bodyValue).toEqual({ stringValue: 'x' })
  })

  it.each<[string, unknown, object]>([
    ['an object', { a: 1 }, { kvlistValue: { values: [{ key: 'a', value: { intValue: '1' } }] } }],
    ['a number', 42.5, { doubleValue: 42.5 }],
    ['null', null, {}],
    ['an array', ['a', 1], { arrayValue: { values: [{ stringValue: 'a' }, { intValue: '1' }] } }],
    ['false', false, { boolValue: false }],
    ['no text', '', { stringValue: '' }],
  ])('R12: a message that is %s is a body of that kind', async (_what, message, expected) => {
    expect((await yard.one((log) => log['info']!(message))).bodyValue).toEqual(expected)
  })

  it('R12: an entry without a message has no body, and its fields are attributes', async () => {
    const record = await yard.one((log) => log.log('info', { a: 1 } as never))
    expect(record.bodyValue).toBeUndefined()
    expect({ ...record.attributes }).toEqual({ a: 1 })
  })

  it('R13: a message under a key of the user, and an Error as a message, are found', async () => {
    const renamed = format((info) => {
      const { message, ...rest } = info
      return {
        ...rest,
        msg: message,
        [Symbol.for('level')]: info.level,
      } as unknown as winston.Logform.TransformableInfo
    })
    const setup = { logger: { format: renamed() }, transport: { keys: { message: 'msg' } } }
    const record = await yard.one((log) => log['info']!('x', { a: 1 }), setup)
    expect(record).toMatchObject({ body: 'x', severityNumber: 9 })
    expect({ ...record.attributes }).toEqual({ a: 1 })
    const thrown = await yard.one((log) => log['error']!(new TypeError('b')))
    expect(thrown.body).toBe('b')
    expect(thrown.attributes['exception.type']).toBe('TypeError')
  })

  it('R13: what metadata() has put under one key is lifted with keys.nested, and stays whole without', async () => {
    const logger = { format: format.combine(format.metadata(), format.json()) }
    const log = async (transport: object) => yard.one((it) => it['info']!('x', { a: { b: 1 } }), { logger, transport })
    expect({ ...(await log({ keys: { nested: 'metadata' } })).attributes }).toMatchObject({ a: { b: 1 } })
    expect({ ...(await log({})).attributes }).toMatchObject({ metadata: { a: { b: 1 } } })
  })

  it('R14: of equal keys one arrives, the one that stdout shows', async () => {
    const record = await yard.one((log) => log.child({ a: 2, b: 2 }).info('x', { a: 3 }), {
      logger: { defaultMeta: { a: 1, c: 1 } },
    })
    expect({ ...record.attributes }).toEqual({ a: 3, b: 2, c: 1 })
  })

  it('R14: keys that differ in case are two, and keys of every JavaScript object are keys like any other', async () => {
    const fields = Object.assign(JSON.parse('{"__proto__":1}') as object, { A: 1, a: 2, constructor: 3, toString: 4 })
    const record = await yard.one((log) => log.log({ level: 'info', message: 'x', ...fields }), {
      logger: { format: UNFORMATTED },
    })
    expect(Object.entries(record.attributes).toSorted()).toEqual([
      ['A', 1],
      ['__proto__', 1],
      ['a', 2],
      ['constructor', 3],
      ['toString', 4],
    ])
  })

  it('R15: an attribute without a name is left out and counted', async () => {
    const record = await yard.one((log) => log['info']!('x', { '': 1, a: 2 }))
    expect({ ...record.attributes }).toEqual({ a: 2 })
    expect(record.droppedAttributesCount).toBe(1)
  })

  it('R16: null, zero, false and what is empty arrive', async () => {
    const fields = { n: null, z: 0, f: false, e: '', l: [1, null], none: [], nothing: {} }
    const record = await yard.one((log) => log['info']!('x', fields))
    expect(record.attributeValues).toEqual({
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
    const record = await yard.one((log) => log['info']!('x', { 'otel.event.name': 'order.paid', a: 1 }))
    expect(record.eventName).toBe('order.paid')
    expect({ ...record.attributes }).toEqual({ a: 1 })
  })

  it('R17: what cannot be an event name stays an attribute, and so does the deprecated event.name', async () => {
    const fields = { 'otel.event.name': 7, 'event.name': 'old' }
    const record = await yard.one((log) => log['info']!('x', fields))
    expect(record.eventName).toBe('')
    expect({ ...record.attributes }).toEqual(fields)
  })

  it('R19: attributes that are left out are counted in the record', async () => {
    const fields = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`k${i}`, i]))
    const record = await yard.one((log) => log['info']!('x', fields))
    expect(Object.keys(record.attributes)).toHaveLength(128)
    expect(record.droppedAttributesCount).toBe(72)
  })
})

describe.each(PROTOCOLS)('scopes over %s', (protocol) => {
  // winston's loggers have no names of their own: the field `name` is what apps use.
  it("R20: the scope is this package by default, and the logger's name with `scope: 'name'`", async () => {
    const logger = { defaultMeta: { name: 'db' } }
    const log = async (transport: object) =>
      yard.one((it) => it['info']!('x'), { logger, transport: { protocol, ...transport } })
    const fixed = await log({})
    const named = await log({ scope: 'name' })
    const own = await log({ scope: { name: 'orders', version: '2' } })
    expect(fixed.scope).toMatchObject({ name: 'winston-otlp', version: expect.stringMatching(/^\d+\.\d+\.\d+/) })
    expect(named.scope).toMatchObject({ name: 'db', version: '' })
    expect(own.scope).toMatchObject({ name: 'orders', version: '2' })
    expect([fixed.attributes['name'], named.attributes['name']]).toEqual(['db', undefined])
    for (const { scope } of [fixed, named, own]) expect(Object.keys(scope.attributes)).toEqual([])
  })

  it('R21: the records of two loggers in one request stand in two scopes of one resource', async () => {
    const transport = yard.open({ protocol, scope: 'name' })
    await yard.arrived(() => {
      const loggers = ['db', 'http'].map((name) => createLogger({ defaultMeta: { name }, transports: [transport] }))
      for (let i = 0; i < 3; i++) for (const logger of loggers) logger.info('x')
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
})

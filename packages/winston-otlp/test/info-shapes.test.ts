// What winston makes of a log call without an Error, and what arrives of it, exactly: one row for each shape of an entry.
// The formats are those of users; what stdout shows of a row is in its name only where that surprises.

import winston from 'winston'
import { only, plainly, Shipyard, UNFORMATTED } from './ship.ts'
import { expectShape, JSON_FORMAT, LOGSTASH, METADATA, type Row } from './shapes.ts'

const { format } = winston
const yard = new Shipyard()
const SPLAT = format.combine(format.splat(), JSON_FORMAT)
const COLORS = format.combine(format.colorize({ all: true }), format.simple())
const CAPITALS = format.combine(
  format((info) => Object.assign(info, { level: info.level.toUpperCase() }))(),
  JSON_FORMAT,
)

const MESSAGES: Row[] = [
  ['info()', (log) => log.info(...([] as unknown as [never])), { body: '' }],
  ['info(undefined)', (log) => log.info(undefined as never), {}],
  ["info('')", (log) => log.info(''), { body: '' }],
  ['info(null)', (log) => log.info(null), { body: null }],
  ['info(42)', (log) => log.info(42), { body: 42 }],
  ['info({ a })', (log) => log.info({ a: 1 }), { body: { a: 1 } }],
  ['info({ message, a })', (log) => log.info({ message: 'm', a: 1 }), { body: 'm', attributes: { a: 1 } }],
  ["info({ message: '', a })", (log) => log.info({ message: '', a: 1 }), { body: { message: '', a: 1 } }],
  ["log('info', { a })", (log) => log.log('info', { a: 1 } as never), { attributes: { a: 1 } }],
  ['log({ level, message })', (log) => log.log({ level: 'warn', message: 'm' }), { body: 'm', severity: ['warn', 13] }],
  [
    'write({ level, message })',
    (log) => log.write({ level: 'info', message: 'm', a: 1 }),
    { body: 'm', attributes: { a: 1 } },
  ],
]

const ARGUMENTS: Row[] = [
  ["info('m', { a })", (log) => log.info('m', { a: 1 }), { body: 'm', attributes: { a: 1 } }],
  [
    "info('m', { message, level }), which winston joins",
    (log) => log.info('m', { message: 'z', level: 'x' }),
    { body: 'm z' },
  ],
  [
    "info('m', [1, 2]), of which stdout has the keys 0 and 1",
    (log) => log.info('m', [1, 2]),
    { body: 'm', attributes: { splat: [[1, 2]] } },
  ],
  [
    "info('m', 's', 5), of which stdout has nothing",
    (log) => log.info('m', 's', 5),
    { body: 'm', attributes: { splat: ['s', 5] } },
  ],
  [
    "info('message', 's'), a part of the text",
    (log) => log.info('message', 's'),
    { body: 'message', attributes: { splat: ['s'] } },
  ],
  ["info('m', null)", (log) => log.info('m', null), { body: 'm', attributes: { splat: [null] } }],
  ["info('m', undefined)", (log) => log.info('m', undefined), { body: 'm' }],
  [
    "info('m', new Date())",
    (log) => log.info('m', new Date(0)),
    { body: 'm', attributes: { splat: ['1970-01-01T00:00:00.000Z'] } },
  ],
  [
    "info('m', new Map())",
    (log) => log.info('m', new Map([['k', 1]])),
    { body: 'm', attributes: { splat: [{ k: 1 }] } },
  ],
  [
    "info('m', { a }, { b }), of which stdout has only a",
    (log) => log.info('m', { a: 1 }, { b: 2 }),
    { body: 'm', attributes: { a: 1, b: 2 } },
  ],
  [
    "info('u %s', 'bob', { a })",
    (log) => log.info('u %s', 'bob', { a: 1 }),
    { body: 'u %s', attributes: { a: 1, splat: ['bob'] } },
  ],
  [
    "info('50%sure', { a }), a token by chance",
    (log) => log.info('50%sure', { a: 1 }),
    { body: '50%sure', attributes: { a: 1 } },
  ],
]

const SPLATTED: Row[] = [
  [
    "info('m', 's', { a }), of which stdout has the key 0",
    (log) => log.info('m', 's', { a: 1 }),
    { body: 'm', attributes: { a: 1, splat: ['s'] } },
  ],
  ["info('m', { a }, { b })", (log) => log.info('m', { a: 1 }, { b: 2 }), { body: 'm', attributes: { a: 1, b: 2 } }],
  ["info('u %s', 'bob', { a })", (log) => log.info('u %s', 'bob', { a: 1 }), { body: 'u bob', attributes: { a: 1 } }],
  [
    "info('%d%% of %s', 50, 'x', 7)",
    (log) => log.info('%d%% of %s', 50, 'x', 7),
    { body: '50% of x', attributes: { splat: [7] } },
  ],
  ["info('%j', { a })", (log) => log.info('%j', { a: 1 }), { body: '{"a":1}' }],
]

const DECORATED: Row[] = [
  [
    'colorize({ all })',
    (log) => log.warn('m', { a: 1 }),
    { body: 'm', attributes: { a: 1 }, severity: ['warn', 13] },
    { format: COLORS },
  ],
  ['cli()', (log) => log.warn('m'), { body: 'm', severity: ['warn', 13] }, { format: format.cli() }],
  ['padLevels()', (log) => log.info('m'), { body: 'm' }, { format: format.padLevels() }],
  ['align()', (log) => log.info('m'), { body: 'm' }, { format: format.combine(format.align(), JSON_FORMAT) }],
  ['a message that is padded itself', (log) => log.info('  m'), { body: '  m' }, { format: COLORS }],
  [
    'a format that writes the level in capitals',
    (log) => log.warn('m'),
    { body: 'm', severity: ['warn', 13] },
    { format: CAPITALS },
  ],
  ['logstash()', (log) => log.info('m', { a: 1 }), { body: 'm', attributes: { a: 1 } }, { format: LOGSTASH }],
  ['logstash() of an object', (log) => log.info({ a: 1 }), { body: { a: 1 } }, { format: LOGSTASH }],
  [
    'metadata()',
    (log) => log.info('m', { a: 1 }),
    { body: 'm', attributes: { metadata: { a: 1 } } },
    { format: METADATA },
  ],
  [
    'label() and ms()',
    (log) => log.info('m'),
    { body: 'm', attributes: { label: 'db', ms: '+0ms' } },
    { format: format.combine(format.label({ label: 'db' }), format.ms()) },
  ],
  [
    'timestamp() with a clock face',
    (log) => log.info('m'),
    { body: 'm', attributes: { timestamp: '8:02' } },
    { format: format.timestamp({ format: () => '8:02' }) },
  ],
  [
    'prettyPrint()',
    (log) => log.info('m', { a: 1 }),
    { body: 'm', attributes: { a: 1 } },
    { format: format.prettyPrint() },
  ],
]

const OTHERS: Row[] = [
  [
    'defaultMeta, which wins over an entry and not over arguments',
    (log) => (log.info({ message: 'm', a: 2 }), log.info('m', { a: 2 })),
    { body: 'm', attributes: { a: 1 } },
    { defaultMeta: { a: 1 } },
  ],
  [
    'a format that returns a new object',
    (log) => log.info('m', { a: 1 }),
    { body: 'm', attributes: { a: 1, b: 2 } },
    { format: format((info) => ({ ...info, b: 2 }))() },
  ],
  [
    'a format that takes a field out',
    (log) => log.info('m', { password: 'p', a: 1 }),
    { body: 'm', attributes: { a: 1 } },
    { format: format((info) => (delete info['password'], info))() },
  ],
  [
    'a format that takes out what splat() has put in',
    (log) => log.info('u %s', 'bob', { password: 'p' }),
    { body: 'u bob' },
    { format: format.combine(format.splat(), format((info) => (delete info['password'], info))(), JSON_FORMAT) },
  ],
]

describe.each<[string, Row[], winston.LoggerOptions]>([
  ['messages with json()', MESSAGES, {}],
  ['messages without a format', MESSAGES, { format: UNFORMATTED }],
  ['arguments with json()', ARGUMENTS, {}],
  ['arguments with splat()', SPLATTED, { format: SPLAT }],
  ['formats for people and for others', DECORATED, {}],
  ['other', OTHERS, {}],
])('%s', (_name, rows, options) => {
  // Not four parameters: a row of three would have the fourth taken for a callback.
  it.each(rows)('%s arrives as it should', async (...[, log, expected, own]) => {
    const [record] = await yard.ship(log, { logger: { level: 'silly', ...options, ...own } })
    expectShape(record, expected)
  })
})

describe('entries', () => {
  it('of the same object, logged twice and changed after that, are encoded as they were', async () => {
    const entry = { message: 'm', n: 1, deep: { n: 1 } }
    const records = await yard.ship((log) => {
      log.info(entry)
      entry.n = entry.deep.n = 2
      log.warn(entry)
      entry.n = entry.deep.n = 3
    })
    expect(records.map(({ severityText, attributes }) => [severityText, plainly(attributes)])).toEqual([
      ['info', { n: 1, deep: { n: 1 } }],
      ['warn', { n: 2, deep: { n: 2 } }],
    ])
  })

  it('of profile() and startTimer() arrive, with or without a message', async () => {
    const [timer, profile] = await yard.ship((log) => {
      log.startTimer().done()
      log.profile('job')
      log.profile('job')
    })
    expect(timer).toMatchObject({ body: undefined, attributes: { durationMs: expect.any(Number) }, severityNumber: 9 })
    expect(profile).toMatchObject({ body: 'job', attributes: { durationMs: expect.any(Number) }, severityNumber: 9 })
  })

  it('that a format leaves out do not arrive, and the next one does', async () => {
    const even = format((info) => ((info['i'] as number) % 2 === 0 ? info : false))
    const records = await yard.ship((log) => [0, 1, 2].forEach((i) => log.info('m', { i })), {
      logger: { format: format.combine(even(), JSON_FORMAT) },
    })
    expect(records.map(({ attributes }) => attributes['i'])).toEqual([0, 2])
  })

  it('that are frozen arrive', async () => {
    const entry = Object.freeze({ [Symbol.for('level')]: 'warn', level: 'warn', message: 'm', a: 1 })
    const record = only(await yard.ship((log) => log.write(entry), { logger: { format: UNFORMATTED } }))
    expect(record).toMatchObject({ body: 'm', severityNumber: 13, attributes: { a: 1 } })
  })

  it('through a format of this transport arrive as it left them', async () => {
    const tagged = format((info) => Object.assign(info, { tag: 'x' }))
    const record = only(await yard.ship((log) => log.info('m', { a: 1 }), { transport: { format: tagged() } }))
    expect(record).toMatchObject({ body: 'm', attributes: { a: 1, tag: 'x' } })
  })

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['a Promise', Promise.resolve({ level: 'info', message: 'm' })],
    ['a number', 5],
  ])('for which a format returns %s take no later one with them', async (_what, returned) => {
    const odd = format((info) => (info['odd'] === true ? (returned as never) : info))
    const records = await yard.ship(
      (log) => {
        try {
          log.info('m', { odd: true })
        } catch {
          // winston's own, in some cases.
        }
        log.info('later')
      },
      { logger: { format: odd() } },
    )
    expect(records.map(({ body }) => body)).toEqual(['later'])
  })

  it('of a level that the logger does not have are not sent, as winston says itself', async () => {
    const said = jest.spyOn(console, 'error').mockImplementation(() => {})
    const records = await yard.ship((log) => void (log.log('nope', 'm'), log.info('later')))
    expect(said).toHaveBeenCalledWith('[winston] Unknown logger level: %s', 'nope')
    said.mockRestore()
    expect(records.map(({ body }) => body)).toEqual(['later'])
  })
})

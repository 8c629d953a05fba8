// `severityText`, `attributes` and `body`: how the records of a logger look to a backend that wants them otherwise.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { context, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { makeTempFolder, runApp } from '@otlp-logs/test-support'
import type { OtlpOptions } from 'pino-otlp'
import { MODES, only, PROTOCOLS, type Setup, Shipyard, WAYS } from './conformance/ship.ts'

const yard = new Shipyard()
const plainly = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_key, one: unknown) => (typeof one === 'bigint' ? `${one}n` : one)))

describe.each(MODES)('severityText by %s', (mode) => {
  it('R10: short is the short name of the number, whatever the level is called', async () => {
    const customLevels = { audit: 35, loud: 55 }
    const records = await yard.ship(
      mode,
      (log) => {
        for (const level of ['trace', 'info', 'audit', 'warn', 'error', 'loud', 'fatal']) log[level]!('x')
      },
      { logger: { customLevels, level: 'trace' }, transport: { severityText: 'short' } },
    )
    expect(records.map(({ severityText }) => severityText)).toEqual([
      'TRACE',
      'INFO',
      'INFO3',
      'WARN',
      'ERROR',
      'ERROR3',
      'FATAL',
    ])
  })

  it('S4: short adds no text to a line without a level', async () => {
    expect(await yard.write(mode, '{"msg":"x"}\n', { transport: { severityText: 'short' } })).toMatchObject([
      { severityNumber: 0, severityText: '' },
    ])
  })
})

describe.each(WAYS)('attributes by %s over %s', (mode, protocol) => {
  const big = 9007199254740993n
  const fields = {
    user: { id: big, name: 'é', tags: ['a', 'b'], none: null, empty: {}, nothing: [] },
    items: [{ sku: 1 }, { sku: 2, size: [3, 4] }],
    grid: [[1, 2], [3]],
    'a.b': 1,
    a: { b: 2 },
    n: 1.5,
  }
  const bigint = String(big)
  // JSON.stringify knows no bigint; pino writes one at the top of a logged object only.
  const line = (text: string): string => text.replace('"BIG"', bigint)
  const text = line(JSON.stringify({ level: 30, time: 1, ...fields, user: { ...fields.user, id: 'BIG' }, msg: 'x' }))

  it('V11: flat gives each value its dotted path, and keeps arrays of plain values', async () => {
    const record = only(await yard.write(mode, `${text}\n`, { transport: { attributes: 'flat', protocol } }))
    expect(plainly(record.attributes)).toEqual({
      'user.id': `${bigint}n`,
      'user.name': 'é',
      'user.tags': ['a', 'b'],
      'user.none': null,
      'user.empty': '{}',
      'user.nothing': [],
      'items.0.sku': 1,
      'items.1.sku': 2,
      'items.1.size': [3, 4],
      'grid.0': [1, 2],
      'grid.1': [3],
      'a.b': 1,
      'a.b#2': 2,
      n: 1.5,
    })
    expect(record.attributeValues['user.id']).toEqual({ intValue: bigint })
  })

  it('V11: json gives what is nested as its JSON text, with all digits', async () => {
    const record = only(await yard.write(mode, `${text}\n`, { transport: { attributes: 'json', protocol } }))
    expect(plainly(record.attributes)).toEqual({
      user: `{"id":${bigint},"name":"é","tags":["a","b"],"none":null,"empty":{},"nothing":[]}`,
      items: '[{"sku":1},{"sku":2,"size":[3,4]}]',
      grid: '[[1,2],[3]]',
      'a.b': 1,
      a: '{"b":2}',
      n: 1.5,
    })
  })

  it('V1: nested stays as it is, with all digits', async () => {
    const record = only(await yard.write(mode, `${text}\n`, { transport: { attributes: 'nested', protocol } }))
    expect(plainly(record.attributes)).toMatchObject({ user: { id: `${bigint}n` }, a: { b: 2 } })
  })
})

describe.each(MODES)('flat attributes by %s', (mode) => {
  const flat = { transport: { attributes: 'flat' } } as const

  it('V10: what nests too deep is cut, marked and counted, also in a flat attribute', async () => {
    let deep: object = { end: 1 }
    for (let i = 0; i < 100; i++) deep = { d: deep }
    const transport = yard.open(mode, { ...flat, logger: {} })
    const records = await yard.arrived(() => {
      transport.write(`${JSON.stringify({ level: 30, deep, msg: 'x' })}\n`)
      return transport.flush()
    })
    const [[path, value], ...others] = Object.entries(only(records).attributes) as [[string, unknown]]
    expect(path.split('.')).toHaveLength(31)
    expect([value, others]).toEqual(['[Truncated: nested deeper than 30 levels]', []])
    expect(transport.stats().truncated).toBe(1)
  })

  it('K1: the limit on attributes counts flat ones, and the rest is counted', async () => {
    const wide = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`k${i}`, i]))
    const record = await yard.one(mode, (log) => log.info({ wide }, 'x'), flat)
    expect(Object.keys(record.attributes)).toHaveLength(128)
    expect(record.droppedAttributesCount).toBe(72)
  })

  it('no flat name is taken for the level of the record', async () => {
    const record = await yard.one(mode, (log) => log.info({ log: { level: 'gold' } }, 'x'), flat)
    expect({ ...record.attributes }).toEqual({ 'custom.log.level': 'gold' })
  })

  it('R14: keys of every JavaScript object are paths like any other', async () => {
    const [record] = await yard.write(mode, '{"level":30,"__proto__":{"a":1},"b":{"__proto__":2}}\n', flat)
    expect(Object.entries(record!.attributes)).toEqual([
      ['__proto__.a', 1],
      ['b.__proto__', 2],
    ])
  })

  it.each([
    ['flat', { 'user.email': '[REDACTED]', 'user.id': 7 }],
    ['json', { user: '{"id":7,"email":"[REDACTED]"}' }],
  ] as const)('E9: redaction comes before %s', async (attributes, expected) => {
    const transport = { attributes, redact: { paths: ['user.email'] } }
    const record = await yard.one(mode, (log) => log.info({ user: { id: 7, email: 'a@b.c' } }, 'x'), { transport })
    expect({ ...record.attributes }).toEqual(expected)
  })
})

describe.each(MODES)('body by %s', (mode) => {
  const line = { transport: { body: 'line' } } as const

  it('L10: line is the very text that pino wrote, beside all that the record has', async () => {
    const text = '{"level":30,"time":1795238556471,"n": 9007199254740993,"a":{"b":1},"a":{"b":2},"msg":"x\\u00e9"}'
    const record = only(await yard.write(mode, `${text}\r\n`, line))
    expect(record).toMatchObject({ body: text, severityNumber: 9, timeUnixNano: 1795238556471000000n })
    expect(plainly(record.attributes)).toEqual({ n: '9007199254740993n', a: { b: 2 } })
  })

  it('L10: line has nothing of what travels with the line', async () => {
    const manager = new AsyncLocalStorageContextManager().enable()
    context.setGlobalContextManager(manager)
    try {
      const spanContext = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1 }
      const active = trace.setSpan(context.active(), trace.wrapSpanContext(spanContext))
      const logger = { base: null, timestamp: false } as const
      const records = await yard.ship(
        mode,
        (log) =>
          context.with(active, () => {
            log.info('x')
            log.child({}, { customLevels: { note: 35 } } as never)['note' as 'info']('"otlp_logs.splice":"')
          }),
        { ...line, logger },
      )
      expect(records.map(({ body }) => body)).toEqual([
        '{"level":30,"msg":"x"}',
        String.raw`{"level":35,"msg":"\"otlp_logs.splice\":\""}`,
      ])
      expect(records.map(({ traceId }) => traceId)).toEqual([spanContext.traceId, spanContext.traceId])
    } finally {
      context.disable()
    }
  })

  it('L10: a line that is no JSON is its own body', async () => {
    expect(await yard.write(mode, 'no json\n', line)).toMatchObject([{ body: 'no json' }])
  })

  it('E9: what redaction takes out is not in the line, either', async () => {
    const redact = { paths: ['password', 'exception.message', 'user.email'], censor: 'remove' }
    const record = await yard.one(
      mode,
      (log) =>
        log.error(
          { err: new TypeError('secret1'), password: 'secret2', user: { id: 7, email: 'secret3' }, k: 1n },
          'x',
        ),
      { transport: { body: 'line', redact } },
    )
    expect(JSON.stringify(plainly(record))).not.toMatch(/secret\d/)
    expect(JSON.parse(record.body as string)).toEqual({
      level: 'error',
      time: new Date(Number(record.timeUnixNano / 1_000_000n)).toISOString(),
      'exception.type': 'TypeError',
      'exception.stacktrace': expect.stringContaining('TypeError: \n'),
      user: { id: 7 },
      k: 1,
      msg: 'x',
    })
  })

  it('E9: a line of which the body is redacted has no message', async () => {
    const transport = { body: 'line', redact: { paths: ['body'], censor: 'remove' } } as const
    const record = await yard.one(mode, (log) => log.info({ a: 1 }, 'secret'), { transport })
    expect(record.body).not.toContain('secret')
  })
})

it('E9: what a transform takes out of a record is not in the line, either', async () => {
  const transport: OtlpOptions = {
    body: 'line',
    transform: (record) => ({ ...record, attributes: { level: 'x', msg: 'y', kept: 1 } }),
  }
  const record = await yard.one('otlpStream', (log) => log.info({ password: 'secret' }, 'x'), { transport, logger: {} })
  expect(JSON.parse(record.body as string)).toMatchObject({
    level: 'info',
    'custom.level': 'x',
    'custom.msg': 'y',
    kept: 1,
    msg: 'x',
  })
  expect(record.body).not.toContain('secret')
})

it('E9: nor is what a transform of a worker takes out, which configModule brings', async () => {
  const folder = makeTempFolder()
  try {
    const configModule = join(folder.path, 'otlp.config.mjs')
    writeFileSync(configModule, 'export default { transform: (record) => ({ ...record, attributes: { kept: 1 } }) }')
    const setup: Setup = { logger: {}, transport: { body: 'line', configModule } }
    const record = await yard.one('otlpTransport', (log) => log.info({ password: 'secret' }, 'x'), setup)
    expect(JSON.parse(record.body as string)).toMatchObject({ kept: 1, msg: 'x' })
    expect(record.body).not.toContain('secret')
  } finally {
    folder.remove()
  }
})

it('a plain worker target of a CommonJS app knows the options, too', async () => {
  const options = { endpoint: yard.receiver.endpoint, severityText: 'short', attributes: 'flat', body: 'line' }
  const source = `
    const transport = { target: require.resolve('pino-otlp'), options: ${JSON.stringify(options)} }
    require('pino')({ base: null, timestamp: false, transport }).info({ a: { b: 1 } }, 'x')`
  const records = await yard.arrived(async () => {
    const { code, stderr } = await runApp(source, { resolveFrom: join(__dirname, '..'), extension: 'cjs' })
    expect([code, stderr]).toEqual([0, ''])
  })
  expect(only(records)).toMatchObject({
    severityText: 'INFO',
    attributes: { 'a.b': 1 },
    body: '{"level":30,"a":{"b":1},"msg":"x"}',
  })
})

describe.each(PROTOCOLS)('values that no line can carry, over %s', (protocol) => {
  const record = {
    attributes: {
      map: new Map<unknown, unknown>([[1, new Set([2n ** 64n, Number.NaN])]]),
      error: new RangeError('far'),
      bytes: Buffer.from('hi'),
      inner: { bytes: Buffer.from('hi'), at: new Date(0), bad: Number.POSITIVE_INFINITY },
      get trap(): unknown {
        throw new Error('trap')
      },
      circle: {} as Record<string, unknown>,
    },
  }
  record.attributes.circle['self'] = record.attributes.circle

  it('V9: flat and json take whatever comes, and leave a mark where it cannot be read', async () => {
    const flat = only(await yard.emit(protocol, [record], { attributes: 'flat' }))
    expect({ ...flat.attributes, 'error.stack': '' }).toEqual({
      'map.1': ['18446744073709551616', Number.NaN],
      'error.type': 'RangeError',
      'error.message': 'far',
      'error.stack': '',
      bytes: Buffer.from('hi'),
      'inner.bytes': Buffer.from('hi'),
      'inner.at': '1970-01-01T00:00:00.000Z',
      'inner.bad': Number.POSITIVE_INFINITY,
      trap: '[Throws: trap]',
      'circle.self': '[Circular]',
    })
    const json = only(await yard.emit(protocol, [record], { attributes: 'json' }))
    expect({ ...json.attributes }).toMatchObject({
      map: '{"1":["18446744073709551616","NaN"]}',
      bytes: Buffer.from('hi'),
      inner: '{"bytes":"aGk=","at":"1970-01-01T00:00:00.000Z","bad":"Infinity"}',
      trap: '[Throws: trap]',
      circle: '{"self":"[Circular]"}',
    })
  })
})

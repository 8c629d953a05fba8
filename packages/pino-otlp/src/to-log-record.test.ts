import * as fc from 'fast-check'
import { type LogRecord, type OtlpOptions, resolveOptions } from 'otlp-logs-core'
import pino from 'pino'
import { SPLICE_KEY } from './splice.ts'
import { LineMapper, type PinoConfig } from './to-log-record.ts'

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c'
const SPAN_ID = 'b7ad6b7169203331'
const NOW = 1_795_239_200_469
const NANOS = BigInt(NOW) * 1_000_000n

function mapperOf(options: OtlpOptions = {}): LineMapper {
  const { settings } = resolveOptions({ detectors: [], ...options }, { env: {} })
  return new LineMapper(settings)
}

const recordOf = (line: string, options?: OtlpOptions): LogRecord => mapperOf(options).toLogRecord(line, false)

/** What becomes of what a real logger writes, when the transport has been told about it, or has not. */
function logged(
  options: pino.LoggerOptions,
  log: (logger: pino.Logger) => void,
  otlp: OtlpOptions = {},
  told = true,
): LogRecord {
  const mapper = mapperOf(otlp)
  const lines: string[] = []
  const destination = {
    write: (line: string) => void lines.push(line),
    emit(event: string, message: { config: PinoConfig }) {
      if (told && event === 'message') mapper.learn(message.config)
      return true
    },
  }
  log(pino({ base: null, ...options }, destination))
  expect(lines).toHaveLength(1)
  return mapper.toLogRecord(lines[0]!.trimEnd(), false)
}

describe('LineMapper', () => {
  const before = BigInt(Date.now()) * 1_000_000n

  it('makes a record of a line', () => {
    const { observedTimeUnixNano, ...record } = recordOf(
      `{"level":30,"time":${NOW},"pid":496,"hostname":"vm","order":{"id":7},"msg":"placed"}`,
    )
    expect(record).toEqual({
      timeUnixNano: NANOS,
      severityNumber: 9,
      severityText: 'info',
      body: 'placed',
      attributes: { 'process.pid': 496, 'host.name': 'vm', order: { id: 7 } },
    })
    expect(observedTimeUnixNano).toBeGreaterThanOrEqual(before)
  })

  it('makes the same record of a line whether or not a hook is to see it, with names and values in the same order', () => {
    const key = fc.oneof(
      fc.constantFrom(
        'pid',
        'hostname',
        'msg',
        'level',
        'time',
        'severity',
        '__proto__',
        'custom.level',
        'process.pid',
      ),
      fc.constantFrom('trace_id', 'err', 'otel.event.name', 'name', SPLICE_KEY),
      fc.string(),
    )
    const value = fc.oneof(
      fc.constantFrom<unknown>(496, 'vm', TRACE_ID, `${TRACE_ID}-${SPAN_ID}-01`, { type: 'E', message: 'm' }),
      fc.jsonValue(),
    )
    const resource = { 'process.pid': 496, 'host.name': 'vm' }
    const plain = mapperOf({ resource })
    const hooked = mapperOf({ resource, transform: (record) => record })
    const told = ({ attributes, observedTimeUnixNano: _observed, ...record }: LogRecord): unknown => [
      record,
      Object.entries(attributes).filter(([, each]) => each !== undefined),
    ]
    fc.assert(
      fc.property(fc.array(fc.tuple(key, value), { maxLength: 12 }), fc.boolean(), (fields, isPinos) => {
        const text = fields.map((field) => field.map((each) => JSON.stringify(each)).join(':'))
        const line = `{${[...(isPinos ? [`"level":30,"time":${NOW}`] : []), ...text].join(',')}}`
        // Twice, as what was seen of the first is used for the second.
        for (let i = 0; i < 2; i++) {
          expect(told(plain.toLogRecord(line, false))).toEqual(told(hooked.toLogRecord(line, false)))
        }
      }),
      { numRuns: 500 },
    )
  })

  it('gives a hook a record with no attributes but those that are sent', () => {
    const line = `{"level":30,"time":${NOW},"pid":496,"hostname":"vm","a":1,"msg":"x"}`
    const resource = { 'process.pid': 496, 'host.name': 'vm' }
    const { attributes } = recordOf(line, { resource, filter: () => true })
    expect(Object.keys(attributes)).toEqual(['a'])
  })

  it('does not repeat in each record what the resource says', () => {
    const line = `{"level":30,"time":${NOW},"pid":496,"hostname":"vm","msg":"x"}`
    expect(recordOf(line, { resource: { 'process.pid': 496, 'host.name': 'vm' } }).attributes).toEqual({})
    expect(recordOf(line, { resource: { 'process.pid': 497, 'host.name': 'vm2' } }).attributes).toEqual({
      'process.pid': 496,
      'host.name': 'vm',
    })
  })

  describe('understands what pino can be told to write', () => {
    const error = Object.assign(new TypeError('boom'), { code: 'E_X' })
    const exception = {
      'exception.type': 'TypeError',
      'exception.message': 'boom',
      'exception.stacktrace': error.stack,
    }

    it.each<
      [
        string,
        pino.LoggerOptions,
        (logger: pino.Logger) => void,
        Partial<LogRecord> & { attributes?: unknown },
        OtlpOptions?,
      ]
    >([
      ['a message', {}, (log) => log.info('hi %s', 'you'), { body: 'hi you', attributes: {} }],
      ['no message', {}, (log) => log.info({ a: 1 }), { body: undefined, attributes: { a: 1 } }],
      ['null for a message', {}, (log) => log.info(null), { body: null }],
      ['an object for a message', {}, (log) => log.info({ msg: { a: 1 } }), { body: { a: 1 } }],
      [
        'another messageKey',
        { messageKey: 'message' },
        (log) => log.info({ msg: 'mine' }, 'hi'),
        { body: 'hi', attributes: { msg: 'mine' } },
      ],
      ['an error', {}, (log) => log.error(error), { body: 'boom', attributes: { ...exception, err: { code: 'E_X' } } }],
      [
        'an error with a message',
        {},
        (log) => log.error(error, 'failed'),
        { body: 'failed', attributes: { ...exception, err: { code: 'E_X' } } },
      ],
      [
        'another errorKey',
        { errorKey: 'problem' },
        (log) => log.error(error),
        { attributes: { ...exception, problem: { code: 'E_X' } } },
      ],
      [
        'an error in `err`, beside another errorKey',
        { errorKey: 'problem', serializers: { err: pino.stdSerializers.err } },
        (log) => log.info({ err: error }),
        { attributes: { ...exception, err: { code: 'E_X' } } },
      ],
      [
        'an error in `error`',
        { serializers: { error: pino.stdSerializers.err } },
        (log) => log.info({ error }, 'x'),
        { attributes: { ...exception, error: { code: 'E_X' } } },
      ],
      [
        'an object in `error` that is no error',
        {},
        (log) => log.info({ error: { message: 'no' } }),
        { attributes: { error: { message: 'no' } } },
      ],
      [
        'an error in a field of another name',
        { serializers: { cause: pino.stdSerializers.err } },
        (log) => log.info({ cause: error }),
        { attributes: { cause: { type: 'TypeError', message: 'boom', stack: error.stack, code: 'E_X' } } },
      ],
      [
        'epochTime',
        { timestamp: () => `,"time":${NOW}` },
        (log) => log.info('x'),
        { timeUnixNano: NANOS, attributes: {} },
      ],
      [
        'unixTime',
        { timestamp: () => `,"time":1795239200` },
        (log) => log.info('x'),
        { timeUnixNano: 1_795_239_200_000_000_000n, attributes: {} },
      ],
      [
        'isoTime',
        { timestamp: () => `,"time":"2026-11-21T05:33:20.469Z"` },
        (log) => log.info('x'),
        { timeUnixNano: NANOS, attributes: {} },
      ],
      [
        'isoTimeNano',
        { timestamp: () => `,"time":"2026-11-21T05:33:20.469000123Z"` },
        (log) => log.info('x'),
        { timeUnixNano: NANOS + 123n, attributes: {} },
      ],
      ['no time', { timestamp: false }, (log) => log.info('x'), { timeUnixNano: undefined, attributes: {} }],
      [
        'no time, but a field of that name',
        { timestamp: false },
        (log) => log.info({ time: '12:30' }, 'x'),
        { timeUnixNano: undefined, attributes: { time: '12:30' } },
      ],
      [
        'a time under another name',
        { timestamp: () => `,"@timestamp":"2026-11-21T05:33:20.469Z"` },
        (log) => log.info('x'),
        { timeUnixNano: NANOS, attributes: {} },
      ],
      [
        'a time under a name that the options tell',
        { timestamp: () => `,"at":${NOW}` },
        (log) => log.info('x'),
        { timeUnixNano: NANOS, attributes: {} },
        { keys: { time: 'at' } },
      ],
      [
        'what is no time',
        { timestamp: () => `,"time":"noon"` },
        (log) => log.info('x'),
        { timeUnixNano: undefined, attributes: { time: 'noon' } },
      ],
      [
        "a user's time",
        { timestamp: () => `,"time":${NOW}` },
        (log) => log.info({ time: '12:30' }),
        { timeUnixNano: NANOS, attributes: { time: '12:30' } },
      ],
      [
        "a user's level",
        {},
        (log) => log.warn({ level: 'gold' }),
        { severityNumber: 13, severityText: 'warn', attributes: { 'custom.level': 'gold' } },
      ],
      [
        'a name',
        { base: {}, name: 'shop' },
        (log) => log.info('x'),
        { scopeName: undefined, attributes: { name: 'shop' } },
      ],
      [
        'a name for the scope',
        { base: {}, name: 'shop' },
        (log) => log.info('x'),
        { scopeName: 'shop', attributes: {} },
        { scope: 'name' },
      ],
      [
        'nestedKey',
        { nestedKey: 'payload' },
        (log) => log.child({ a: 0 }).info({ a: 1, b: 2 }),
        { attributes: { a: 0, b: 2, payload: { a: 1 } } },
        { keys: { nested: 'payload' } },
      ],
      [
        'nestedKey with ids and an error',
        { nestedKey: 'payload' },
        (log) => log.info({ trace_id: TRACE_ID, span_id: SPAN_ID, err: error }, 'x'),
        { traceId: TRACE_ID, spanId: SPAN_ID, attributes: { ...exception, err: { code: 'E_X' } } },
        { keys: { nested: 'payload' } },
      ],
      [
        'nestedKey that the options do not tell',
        { nestedKey: 'payload' },
        (log) => log.info({ b: 2 }),
        { attributes: { payload: { b: 2 } } },
      ],
      [
        'a custom level',
        { customLevels: { audit: 35 } },
        (log) => (log as unknown as { audit(text: string): void }).audit('x'),
        { severityNumber: 11, severityText: 'audit' },
      ],
      [
        'only custom levels',
        {
          customLevels: { debug: 7, info: 6, error: 3 },
          useOnlyCustomLevels: true,
          level: 'debug',
          levelComparison: 'DESC',
        },
        (log) => (log as unknown as { error(text: string): void }).error('x'),
        { severityNumber: 17, severityText: 'error' },
      ],
      [
        'a level as a text',
        { formatters: { level: (label) => ({ level: label }) } },
        (log) => log.warn('x'),
        { severityNumber: 13, severityText: 'warn', attributes: {} },
      ],
      [
        'a level under another name',
        { formatters: { level: (label) => ({ severity: label.toUpperCase() }) } },
        (log) => log.warn('x'),
        { severityNumber: 13, severityText: 'WARN', attributes: {} },
      ],
      [
        'a level with its name beside it',
        { formatters: { level: (label, number) => ({ level: number, label }) } },
        (log) => log.warn('x'),
        { severityNumber: 13, severityText: 'warn', attributes: { label: 'warn' } },
      ],
      [
        'bindings',
        { formatters: { bindings: () => ({ host: 'h' }) } },
        (log) => log.child({}).info('x'),
        { body: 'x' },
      ],
      [
        'a mixin',
        { mixin: () => ({ trace_id: TRACE_ID, span_id: SPAN_ID, trace_flags: '01' }) },
        (log) => log.info('x'),
        { traceId: TRACE_ID, spanId: SPAN_ID, traceFlags: 1, attributes: {} },
      ],
      [
        "a user's ids above a mixin's",
        { mixin: () => ({ trace_id: 'f'.repeat(32) }) },
        (log) => log.info({ trace_id: TRACE_ID }),
        { traceId: TRACE_ID, attributes: {} },
      ],
      [
        'ids that are none',
        {},
        (log) => log.info({ trace_id: 'x', span_id: SPAN_ID }),
        { traceId: undefined, spanId: undefined, attributes: { trace_id: 'x', span_id: SPAN_ID } },
      ],
      [
        'what was redacted',
        { redact: { paths: ['pw', 'gone'], remove: false } },
        (log) => log.info({ pw: 'x' }),
        { attributes: { pw: '[Redacted]' } },
      ],
      ['msgPrefix', { msgPrefix: '[db] ' }, (log) => log.info('x'), { body: '[db] x' }],
      ['crlf', { crlf: true }, (log) => log.info('x'), { body: 'x', attributes: {} }],
      [
        'what JSON cannot say',
        {},
        (log) => log.info({ nan: Number.NaN, none: undefined, date: new Date(0), bytes: Buffer.of(1), map: new Map() }),
        { attributes: { nan: null, date: '1970-01-01T00:00:00.000Z', bytes: { type: 'Buffer', data: [1] }, map: {} } },
      ],
      ['a bigint', {}, (log) => log.info({ big: 2n ** 60n }), { attributes: { big: 2n ** 60n } }],
      [
        'the name of an event',
        {},
        (log) => log.info({ 'otel.event.name': 'order.placed' }),
        { eventName: 'order.placed', attributes: {} },
      ],
      [
        'a name of an event that is none',
        {},
        (log) => log.info({ 'otel.event.name': 5 }),
        { eventName: undefined, attributes: { 'otel.event.name': 5 } },
      ],
      [
        'a caller that the options tell',
        {},
        (log) => log.info({ caller: 'f (/app/a.js:1:2)' }),
        {
          attributes: {
            'code.function.name': 'f',
            'code.file.path': '/app/a.js',
            'code.line.number': 1,
            'code.column.number': 2,
          },
        },
        { keys: { caller: 'caller' } },
      ],
      [
        'a caller that is none',
        {},
        (log) => log.info({ caller: 'me' }),
        { attributes: { caller: 'me' } },
        { keys: { caller: 'caller' } },
      ],
      [
        'names that no backend may take for the level',
        {},
        (log) => log.info({ severity: 'x', lvl: 1, 'log.level': 2 }),
        { attributes: { 'custom.severity': 'x', 'custom.lvl': 1, 'custom.log.level': 2 } },
      ],
      [
        'exception.* of the user, above that of the error',
        {},
        (log) => log.error({ err: error, 'exception.type': 'Mine' }),
        { attributes: { ...exception, 'exception.type': 'Mine', err: { code: 'E_X' } } },
      ],
    ])('%s', (_name, options, log, expected, ...[otlp]) => {
      const record = logged(options, log, otlp)
      for (const [key, value] of Object.entries(expected)) expect(record[key as keyof LogRecord]).toEqual(value)
    })
  })

  it('understands a child with levels of its own, when it is told', () => {
    const mapper = mapperOf()
    mapper.learn({ levels: { labels: { '35': 'audit' } } })
    expect(mapper.toLogRecord('{"level":35,"msg":"x"}', false)).toMatchObject({
      severityNumber: 11,
      severityText: 'audit',
    })
  })

  it('knows the usual names without being told anything', () => {
    const record = logged({}, (log) => log.error(new Error('boom'), 'failed'), {}, false)
    expect(record).toMatchObject({ severityNumber: 17, body: 'failed', attributes: { 'exception.message': 'boom' } })
  })

  it('keeps the keys of every logger that shares the transport', () => {
    const mapper = mapperOf()
    mapper.learn({ messageKey: 'message', errorKey: 'problem' })
    mapper.learn({ messageKey: 'msg', errorKey: 'err' })
    const stack = 'Error: e\n  at x'
    expect(mapper.toLogRecord('{"level":30,"message":"a"}', false).body).toBe('a')
    expect(mapper.toLogRecord('{"level":30,"msg":"b"}', false).body).toBe('b')
    expect(mapper.toLogRecord(JSON.stringify({ level: 30, problem: { stack } }), false).attributes).toMatchObject({
      'exception.type': 'Error',
    })
    // pino writes the message last.
    expect(mapper.toLogRecord('{"level":30,"message":"field","msg":"text"}', false)).toMatchObject({
      body: 'text',
      attributes: { message: 'field' },
    })
  })

  it('heeds the keys of the options above those of the logger', () => {
    const mapper = mapperOf({ keys: { message: 'text', error: 'oops' } })
    mapper.learn({ messageKey: 'msg', errorKey: 'problem' })
    expect(mapper.toLogRecord('{"level":30,"text":"a","msg":"b"}', false)).toMatchObject({
      body: 'a',
      attributes: { msg: 'b' },
    })
  })

  it.each<[string, unknown]>([
    ['plain text', 'plain text'],
    ['{"cut":', '{"cut":'],
    ['[1,2]', [1, 2]],
    ['null', null],
    ['5', 5],
  ])('makes of %j, which is no object, a record with that for its body', (line, body) => {
    expect(recordOf(line)).toMatchObject({ body, severityNumber: 0, attributes: {} })
    expect(recordOf(line).timeUnixNano).toBeUndefined()
  })

  it('takes the span and the level that the main thread added; ids in the line win', () => {
    const spliced = (rest: string): LogRecord =>
      recordOf(`{"level":35${rest},"otlp_logs.splice":"${TRACE_ID}-${SPAN_ID}-01 notice"}`)
    expect(spliced('')).toMatchObject({
      traceId: TRACE_ID,
      spanId: SPAN_ID,
      traceFlags: 1,
      severityText: 'notice',
      severityNumber: 10,
      attributes: {},
    })
    const own = 'f'.repeat(32)
    expect(spliced(`,"trace_id":"${own}"`)).toMatchObject({ traceId: own, spanId: undefined })
  })

  it('reads the active span where lines are logged, unless the line has ids', () => {
    const api = Symbol.for('opentelemetry.js.api.1')
    const spanContext = (): object => ({ traceId: TRACE_ID, spanId: SPAN_ID, traceFlags: 1 })
    ;(globalThis as Record<symbol, unknown>)[api] = {
      context: { active: () => ({ getValue: () => ({ spanContext }) }) },
    }
    try {
      const mapper = mapperOf()
      expect(mapper.toLogRecord('{"level":30}', true)).toMatchObject({
        traceId: TRACE_ID,
        spanId: SPAN_ID,
        traceFlags: 1,
      })
      expect(mapper.toLogRecord('no object', true)).toMatchObject({ traceId: TRACE_ID })
      expect(mapper.toLogRecord(`{"level":30,"trace_id":"${'f'.repeat(32)}"}`, true)).toMatchObject({
        traceId: 'f'.repeat(32),
        spanId: undefined,
      })
      expect(mapper.toLogRecord('{"level":30}', false).traceId).toBeUndefined()
    } finally {
      delete (globalThis as Record<symbol, unknown>)[api]
    }
  })

  it('takes __proto__ for a field, everywhere', () => {
    const record = recordOf('{"level":30,"__proto__":{"polluted":1},"payload":{"__proto__":{"polluted":2}}}', {
      keys: { nested: 'payload' },
    })
    expect(Object.keys(record.attributes)).toContain('__proto__')
    expect((record.attributes as { polluted?: unknown }).polluted).toBeUndefined()
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
    expect(JSON.stringify(record.attributes)).toContain('{"polluted":2}')
  })
})

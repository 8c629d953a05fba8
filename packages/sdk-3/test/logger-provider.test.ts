// `loggerProvider`: an app's own provider of OpenTelemetry, of SDK 2.x and of SDK 3.x, by each way that is in-process.

import { type Receiver, startReceiver } from '@otlp-logs/test-support'
import { run, SDKS } from './app.ts'

const WAYS = [
  ['otlpStream', 'pino-otlp'],
  ['OtlpTransport', 'winston-otlp'],
] as const
const EVERY = SDKS.flatMap((sdk) => WAYS.map(([way, scope]) => [sdk, way, scope] as const))

let receiver: Receiver
beforeEach(async () => {
  receiver = await startReceiver()
})
afterEach(async () => {
  expect(receiver.problems).toEqual([])
  await receiver.close()
})

const bodies = (): unknown[] => receiver.records.map(({ body }) => body)

describe.each(EVERY)('SDK %i.x by %s', (sdk, way, scope) => {
  const app = (main: string) => run(sdk, receiver, main)
  const make = (options: string): string => `const { logger, transport } = makeLogger.${way}({ ${options} })`

  test('B16: records arrive through the provider that is registered, as the app would have them', async () => {
    const told = await app(`
      logs.setGlobalLoggerProvider(makeProvider())
      ${make(`loggerProvider: 'global'`)}
      logger.info({ message: 'hello', msg: 'hello', n: 1 })
      await transport.flush()
      tell([transport.stats(), said])`)
    expect(told).toMatchObject([[{ received: 1, sent: 1, dropped: { total: 0 }, waiting: { records: 0 } }, []]])
    expect(receiver.records).toMatchObject([
      {
        body: 'hello',
        severityNumber: 9,
        severityText: 'info',
        attributes: { n: 1 },
        resource: { 'service.name': 'the-app' },
        scope: { name: scope },
      },
    ])
  })

  test('B16: records arrive through a provider that is given, and not through the one that is registered', async () => {
    await app(`
      logs.setGlobalLoggerProvider(makeProvider())
      const own = makeProvider({ resource: resourceFromAttributes({ 'service.name': 'given' }) })
      ${make('loggerProvider: own')}
      logger.info('hello')
      await transport.flush()`)
    expect(receiver.records.map(({ resource }) => resource['service.name'])).toEqual(['given'])
  })

  test('B16: a provider that is registered later is found; what came before it is counted, and said once', async () => {
    const [stats, said] = (await app(`
      ${make(`loggerProvider: 'global'`)}
      logger.info('early')
      logger.info('early')
      logs.setGlobalLoggerProvider(makeProvider())
      logger.info('in time')
      await transport.flush()
      tell(transport.stats())
      tell(said)`)) as [unknown, string[]]
    expect(stats).toMatchObject({ received: 3, sent: 1, dropped: { total: 2, no_provider: 2 } })
    expect(said).toEqual([
      expect.stringMatching(
        /^no LoggerProvider is registered: call `logs\.setGlobalLoggerProvider\(provider\)`.* or leave `loggerProvider` out .*; the record is dropped$/,
      ),
    ])
    expect(bodies()).toEqual(['in time'])
  })

  test('a flush holds for all records before it, two at once too', async () => {
    const [results] = await app(
      `
      logs.setGlobalLoggerProvider(makeProvider())
      ${make(`loggerProvider: 'global'`)}
      const flushes = []
      for (let i = 0; i < 4; i++) {
        for (let n = 0; n < 300; n++) logger.info('line')
        flushes.push(transport.flush().then((result) => ({ ...result, at: i })))
      }
      tell(await Promise.all(flushes))
      // Without a natural end, which would flush, too.
      process.reallyExit(0)`,
    )
    expect(results).toEqual([0, 1, 2, 3].map((at) => ({ complete: true, waiting: 0, at })))
    expect(receiver.records).toHaveLength(1200)
  })

  test('a natural end delivers what was handed over', async () => {
    await app(`
      logs.setGlobalLoggerProvider(makeProvider())
      ${make(`loggerProvider: 'global'`)}
      logger.info('last words')`)
    expect(bodies()).toEqual(['last words'])
  })

  test('an end of ours is none of the app', async () => {
    const [stats] = await app(`
      const provider = makeProvider()
      ${make('loggerProvider: provider')}
      logger.info('ours')
      await new Promise((resolve) => transport.once('finish', resolve).end())
      transport.write(late.${way})
      provider.getLogger('app').emit({ body: 'the app goes on' })
      await provider.forceFlush()
      tell(transport.stats())`)
    expect(bodies()).toEqual(['ours', 'the app goes on'])
    expect(stats).toMatchObject({ received: 2, sent: 1, dropped: { total: 1, shutdown: 1 } })
  })

  test('a record has the span that was active when it was logged, in its Context, too, and the baggage', async () => {
    const [seen] = await app(`
      context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
      const contexts = []
      const spy = { onEmit: (record, context) => contexts.push(context), forceFlush: async () => {}, shutdown: async () => {} }
      const exporter = new OTLPLogExporter({ url })
      const processors = [spy, new BatchLogRecordProcessor({ exporter })]
      ${make('loggerProvider: makeProvider({ processors })')}
      const spanContext = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1 }
      const key = Symbol.for('baggage of the test')
      context.with(trace.setSpanContext(ROOT_CONTEXT, spanContext).setValue(key, 'carried'), () => logger.info('inside'))
      logger.info('outside')
      await transport.flush()
      tell(contexts.map((context) => [trace.getSpanContext(context) ?? null, context.getValue(key) ?? null]))`)
    const [traceId, spanId] = ['0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331']
    expect(seen).toEqual([
      [{ traceId, spanId, traceFlags: 1 }, 'carried'],
      [null, null],
    ])
    expect(receiver.records).toMatchObject([
      { body: 'inside', traceId, spanId, flags: 1 },
      { body: 'outside', traceId: '', spanId: '' },
    ])
  })

  test('ids in the line beat the span that is active', async () => {
    await app(`
      context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
      ${make('loggerProvider: makeProvider()')}
      const active = { traceId: '1'.repeat(32), spanId: '1'.repeat(16), traceFlags: 1 }
      context.with(trace.setSpanContext(ROOT_CONTEXT, active), () => {
        logger.info({ message: 'x', trace_id: '2'.repeat(32), span_id: '2'.repeat(16), trace_flags: '00' })
      })
      await transport.flush()`)
    expect(receiver.records).toMatchObject([{ traceId: '2'.repeat(32), spanId: '2'.repeat(16), flags: 0 }])
  })

  test('hooks, redaction and the minimum severity hold, and what they leave out is counted', async () => {
    const [stats] = await app(`
      ${make(`
        loggerProvider: makeProvider(),
        minimumSeverity: 'INFO',
        filter: ({ attributes }) => attributes.noise !== true,
        transform: (record) => { if (record.attributes.bad) throw new Error('no key'); return record },
        redact: { paths: ['token'] },`)}
      logger.level = 'debug'
      logger.debug('below')
      for (const more of [{ noise: true }, { bad: true }, { token: 'secret' }]) logger.info({ message: 'line', ...more })
      await transport.flush()
      tell(transport.stats())`)
    expect(stats).toMatchObject({ received: 4, sent: 1, filtered: 2, dropped: { total: 1, hook_failed: 1 } })
    expect(receiver.records).toMatchObject([{ attributes: { token: '[REDACTED]' } }])
  })

  test('B13: what the configuration of the provider leaves out is counted as filtered', async () => {
    const [stats] = await app(`
      const loggerConfigurator = createLoggerConfigurator([{ pattern: '*', config: { minimumSeverity: 13 } }])
      ${make('loggerProvider: makeProvider({ loggerConfigurator })')}
      logger.info('too little')
      logger.error('enough')
      await transport.flush()
      tell(transport.stats())`)
    expect(stats).toMatchObject({ received: 2, sent: 1, filtered: 1, dropped: { total: 0 } })
    expect(bodies()).toEqual(['enough'])
  })

  test.each([
    ['without a processor', 'makeProvider({ processors: [] })'],
    ['that was shut down', '(await (async (provider) => (await provider.shutdown(), provider))(makeProvider()))'],
  ])('B14: a provider %s takes nothing, which is counted and said once', async (_, provider) => {
    const [stats, said] = await app(`
      ${make(`loggerProvider: ${provider}`)}
      for (let i = 0; i < 3; i++) logger.info('line')
      tell(transport.stats())
      tell(said)`)
    expect(stats).toMatchObject({ received: 3, sent: 0, filtered: 0, dropped: { total: 3, no_provider: 3 } })
    expect(said).toEqual([
      expect.stringMatching(/^the given LoggerProvider takes no log records \(it has no processor, /),
    ])
  })

  test('B12: what the SDK logs while it takes a record comes back as no record', async () => {
    const [stats] = await app(`
      const echo = { onEmit: () => logger.info('took a record'), forceFlush: async () => {}, shutdown: async () => {} }
      const exporter = new OTLPLogExporter({ url })
      const processors = [echo, new BatchLogRecordProcessor({ exporter })]
      ${make('loggerProvider: makeProvider({ processors })')}
      for (let i = 0; i < 3; i++) logger.info('line')
      await transport.flush()
      tell(transport.stats())`)
    expect(stats).toMatchObject({ received: 6, sent: 3, filtered: 3 })
    expect(bodies()).toEqual(['line', 'line', 'line'])
  })

  test('a processor that throws costs its record, and nothing else', async () => {
    const [stats, said] = await app(`
      let n = 0
      const picky = {
        onEmit() { if (n++ === 0) throw new Error('not this one') },
        forceFlush: async () => { throw new Error('no flush') },
        shutdown: async () => {},
      }
      ${make('loggerProvider: makeProvider({ processors: [picky] })')}
      logger.info('line')
      logger.info('line')
      tell(transport.stats())
      tell([await transport.flush(), said])`)
    expect(stats).toMatchObject({ received: 2, sent: 1, dropped: { total: 1, rejected: 1 } })
    expect(said).toEqual([
      { complete: false, waiting: 1 },
      [
        'the given LoggerProvider threw (not this one); the record is dropped',
        'the given LoggerProvider could not be flushed (no flush)',
      ],
    ])
  })

  test('options of sending are said to have no effect', async () => {
    const [said] = await app(`
      ${make(`loggerProvider: makeProvider(), endpoint: 'http://localhost:1', journal: { directory: '/nowhere' }`)}
      logger.info('line')
      tell(said)`)
    expect(said).toEqual(['Ignored `endpoint`, `journal`: with `loggerProvider`, that is up to the OpenTelemetry SDK'])
  })
})

import { ManualClock } from '@otlp-logs/test-support'
import type { ApiLogRecord, LoggerProviderLike } from './logger-provider.ts'
import { createPipeline } from './pipeline.ts'
import type { Pipeline } from './host.ts'
import type { LogRecord } from './record.ts'
import { resolveOptions } from './resolve-options.ts'

interface Taken {
  scope: [name: string, version: string | undefined]
  record: ApiLogRecord
}

const opened: Pipeline[] = []
afterEach(async () => {
  for (const pipeline of opened.splice(0)) await pipeline.shutdown(0)
})

/** A provider that keeps what it takes, and flushes as told. */
function makeProvider(forceFlush?: () => Promise<void>) {
  const taken: Taken[] = []
  const asked: string[] = []
  const provider: LoggerProviderLike = {
    getLogger(name, version) {
      asked.push(name)
      return { emit: (record) => void taken.push({ scope: [name, version], record }) }
    },
    ...(forceFlush && { forceFlush }),
  }
  return { provider, taken, asked }
}

function open(loggerProvider: LoggerProviderLike, options: object = {}, clock?: ManualClock): Pipeline {
  const { settings, warnings } = resolveOptions({ loggerProvider, diagnostics: 'none', ...options }, { env: {} })
  const host = { package: { name: 'a-package', version: '1.2.3' }, inProcess: true, clock }
  const pipeline = createPipeline(settings, warnings, host)
  opened.push(pipeline)
  return pipeline
}

function recordOf(fields: Partial<LogRecord> = {}): LogRecord {
  return { observedTimeUnixNano: 1n, severityNumber: 9, body: 'hello', attributes: {}, ...fields }
}

describe('SdkPipeline', () => {
  it('takes an API that has neither enabled() nor forceFlush()', async () => {
    const { provider, taken } = makeProvider()
    const pipeline = open(provider)
    pipeline.emit(recordOf())
    expect(await pipeline.forceFlush()).toEqual({ complete: true, waiting: 0 })
    expect(taken).toMatchObject([{ scope: ['a-package', '1.2.3'], record: { body: 'hello' } }])
  })

  it('hands records over in the shape that was asked for', () => {
    const { provider, taken } = makeProvider()
    const options = { attributes: 'flat', severityText: 'short', body: 'line', httpAttributes: true }
    const pipeline = open(provider, options)
    pipeline.emit(recordOf({ attributes: { a: { b: 1 }, req: { method: 'GET', url: '/a' } }, severityText: 'mild' }))
    expect(taken[0]?.record).toMatchObject({
      severityText: 'INFO',
      body: '{"level":"mild","http.request.method":"GET","url.path":"/a","a":{"b":1},"message":"hello"}',
    })
    expect({ ...taken[0]?.record.attributes }).toEqual({ 'http.request.method': 'GET', 'url.path': '/a', 'a.b': 1 })
    expect(pipeline.stats()).toMatchObject({ sent: 1, truncated: 0 })
  })

  it('asks for each logger once, and for 64 names at most', () => {
    const { provider, taken, asked } = makeProvider()
    const pipeline = open(provider, { scope: 'name' })
    for (let i = 0; i < 200; i++) pipeline.emit(recordOf({ scopeName: `logger ${i % 100}` }))
    expect(asked).toHaveLength(65)
    expect(taken).toHaveLength(200)
    expect(taken.at(-1)?.scope).toEqual(['a-package', '1.2.3'])
    expect(taken[0]?.scope).toEqual(['logger 0', undefined])
  })

  it('has the scope that was asked for', () => {
    const { provider, taken } = makeProvider()
    open(provider, { scope: { name: 'mine', version: '9' } }).emit(recordOf())
    expect(taken[0]?.scope).toEqual(['mine', '9'])
  })

  it('gives a flush up after its time, and the next one waits for it', async () => {
    const clock = new ManualClock()
    const flush = Promise.withResolvers<void>()
    let flushes = 0
    const { provider } = makeProvider(() => (flushes++, flush.promise))
    const pipeline = open(provider, {}, clock)
    pipeline.emit(recordOf())
    pipeline.emit(recordOf())
    const first = pipeline.forceFlush(100)
    await clock.advance(100)
    expect(await first).toEqual({ complete: false, waiting: 2 })
    const second = pipeline.forceFlush(100)
    await clock.advance(50)
    expect(flushes).toBe(1)
    flush.resolve()
    expect(await second).toEqual({ complete: true, waiting: 0 })
    expect(flushes).toBe(2)
  })

  it('counts what could not be read as encode_failed, and what had no record by its reason', () => {
    const { provider, taken } = makeProvider()
    const pipeline = open(provider)
    const attributes = new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error('no keys')
        },
      },
    )
    pipeline.emit(recordOf({ attributes }))
    pipeline.refuse('invalid_line')
    expect(pipeline.stats()).toMatchObject({ received: 2, dropped: { encode_failed: 1, invalid_line: 1 } })
    expect(taken).toEqual([])
  })

  it('counts a record of which something was cut', () => {
    const { provider } = makeProvider()
    const pipeline = open(provider)
    let body: unknown = 'core'
    for (let i = 0; i < 40; i++) body = [body]
    pipeline.emit(recordOf({ body }))
    expect(pipeline.stats()).toMatchObject({ sent: 1, truncated: 1 })
  })

  it('does nothing when it is not enabled', () => {
    const { provider, asked } = makeProvider()
    const pipeline = open(provider, { enabled: false })
    pipeline.emit(recordOf())
    expect([pipeline.stats().received, asked]).toEqual([0, []])
  })

  it('never lets a loggerProvider and another pipeline be asked for at once', () => {
    const { provider } = makeProvider()
    expect(() => open(provider, { pipeline: 'sdk' })).toThrow(
      'Expected `pipeline` to be left out beside `loggerProvider`, which is a way of its own, got `sdk`',
    )
  })
})

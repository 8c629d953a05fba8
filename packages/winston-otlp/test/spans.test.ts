// The span of a log call, where winston itself has lost it: with a slow transport on the logger, transports and formats
// run later, in the async context of another entry. A real OpenTelemetry context, and 100 requests at once.

import { context, ROOT_CONTEXT, type Span, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { TracerProvider } from '@opentelemetry/sdk-trace'
import winston from 'winston'
import Transport from 'winston-transport'
import { traceContext } from 'winston-otlp'
import { createLogger, fakeStdout, type Logger, only, Shipyard } from './ship.ts'

const { format } = winston
const yard = new Shipyard()
const tracer = new TracerProvider().getTracer('test')
const contexts = new AsyncLocalStorageContextManager()
beforeAll(() => context.setGlobalContextManager(contexts.enable()))
afterAll(() => context.disable())

const INSTRUMENTATION = Symbol.for('opentelemetry.js.contrib.winston.context')
const within = <T>(span: Span, act: () => T): T => context.with(trace.setSpan(context.active(), span), act)

/** A transport that calls back some time after each entry, and knows when it has had so many. */
class Slow extends Transport {
  readonly done: Promise<void>
  #left: number
  #resolve!: () => void

  readonly #millis: number

  constructor(count: number, millis = 5) {
    super()
    this.#millis = millis
    this.#left = count
    this.done = new Promise((resolve) => (this.#resolve = resolve))
  }

  override log(_info: unknown, next: () => void): void {
    setTimeout(() => {
      if (--this.#left === 0) this.#resolve()
      next()
    }, this.#millis)
  }
}

describe('spans under back-pressure', () => {
  it.each<[string, (logger: Logger, i: number) => void, winston.Logform.Format]>([
    ['of a logger', (logger, i) => logger.info('x', { i }), format.json()],
    ['of one object for each', (logger, i) => logger.info({ message: 'x', i }), format.json()],
    ['of child loggers', (logger, i) => logger.child({ i }).info('x'), format.json()],
    [
      'of errors',
      (logger, i) => logger['error']!(Object.assign(new Error('x'), { i })),
      format.errors({ stack: true }),
    ],
    ['through a format that copies entries', (logger, i) => logger.info('x', { i }), format((info) => ({ ...info }))()],
  ])('100 of 100 records %s have their own span, and so have the lines on stdout', async (_what, log, first) => {
    const spans = Array.from({ length: 100 }, (_, i) => tracer.startSpan(`request ${i}`))
    const { stdout, lines } = fakeStdout()
    const transport = yard.open()
    const slow = new Slow(100)
    const logger = createLogger({
      format: format.combine(first, traceContext(), format.json()),
      transports: [slow, stdout, transport],
    })
    const records = await yard.arrived(async () => {
      await Promise.all(
        spans.map((span, i) =>
          within(span, async () => {
            await new Promise(setImmediate)
            log(logger, i)
          }),
        ),
      )
      await slow.done
      await transport.flush()
    })
    const expected = new Map(spans.map((span, i) => [i, span.spanContext().spanId]))
    expect(new Map(records.map(({ attributes, spanId }) => [attributes['i'], spanId]))).toEqual(expected)
    const printed = lines.map((line) => JSON.parse(line) as { i: number; span_id: string })
    expect(new Map(printed.map(({ i, span_id }) => [i, span_id]))).toEqual(expected)
  })

  it('the time of a record is that of its log call, not of its turn', async () => {
    const transport = yard.open()
    const slow = new Slow(60, 200)
    const logger = createLogger({ format: format.timestamp(), transports: [slow, transport] })
    let loggedAt = 0
    const records = await yard.arrived(async () => {
      for (let i = 0; i < 60; i++) logger.info('x', { i })
      loggedAt = Date.now()
      await slow.done
      await transport.flush()
    })
    const times = records.map(({ timeUnixNano }) => Number(timeUnixNano / 1_000_000n))
    expect(times).toHaveLength(60)
    expect(Math.max(...times)).toBeLessThanOrEqual(loggedAt)
    expect(Number(records.at(-1)!.observedTimeUnixNano / 1_000_000n) - times.at(-1)!).toBeGreaterThan(100)
  })
})

describe('which span', () => {
  it("the instrumentation's captured context wins over the active span, and over ids in the entry", async () => {
    const [captured, active] = [tracer.startSpan('captured'), tracer.startSpan('active')]
    const fields = { [INSTRUMENTATION]: trace.setSpan(ROOT_CONTEXT, captured), trace_id: 'ab'.repeat(16), a: 1 }
    const record = only(
      await yard.ship((log) => within(active, () => log.log({ level: 'info', message: 'x', ...fields }))),
    )
    expect(record.spanId).toBe(captured.spanContext().spanId)
    expect(record.traceId).toBe(captured.spanContext().traceId)
    expect({ ...record.attributes }).toEqual({ a: 1 })
  })

  it('an instrumentation that captured no span leaves the others to speak', async () => {
    const active = tracer.startSpan('active')
    const fields = { [INSTRUMENTATION]: ROOT_CONTEXT }
    const record = only(
      await yard.ship((log) => within(active, () => log.log({ level: 'info', message: 'x', ...fields }))),
    )
    expect(record.spanId).toBe(active.spanContext().spanId)
  })

  it('an entry that a format logs while another is formatted has the span of its own', async () => {
    const [outer, inner] = [tracer.startSpan('outer'), tracer.startSpan('inner')]
    const transport = yard.open()
    let logger: Logger | undefined
    const nosy = format((info) => {
      if (info['i'] === 0) within(inner, () => logger?.child({ c: 1 }).info('x', { i: 1 }))
      return info
    })
    const records = await yard.arrived(() => {
      logger = createLogger({ format: nosy(), transports: [transport] })
      const child = logger.child({ c: 1 })
      within(outer, () => child.info('x', { i: 0 }))
      return transport.flush()
    })
    const found = new Map(records.map(({ attributes, spanId }) => [attributes['i'], spanId]))
    expect(found).toEqual(
      new Map([
        [0, outer.spanContext().spanId],
        [1, inner.spanContext().spanId],
      ]),
    )
  })

  it('traceContext() works on a logger without our transport, too', () => {
    const span = tracer.startSpan('active')
    const { stdout, lines } = fakeStdout()
    const logger = createLogger({ format: format.combine(traceContext(), format.json()), transports: [stdout] })
    within(span, () => logger.info('x'))
    within(span, () => logger.info('x', { trace_id: 'mine' }))
    logger.info('x')
    const { traceId, spanId } = span.spanContext()
    expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
      { trace_id: traceId, span_id: spanId, trace_flags: '01' },
      { trace_id: 'mine' },
      { message: 'x' },
    ])
    expect(lines[2]).not.toContain('trace_id')
  })
})

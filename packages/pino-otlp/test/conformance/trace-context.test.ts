// R5 to R9: which span a record belongs to.

import { context, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { TracerProvider } from '@opentelemetry/sdk-trace'
import pino from 'pino'
import { traceContext } from 'pino-otlp'
import { MODES, Shipyard, WAYS } from './ship.ts'

const yard = new Shipyard()
const TRACE_ID = '0af7651916cd43dd8448eb211c80319c'
const SPAN_ID = 'b7ad6b7169203331'

const NO_SPAN = { traceId: '', spanId: '', flags: 0 }

describe.each(WAYS)('ids in the line by %s over %s', (mode, protocol) => {
  const setup = { transport: { protocol } }

  it('R5: valid ids become the fields of the record', async () => {
    const record = await yard.one(mode, (log) => log.info({ trace_id: TRACE_ID, span_id: SPAN_ID }, 'x'), setup)
    expect(record).toMatchObject({ traceId: TRACE_ID, spanId: SPAN_ID, flags: 0 })
  })

  it.each([
    ['no hex', { trace_id: 'bad', span_id: SPAN_ID, trace_flags: '01' }],
    ['all zero', { trace_id: '0'.repeat(32), span_id: SPAN_ID }],
    ['too short', { trace_id: TRACE_ID.slice(1) }],
    ['too long', { trace_id: `${TRACE_ID}00`, a: 1 }],
    ['no text', { trace_id: 12, a: { b: 1 } }],
  ])('R5: a trace id that is %s is not sent as one, and nothing is lost', async (_what, fields) => {
    const record = await yard.one(mode, (log) => log.info(fields, 'x'), setup)
    expect(record).toMatchObject({ ...NO_SPAN, body: 'x' })
    expect(JSON.parse(JSON.stringify(record.attributes))).toEqual(fields)
  })

  it.each(['b7ad', '0'.repeat(16), 'no span id here!', null])(
    'R5: a span id %p leaves the trace id valid',
    async (id) => {
      const record = await yard.one(mode, (log) => log.info({ trace_id: TRACE_ID, span_id: id }, 'x'), setup)
      expect(record).toMatchObject({ traceId: TRACE_ID, spanId: '' })
      expect({ ...record.attributes }).toEqual({ span_id: id })
    },
  )

  it('R6: a span id without a trace id stays an attribute', async () => {
    const record = await yard.one(mode, (log) => log.info({ span_id: SPAN_ID }, 'x'), setup)
    expect(record).toMatchObject(NO_SPAN)
    expect({ ...record.attributes }).toEqual({ span_id: SPAN_ID })
  })

  it.each([
    ['01', 1],
    ['03', 3],
    ['ff', 255],
    ['00', 0],
    [1, 1],
    [255, 255],
  ])('R7: trace flags %p become the number %p', async (trace_flags, flags) => {
    const record = await yard.one(mode, (log) => log.info({ trace_id: TRACE_ID, trace_flags }, 'x'), setup)
    expect(record.flags).toBe(flags)
    expect({ ...record.attributes }).toEqual({})
  })

  it.each(['0x1', 'zz', '1', '', 256, -1, 1.5])('R7: trace flags %p are none, and stay an attribute', async (flags) => {
    const record = await yard.one(mode, (log) => log.info({ trace_id: TRACE_ID, trace_flags: flags }, 'x'), setup)
    expect(record).toMatchObject({ traceId: TRACE_ID, flags: 0 })
    expect({ ...record.attributes }).toEqual({ trace_flags: flags })
  })
})

describe.each(MODES)('ids in the line by %s', (mode) => {
  it.each([
    ['trace_id', 'span_id', 'trace_flags'],
    ['traceId', 'spanId', 'traceFlags'],
    ['trace.id', 'span.id', 'trace.flags'],
  ])('R8: %s, %s and %s move to the fields and are no attributes any more', async (traceKey, spanKey, flagsKey) => {
    const ids = { [traceKey]: TRACE_ID.toUpperCase(), [spanKey]: SPAN_ID.toUpperCase(), [flagsKey]: '01' }
    const record = await yard.one(mode, (log) => log.info({ ...ids, a: 1 }, 'x'))
    expect(record).toMatchObject({ traceId: TRACE_ID, spanId: SPAN_ID, flags: 1 })
    expect({ ...record.attributes }).toEqual({ a: 1 })
  })

  it('R8: ids in the bindings of a child logger are lifted, too', async () => {
    const record = await yard.one(mode, (log) => log.child({ trace_id: TRACE_ID, span_id: SPAN_ID }).info('x'))
    expect(record).toMatchObject({ traceId: TRACE_ID, spanId: SPAN_ID })
  })
})

describe.each(MODES)('the active span by %s', (mode) => {
  const tracer = new TracerProvider().getTracer('test')
  const contexts = new AsyncLocalStorageContextManager()
  beforeAll(() => context.setGlobalContextManager(contexts.enable()))
  afterAll(() => context.disable())

  it('R9: the span of a record is the one in which it was logged, not the one in which it was flushed', async () => {
    const [a, b] = [tracer.startSpan('a'), tracer.startSpan('b')]
    const transport = yard.open(mode)
    const logger = pino({}, transport)
    const records = await yard.arrived(() => {
      context.with(trace.setSpan(context.active(), a), () => logger.info('in a'))
      logger.info('in none')
      return context.with(trace.setSpan(context.active(), b), () => transport.flush())
    })
    const { traceId, spanId, traceFlags } = a.spanContext()
    expect(records).toMatchObject([
      { body: 'in a', traceId, spanId, flags: traceFlags },
      { body: 'in none', ...NO_SPAN },
    ])
    expect(Object.keys(records[0]!.attributes)).toEqual([])
  })

  it('R9: spans of interleaved requests are not mixed up', async () => {
    const spans = Array.from({ length: 20 }, (_, i) => tracer.startSpan(`request ${i}`))
    const transport = yard.open(mode)
    const logger = pino({}, transport)
    const records = await yard.arrived(async () => {
      await Promise.all(
        spans.map((span, i) =>
          context.with(trace.setSpan(context.active(), span), async () => {
            await Promise.resolve()
            logger.info({ i }, 'half')
            await new Promise(setImmediate)
            logger.info({ i }, 'done')
          }),
        ),
      )
      await transport.flush()
    })
    expect(records).toHaveLength(40)
    for (const { attributes, spanId } of records) {
      expect(spanId).toBe(spans[attributes['i'] as number]!.spanContext().spanId)
    }
  })

  it("R9: ids that stand in the line win over the active span's", async () => {
    const span = tracer.startSpan('active')
    const record = await yard.one(mode, (log) => {
      context.with(trace.setSpan(context.active(), span), () => log.info({ trace_id: TRACE_ID, span_id: SPAN_ID }, 'x'))
    })
    expect(record).toMatchObject({ traceId: TRACE_ID, spanId: SPAN_ID })
  })

  it('R9: the mixin gives the same ids, and they are no attributes', async () => {
    const span = tracer.startSpan('active')
    const log = (logger: pino.Logger<string>): void => {
      context.with(trace.setSpan(context.active(), span), () => logger.info('x'))
    }
    const record = await yard.one(mode, log, { logger: { mixin: traceContext } })
    const { traceId, spanId, traceFlags } = span.spanContext()
    expect(record).toMatchObject({ traceId, spanId, flags: traceFlags })
    expect(Object.keys(record.attributes)).toEqual([])
  })
})

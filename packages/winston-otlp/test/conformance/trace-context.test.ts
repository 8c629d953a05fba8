// R7 to R9: which span a record belongs to. What winston does under back-pressure is in ../spans.test.ts.

import { context, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { TracerProvider } from '@opentelemetry/sdk-trace'
import winston from 'winston'
import { traceContext } from 'winston-otlp'
import { createLogger, fakeStdout, PROTOCOLS, Shipyard } from '../ship.ts'

const yard = new Shipyard()
const TRACE_ID = '0af7651916cd43dd8448eb211c80319c'
const SPAN_ID = 'b7ad6b7169203331'
const NO_SPAN = { traceId: '', spanId: '', flags: 0 }

describe.each(PROTOCOLS)('ids in the entry over %s', (protocol) => {
  const transport = { protocol }

  it.each([
    ['01', 1],
    ['03', 3],
    ['ff', 255],
    [0, 0],
    [255, 255],
  ])('R7: trace flags %p become the number %p', async (trace_flags, flags) => {
    const record = await yard.one((log) => log['info']!('x', { trace_id: TRACE_ID, trace_flags }), { transport })
    expect(record.flags).toBe(flags)
    expect({ ...record.attributes }).toEqual({})
  })

  it.each(['0x1', 'zz', '1', '', 256, -1, 1.5])('R7: trace flags %p are none, and stay an attribute', async (flags) => {
    const fields = { trace_id: TRACE_ID, trace_flags: flags }
    const record = await yard.one((log) => log['info']!('x', fields), { transport })
    expect(record).toMatchObject({ traceId: TRACE_ID, flags: 0 })
    expect({ ...record.attributes }).toEqual({ trace_flags: flags })
  })

  it.each([
    ['trace_id', 'span_id', 'trace_flags'],
    ['traceId', 'spanId', 'traceFlags'],
  ])('R8: %s, %s and %s move to the fields and are no attributes any more', async (traceKey, spanKey, flagsKey) => {
    const ids = { [traceKey]: TRACE_ID.toUpperCase(), [spanKey]: SPAN_ID, [flagsKey]: '01' }
    const record = await yard.one((log) => log['info']!('x', { ...ids, a: 1 }), { transport })
    expect(record).toMatchObject({ traceId: TRACE_ID, spanId: SPAN_ID, flags: 1 })
    expect({ ...record.attributes }).toEqual({ a: 1 })
  })

  it('R8: ids of a child logger, or of defaultMeta, are lifted, and what is no id is not lost', async () => {
    const logger = { defaultMeta: { trace_id: TRACE_ID } }
    const record = await yard.one((log) => log.child({ span_id: SPAN_ID }).info('x'), { logger, transport })
    expect(record).toMatchObject({ traceId: TRACE_ID, spanId: SPAN_ID })
    const bad = await yard.one((log) => log['info']!('x', { trace_id: 'bad', span_id: SPAN_ID }), { transport })
    expect(bad).toMatchObject(NO_SPAN)
    expect({ ...bad.attributes }).toEqual({ trace_id: 'bad', span_id: SPAN_ID })
  })
})

describe('the active span', () => {
  const tracer = new TracerProvider().getTracer('test')
  const contexts = new AsyncLocalStorageContextManager()
  beforeAll(() => context.setGlobalContextManager(contexts.enable()))
  afterAll(() => context.disable())

  it('R9: the span of a record is the one in which it was logged, not the one in which it was flushed', async () => {
    const [a, b] = [tracer.startSpan('a'), tracer.startSpan('b')]
    const transport = yard.open()
    const logger = createLogger({ transports: [transport] })
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

  it("R9: ids that stand in the entry win over the active span's", async () => {
    const span = tracer.startSpan('active')
    const fields = { trace_id: TRACE_ID, span_id: SPAN_ID }
    const record = await yard.one((log) =>
      context.with(trace.setSpan(context.active(), span), () => log['info']!('x', fields)),
    )
    expect(record).toMatchObject({ traceId: TRACE_ID, spanId: SPAN_ID })
  })

  it('R9: with the format the ids are on stdout too, and are still no attributes', async () => {
    const span = tracer.startSpan('active')
    const { stdout, lines } = fakeStdout()
    const transport = yard.open()
    const format = winston.format.combine(traceContext(), winston.format.json())
    const [record] = await yard.arrived(() => {
      const logger = createLogger({ format, transports: [stdout, transport] })
      context.with(trace.setSpan(context.active(), span), () => logger.info('x'))
      logger.info('outside')
      return transport.flush()
    })
    const { traceId, spanId, traceFlags } = span.spanContext()
    expect(record).toMatchObject({ traceId, spanId, flags: traceFlags })
    expect(Object.keys(record!.attributes)).toEqual([])
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      { level: 'info', message: 'x', trace_id: traceId, span_id: spanId, trace_flags: '01' },
      { level: 'info', message: 'outside' },
    ])
  })
})

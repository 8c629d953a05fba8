import { type Context, context, ROOT_CONTEXT, type Span, trace } from '@opentelemetry/api'
import { contextOf } from './span-context.ts'

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c'
const SPAN_ID = 'b7ad6b7169203331'
const KEY = Symbol.for('a key of the app')

/** As the API reads it. */
const spanContextOf = (record: Parameters<typeof contextOf>[0]) => trace.getSpanContext(contextOf(record) as Context)

const record = { observedTimeUnixNano: 1n, severityNumber: 9, attributes: {} }
const spanned = { ...record, traceId: TRACE_ID, spanId: SPAN_ID, traceFlags: 1 }

/** Makes `active` what is active on this thread. */
function activate(active: Context): void {
  const manager = {
    active: () => active,
    with: (_: Context, fn: () => never) => fn(),
    bind: (_: Context, target: never) => target,
    enable: () => manager,
    disable: () => manager,
  }
  context.setGlobalContextManager(manager as never)
}

afterEach(() => context.disable())

describe('contextOf', () => {
  it('has exactly the span of the record, where the app manages no Context', () => {
    expect(spanContextOf(spanned)).toEqual({ traceId: TRACE_ID, spanId: SPAN_ID, traceFlags: 1 })
    expect(spanContextOf(record)).toBeUndefined()
  })

  it('is the active one where its span is that of the record', () => {
    const active = trace.setSpanContext(ROOT_CONTEXT, { traceId: TRACE_ID, spanId: SPAN_ID, traceFlags: 1 })
    activate(active)
    expect(contextOf(spanned)).toBe(active)
    expect(spanContextOf({ ...spanned, traceFlags: 0 })).toMatchObject({ traceFlags: 0 })
  })

  it('keeps what else is active, and takes the span away that is not of the record', () => {
    const other = { traceId: '1'.repeat(32), spanId: '1'.repeat(16), traceFlags: 1 }
    activate(trace.setSpanContext(ROOT_CONTEXT, other).setValue(KEY, 'kept'))
    expect(spanContextOf(spanned)).toMatchObject({ traceId: TRACE_ID })
    expect(spanContextOf(record)).toBeUndefined()
    expect(contextOf(record).getValue(KEY)).toBe('kept')
    expect(contextOf(spanned).getValue(KEY)).toBe('kept')
  })

  it.each([
    ['a trace id alone', { traceId: TRACE_ID }],
    ['ids that are none', { traceId: 'x', spanId: 'y' }],
  ])('has no span of %s', (_, ids) => {
    expect(spanContextOf({ ...record, ...ids })).toBeUndefined()
  })

  it('can be changed as every Context, and does not change itself', () => {
    const made = contextOf(spanned)
    const changed = made.setValue(KEY, 1)
    expect([made.getValue(KEY), changed.getValue(KEY), changed.deleteValue(KEY).getValue(KEY)]).toEqual([
      undefined,
      1,
      undefined,
    ])
    expect(trace.getSpanContext(changed as Context)?.spanId).toBe(SPAN_ID)
  })

  it('holds a span that a processor may treat as any other', () => {
    const span = trace.getSpan(contextOf(spanned) as Context) as Span
    expect(span.isRecording()).toBe(false)
    const same = span
      .setAttribute('a', 1)
      .setAttributes({})
      .addEvent('e')
      .addLink({ context: span.spanContext() })
      .addLinks([])
      .setStatus({ code: 0 })
      .updateName('n')
    expect(same).toBe(span)
    span.recordException('x')
    span.end()
  })
})

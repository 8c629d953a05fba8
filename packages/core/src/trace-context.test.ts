import { context, ROOT_CONTEXT, trace } from '@opentelemetry/api'
import { AsyncLocalStorage } from 'node:async_hooks'
import { activeSpan, isSpanId, isTraceId, spanOf, takeSpanIds, toTraceFlags, withoutTracing } from './trace-context.ts'

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c'
const SPAN_ID = 'b7ad6b7169203331'
const API = Symbol.for('opentelemetry.js.api.1')
const SUPPRESSED = Symbol.for('OpenTelemetry SDK Context Key SUPPRESS_TRACING')

/** The smallest context manager there is, as an app's OpenTelemetry SDK brings one. */
class Manager {
  readonly #storage = new AsyncLocalStorage<typeof ROOT_CONTEXT>()
  active(): typeof ROOT_CONTEXT {
    return this.#storage.getStore() ?? ROOT_CONTEXT
  }
  with<A extends unknown[], F extends (...args: A) => ReturnType<F>>(
    at: typeof ROOT_CONTEXT,
    fn: F,
    self?: ThisParameterType<F>,
    ...args: A
  ): ReturnType<F> {
    return this.#storage.run(at, () => fn.call(self, ...args))
  }
  bind<T>(_at: unknown, target: T): T {
    return target
  }
  enable(): this {
    return this
  }
  disable(): this {
    return this
  }
}

const inSpan = <T>(ids: { traceId?: string; spanId?: string; traceFlags?: number }, fn: () => T): T =>
  context.with(trace.setSpanContext(ROOT_CONTEXT, { traceId: TRACE_ID, spanId: SPAN_ID, traceFlags: 1, ...ids }), fn)

describe('activeSpan', () => {
  beforeEach(() => {
    context.setGlobalContextManager(new Manager())
  })
  afterEach(() => {
    context.disable()
    delete (globalThis as Record<symbol, unknown>)[API]
  })

  it('is the span of the running code, as the API has it', () => {
    expect(activeSpan()).toBeUndefined()
    inSpan({}, () => expect(activeSpan()).toEqual({ traceId: TRACE_ID, spanId: SPAN_ID, traceFlags: 1 }))
    expect(activeSpan()).toBeUndefined()
  })

  it('is none when its ids are not valid', () => {
    expect(inSpan({ traceId: '0'.repeat(32) }, activeSpan)).toBeUndefined()
    expect(inSpan({ spanId: 'x' }, activeSpan)).toBeUndefined()
  })

  it('keeps the flags within a byte', () => {
    expect(inSpan({ traceFlags: 0x301 }, activeSpan)?.traceFlags).toBe(1)
  })

  it.each<[string, unknown]>([
    ['no API', undefined],
    ['an API without a context manager', {}],
    [
      'one that throws',
      {
        context: {
          active: () => {
            throw new Error('boom')
          },
        },
      },
    ],
    ['one with no context', { context: { active: () => undefined } }],
    ['a span without a context', { context: { active: () => ({ getValue: () => ({}) }) } }],
  ])('is none, and never throws, with %s', (_name, api) => {
    ;(globalThis as Record<symbol, unknown>)[API] = api
    expect(activeSpan()).toBeUndefined()
  })

  it('can be read of a context that was kept', () => {
    const kept = trace.setSpanContext(ROOT_CONTEXT, { traceId: TRACE_ID, spanId: SPAN_ID, traceFlags: 1 })
    expect(spanOf(kept)).toEqual({ traceId: TRACE_ID, spanId: SPAN_ID, traceFlags: 1 })
    for (const none of [undefined, null, {}, 'x', ROOT_CONTEXT]) expect(spanOf(none)).toBeUndefined()
  })
})

describe('withoutTracing', () => {
  afterEach(() => {
    context.disable()
    delete (globalThis as Record<symbol, unknown>)[API]
  })

  it('tells instrumentation to keep out, and keeps the rest of the context', () => {
    context.setGlobalContextManager(new Manager())
    const seen = inSpan({}, () => withoutTracing(() => [context.active().getValue(SUPPRESSED), activeSpan()?.spanId]))
    expect(seen).toEqual([true, SPAN_ID])
    expect(context.active().getValue(SUPPRESSED)).toBeUndefined()
  })

  it('runs the code as it is where there is no OpenTelemetry', () => {
    expect(withoutTracing(() => 5)).toBe(5)
  })

  it('passes on what the code throws, and runs it once', () => {
    context.setGlobalContextManager(new Manager())
    let runs = 0
    const fail = (): never => {
      runs++
      throw new Error('boom')
    }
    expect(() => withoutTracing(fail)).toThrow('boom')
    expect(runs).toBe(1)
  })

  it('runs the code all the same when the context manager throws before', () => {
    const api = {
      active: () => ROOT_CONTEXT,
      with: () => {
        throw new Error('boom')
      },
    }
    ;(globalThis as Record<symbol, unknown>)[API] = { context: api }
    expect(withoutTracing(() => 5)).toBe(5)
  })

  it('gives the result although the context manager throws afterwards', () => {
    const manager = {
      active: () => ROOT_CONTEXT,
      with: (_at: unknown, fn: () => void) => {
        fn()
        throw new Error('boom')
      },
    }
    ;(globalThis as Record<symbol, unknown>)[API] = { context: manager }
    expect(withoutTracing(() => 5)).toBe(5)
  })
})

describe('isTraceId and isSpanId', () => {
  it.each<[unknown, boolean]>([
    [TRACE_ID, true],
    ['f'.repeat(32), true],
    [`${'0'.repeat(31)}1`, true],
    ['0'.repeat(32), false],
    [TRACE_ID.toUpperCase(), false],
    [TRACE_ID.slice(1), false],
    [`${TRACE_ID}\n`, false],
    [`${TRACE_ID}0`, false],
    [SPAN_ID, false],
    [5, false],
    [undefined, false],
  ])('take %p for a trace id: %p', (value, valid) => {
    expect(isTraceId(value)).toBe(valid)
  })

  it.each<[unknown, boolean]>([
    [SPAN_ID, true],
    ['0'.repeat(16), false],
    [SPAN_ID.toUpperCase(), false],
    [TRACE_ID, false],
    [null, false],
  ])('take %p for a span id: %p', (value, valid) => {
    expect(isSpanId(value)).toBe(valid)
  })
})

describe('toTraceFlags', () => {
  it.each<[unknown, number | undefined]>([
    [0, 0],
    [1, 1],
    [255, 255],
    ['01', 1],
    ['ff', 255],
    ['FF', 255],
    [256, undefined],
    [-1, undefined],
    [1.5, undefined],
    ['1', undefined],
    ['001', undefined],
    ['zz', undefined],
    [true, undefined],
    [undefined, undefined],
  ])('reads %p as %p', (value, flags) => {
    expect(toTraceFlags(value)).toBe(flags)
  })
})

describe('takeSpanIds', () => {
  it.each([
    ['trace_id', 'span_id', 'trace_flags'],
    ['traceId', 'spanId', 'traceFlags'],
    ['trace.id', 'span.id', 'trace.flags'],
  ] as const)('takes %s and its like out of the attributes', (traceKey, spanKey, flagsKey) => {
    const attributes = { [traceKey]: TRACE_ID, [spanKey]: SPAN_ID, [flagsKey]: '01', other: 1 }
    expect(takeSpanIds(attributes)).toEqual({ traceId: TRACE_ID, spanId: SPAN_ID, traceFlags: 1 })
    expect(attributes).toEqual({ other: 1 })
  })

  it.each<[string, Record<string, unknown>, object | undefined, Record<string, unknown>]>([
    [
      'lowers hex',
      { trace_id: TRACE_ID.toUpperCase(), span_id: SPAN_ID.toUpperCase() },
      { traceId: TRACE_ID, spanId: SPAN_ID, traceFlags: undefined },
      {},
    ],
    [
      'does without a span id',
      { trace_id: TRACE_ID },
      { traceId: TRACE_ID, spanId: undefined, traceFlags: undefined },
      {},
    ],
    [
      'leaves an invalid span id',
      { trace_id: TRACE_ID, span_id: 'x' },
      { traceId: TRACE_ID, spanId: undefined, traceFlags: undefined },
      { span_id: 'x' },
    ],
    [
      'leaves invalid flags',
      { trace_id: TRACE_ID, trace_flags: 'yes' },
      { traceId: TRACE_ID, spanId: undefined, traceFlags: undefined },
      { trace_flags: 'yes' },
    ],
    [
      'leaves an invalid trace id, and all with it',
      { trace_id: 'x', span_id: SPAN_ID, trace_flags: '01' },
      undefined,
      { trace_id: 'x', span_id: SPAN_ID, trace_flags: '01' },
    ],
    ['leaves a span id alone', { span_id: SPAN_ID }, undefined, { span_id: SPAN_ID }],
    ['leaves a trace id of zeros', { trace_id: '0'.repeat(32) }, undefined, { trace_id: '0'.repeat(32) }],
    [
      'takes the first names that are valid',
      { trace_id: 'x', traceId: TRACE_ID },
      { traceId: TRACE_ID, spanId: undefined, traceFlags: undefined },
      { trace_id: 'x' },
    ],
    [
      'mixes no names',
      { trace_id: TRACE_ID, spanId: SPAN_ID },
      { traceId: TRACE_ID, spanId: undefined, traceFlags: undefined },
      { spanId: SPAN_ID },
    ],
    ['knows none where there is none', { a: 1 }, undefined, { a: 1 }],
  ])('%s', (_name, attributes, ids, left) => {
    expect(takeSpanIds(attributes)).toEqual(ids)
    expect(attributes).toEqual(left)
  })
})

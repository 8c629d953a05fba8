// The Context of a record for the OpenTelemetry SDK: what is active on this thread (baggage, for processors that read it),
// with exactly the span that the record names. Without it the SDK would take the span that is active while it is told,
// which is not always the record's.

import type { ApiContext } from './logger-provider.ts'
import type { LogRecord } from './record.ts'
import { activeContext, isSpanId, isTraceId, SPAN_KEY, type SpanIds, spanOf } from './trace-context.ts'

export function contextOf({ traceId, spanId, traceFlags }: LogRecord): ApiContext {
  const active = activeContext()
  if (active !== undefined && isOf(spanOf(active), { traceId, spanId, traceFlags })) return active
  const base = active?.deleteValue(SPAN_KEY) ?? EMPTY
  // A SpanContext has both ids; a trace id that comes alone is told as an attribute.
  if (!isTraceId(traceId) || !isSpanId(spanId)) return base
  return base.setValue(SPAN_KEY, new SpanOfRecord({ traceId, spanId, traceFlags: (traceFlags ?? 0) & 0xff }))
}

function isOf(span: SpanIds | undefined, record: Pick<LogRecord, 'traceId' | 'spanId' | 'traceFlags'>): boolean {
  if (span === undefined) return record.traceId === undefined
  const { traceId, spanId, traceFlags } = span
  return traceId === record.traceId && spanId === record.spanId && (traceFlags ?? 0) === (record.traceFlags ?? 0)
}

/** As the API's own BaseContext, of which there may be no copy to be had. */
class PlainContext implements ApiContext {
  readonly #values: ReadonlyMap<symbol, unknown>

  constructor(values: ReadonlyMap<symbol, unknown> = new Map()) {
    this.#values = values
  }

  getValue(key: symbol): unknown {
    return this.#values.get(key)
  }

  setValue(key: symbol, value: unknown): ApiContext {
    return new PlainContext(new Map(this.#values).set(key, value))
  }

  deleteValue(key: symbol): ApiContext {
    const values = new Map(this.#values)
    values.delete(key)
    return new PlainContext(values)
  }
}

const EMPTY: ApiContext = new PlainContext()

interface SpanContext {
  traceId: string
  spanId: string
  traceFlags: number
}

/** A span that ended elsewhere: it has a context and records nothing, as the API's NonRecordingSpan. */
class SpanOfRecord {
  readonly #context: SpanContext

  constructor(context: SpanContext) {
    this.#context = context
  }

  spanContext(): SpanContext {
    return this.#context
  }

  isRecording(): boolean {
    return false
  }

  setAttribute(): this {
    return this
  }

  setAttributes(): this {
    return this
  }

  addEvent(): this {
    return this
  }

  addLink(): this {
    return this
  }

  addLinks(): this {
    return this
  }

  setStatus(): this {
    return this
  }

  updateName(): this {
    return this
  }

  recordException(): void {}

  end(): void {}
}

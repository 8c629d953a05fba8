// The format that puts the ids of the span into every line, on stdout too.

import { type Info } from './info.ts'
import { spanAtCall } from './stamp.ts'

/** What winston.format.combine takes; logform's own type is assignable both ways. */
export interface TraceContextFormat {
  options?: object
  // logform's TransformableInfo: its index signature holds anything.
  // oxlint-disable-next-line typescript/no-explicit-any
  transform(info: any): any
}

/**
 * `winston.format.combine(traceContext(), winston.format.json())`: adds `trace_id`, `span_id` and `trace_flags` of the
 * span that was active when the entry was logged, and nothing where there is none. Fields of these names in the entry win.
 */
export function traceContext(): TraceContextFormat {
  return {
    transform(info: Info): Info {
      const span = info['trace_id'] === undefined ? spanAtCall(info) : undefined
      if (span === undefined) return info
      const flags = (span.traceFlags ?? 0).toString(16).padStart(2, '0')
      return Object.assign(info, { trace_id: span.traceId, span_id: span.spanId, trace_flags: flags })
    },
  }
}

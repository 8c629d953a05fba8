// A span for lines to be logged in, by the OpenTelemetry API that an app would use.

import { context, ROOT_CONTEXT, trace, TraceFlags } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import type { Given } from './outlet.ts'

const SPAN = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  traceFlags: TraceFlags.SAMPLED,
}

/** What to run logging code with; nothing without `withSpan`. */
export function spanFor({ withSpan }: Given): { within(act: () => void): void } | undefined {
  if (!withSpan) return undefined
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  const active = trace.setSpan(ROOT_CONTEXT, trace.wrapSpanContext(SPAN))
  return { within: (act) => context.with(active, act) }
}

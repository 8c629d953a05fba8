// Tracing as the OpenTelemetry SDK for Node sets it up. Loaded before the service, so that node:http is instrumented when
// Fastify asks for it: `node --import ./tracing.mjs orders.mjs`.

import { isMainThread } from 'node:worker_threads'
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http'
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici'
import { NodeSDK } from '@opentelemetry/sdk-node'
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace'

const sdk = new NodeSDK({
  // The one reads `traceparent` from requests that come in, the other adds it to those that `fetch` sends.
  instrumentations: [new HttpInstrumentation(), new UndiciInstrumentation()],
  // This demo looks at logs, which go their own way. Without these lines, the SDK sends spans and metrics by OTLP, too.
  spanProcessors: [new SimpleSpanProcessor(new InMemorySpanExporter())],
  metricReaders: [],
  logRecordProcessors: [],
})
// pino's worker threads load this file, too, but have nothing to trace.
if (isMainThread) sdk.start()

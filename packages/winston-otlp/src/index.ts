// For users
export { OtlpTransport, type OtlpTransportOptions, type WinstonTransportOptions } from './transport.ts'
export { traceContext, type TraceContextFormat } from './trace-context.ts'
export { inspectJournal } from 'otlp-logs-core'
export type {
  DropReason,
  FlushResult,
  InstanceReport,
  JournalOptions,
  JournalReport,
  JournalStats,
  LogRecord,
  OtlpOptions,
  RejectedReport,
  Report,
  Scope,
  Stats,
} from 'otlp-logs-core'

// For users
export { default } from './worker.ts'
export { otlpStream } from './in-process.ts'
export { otlpTransport, type OtlpTransport } from './main-thread.ts'
export { traceContext } from './mixin.ts'
export type { OtlpStream } from './stream.ts'
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

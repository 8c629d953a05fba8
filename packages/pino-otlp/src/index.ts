// For users
export { default } from './worker.ts'
export { otlpStream } from './in-process.ts'
export { otlpTransport, type OtlpTransport } from './main-thread.ts'
export { traceContext } from './mixin.ts'
export type { OtlpStream } from './stream.ts'
export type { DropReason, FlushResult, LogRecord, OtlpOptions, Report, Scope, Stats } from 'otlp-logs-core'

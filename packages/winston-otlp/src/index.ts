// For users
export { OtlpTransport, type OtlpTransportOptions, type WinstonTransportOptions } from './transport.ts'
export { traceContext, type TraceContextFormat } from './trace-context.ts'
export type { DropReason, FlushResult, LogRecord, OtlpOptions, Report, Scope, Stats } from 'otlp-logs-core'

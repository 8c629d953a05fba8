// What users of the logger packages meet
export type { DropReason, FlushResult, Report, Stats } from './report.ts'
export type { OtlpOptions } from './options.ts'
export type { LogRecord, Scope } from './record.ts'

// What authors of adapters need
export type { Settings } from './options.ts'
export { resolveOptions } from './resolve-options.ts'
export { Diagnostics, records } from './diagnostics.ts'
export { closeOnSignals } from './exit.ts'
export { createPipeline, type Host, type Pipeline } from './pipeline.ts'
export { Counters, DROP_REASONS } from './report.ts'
export { isLevelName } from './attribute-name.ts'
export { millisToUnixNano } from './record.ts'
export { toUnixNano } from './unix-nano.ts'
export { PINO_ANCHORS, type SeverityAnchor, severityOfName, severityOfNumber } from './severity.ts'
export { type Exception, toException } from './exception.ts'
export { putSpan, RecordFields } from './record-fields.ts'
export { activeSpan, type SpanIds, spanOf } from './trace-context.ts'

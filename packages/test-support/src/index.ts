// The judges for tests: a receiver with scripted faults, processes to run apps in, and the official schema between them.

export { type Receiver, type ReceiverOptions, startReceiver } from './receiver.ts'
export {
  type GrpcReceiver,
  type GrpcReceiverOptions,
  type GrpcScript,
  type ReceivedCall,
  startGrpcReceiver,
} from './grpc-receiver.ts'
export type { GrpcAnswer } from './grpc-answer.ts'
export type { ReceivedRequest } from './request.ts'
export { flattenRecords, plain, type ReceivedRecord } from './record.ts'
export type { Answer, Script } from './answer.ts'
export { type App, type AppOptions, type AppResult, runApp, startApp } from './child.ts'
export { loggedBy, loggingApp, type LoggingAppOptions, type LoggingMode, LOGGING_MODES, saidBy } from './logging-app.ts'
export {
  type ReceiverProcess,
  type ReceiverProcessOptions,
  type ReceiverTally,
  startReceiverProcess,
} from './receiver-process.ts'
export { type TalliedRecord, Tally, type TallyCount, textOf } from './tally.ts'
export { type Collector, type CollectorOptions, startCollector } from './collector.ts'
export { findOtelcol } from './otelcol.ts'
export { type LokiEntry, toLokiEntry } from './loki.ts'
export { type Proxy, type ProxyOptions, startProxy } from './proxy.ts'
export { ManualClock } from './manual-clock.ts'
export { type Certificate, CertificateAuthority } from './certificates.ts'
export { makeTempFolder, type TempFolder } from './temp.ts'

// For tests that judge bytes without a network.
export {
  type AnyValue,
  decodeRequest,
  type Decoded,
  type Encoding,
  type KeyValue,
  type LogRecordMessage,
  type LogsMessage,
  type ResourceLogsMessage,
  type ScopeLogsMessage,
} from './decode.ts'
export { encodeRequestBytes, encodeResponseBytes, MAX_NESTED_MESSAGES } from './schema.ts'

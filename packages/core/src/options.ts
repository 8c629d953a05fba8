// What users may ask for: types only. What the rest of the core is told is in settings.ts.
// OtlpOptions is the same for every logger package. Option names, checks, environment names and defaults stand in
// option-table.ts; docs/configuration.md tells the same, held by a test.
// Precedence, everywhere: option > OTEL_EXPORTER_OTLP_LOGS_* > OTEL_EXPORTER_OTLP_* > default.

import type { JournalOptions } from './journal-options.ts'
import type { LoggerProviderLike } from './logger-provider.ts'
import type { LogRecord, Scope } from './record.ts'
import type { RecordOptions } from './record-options.ts'
import type { Report } from './report.ts'
import type { TlsOptions } from './tls-options.ts'

export type Protocol = 'http/protobuf' | 'http/json' | 'grpc'
export type Compression = 'none' | 'gzip' | 'zstd'
export type Detector = 'env' | 'host' | 'process' | 'serviceinstance'
export type Overflow = 'drop-oldest' | 'drop-newest'
export type DiagnosticsMode = 'stderr' | 'verbose' | 'none'

/** A Resource of `@opentelemetry/resources` 1.x, 2.x or 3.x, as far as it is looked at. */
export interface ResourceLike {
  readonly attributes: Readonly<Record<string, unknown>>
  readonly asyncAttributesPending?: boolean | undefined
  merge(other: never): unknown
}

/** Names of the fields that have a meaning of their own in a log line. */
export interface KeyOptions {
  /**
   * The field that holds the message. Set it when the logger's own setting cannot be seen by the transport.
   * @default the logger's own setting
   */
  message?: string | undefined
  /**
   * The field that holds the error. Set it when the logger's own setting cannot be seen by the transport.
   * @default the logger's own setting
   */
  error?: string | undefined
  /**
   * The field that holds the time. Set it when a custom timestamp function writes another name.
   * @default 'time'
   */
  time?: string | undefined
  /**
   * The field that holds the level. Set it when a formatter writes another name.
   * @default 'level'
   */
  level?: string | undefined
  /**
   * The field whose members become attributes of their own. Set it when the logger nests what it is given under one key.
   * @default none
   */
  nested?: string | undefined
  /**
   * The field that holds `file:line:column` of the call. Set it when such a field is written, to have it sent as `code.*`.
   * @default none
   */
  caller?: string | undefined
}

/** What is taken out of records before they leave the process. */
export interface RedactOptions {
  /** Which values to take out, such as `req.headers.authorization` or `users[*].email`. */
  paths: readonly string[]
  /**
   * What stands in a value's place. `'hash'` keeps equal values recognisable (HMAC-SHA-256 with `hashKey`);
   * `'remove'` takes the key out, too; any other text is written as it is.
   * @default '[REDACTED]'
   */
  censor?: string | undefined
  /**
   * The secret key of `censor: 'hash'`, at least 16 characters. Required there, since an unkeyed hash of a short value can be guessed.
   * @default none
   */
  hashKey?: string | undefined
}

export type HeadersRecord = Readonly<Record<string, string>>

/** Bounds on the attributes of one record. */
export interface LimitOptions {
  /**
   * How many attributes a record keeps; the rest is counted in `droppedAttributesCount`. Lower it for a backend that refuses wide records.
   * Environment: `OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT`, then `OTEL_ATTRIBUTE_COUNT_LIMIT`.
   * @default 128
   */
  attributeCountLimit?: number | undefined
  /**
   * How many characters (code points) of a string attribute, or bytes of a binary one, are kept. Set it when a backend refuses long values.
   * Environment: `OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT`, then `OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT`.
   * @default Infinity
   */
  attributeValueLengthLimit?: number | undefined
}

/** What a transport can be told. Every option may be left out. Functions cannot be given to a worker. */
export interface OtlpOptions extends RecordOptions {
  /**
   * The OTLP endpoint's base URL; `/v1/logs` is appended, and a query is kept. Use it for a Collector or a vendor that names a base URL.
   * Userinfo in it is sent as a Basic `authorization` header. Environment: `OTEL_EXPORTER_OTLP_ENDPOINT`.
   * @default 'http://localhost:4318'
   */
  endpoint?: string | undefined
  /**
   * The full URL, used as it is. Use it instead of `endpoint` when logs have a path of their own. Environment: `OTEL_EXPORTER_OTLP_LOGS_ENDPOINT`.
   * @default none
   */
  url?: string | undefined
  /**
   * How records are sent. Choose `'http/json'` only when the endpoint takes nothing else, `'grpc'` for one that speaks gRPC;
   * the latter needs the package `@grpc/grpc-js`.
   * Environment: `OTEL_EXPORTER_OTLP_LOGS_PROTOCOL`, then `OTEL_EXPORTER_OTLP_PROTOCOL`.
   * @default 'http/protobuf'
   */
  protocol?: Protocol | undefined
  /**
   * Headers of every request. Use them for credentials and tenant names; they replace those of the environment. A function,
   * which may be asynchronous, is asked before the first request and again after a 401: for tokens that run out. For a worker, by `configModule`.
   * Environment: `OTEL_EXPORTER_OTLP_LOGS_HEADERS`, then `OTEL_EXPORTER_OTLP_HEADERS`, as `name=value,name=value` with percent-encoding.
   * @default {}
   */
  headers?: HeadersRecord | (() => HeadersRecord | Promise<HeadersRecord>) | undefined
  /**
   * How requests are compressed. Choose `'gzip'` when the endpoint is remote: log lines shrink to about a tenth, for some CPU time.
   * Environment: `OTEL_EXPORTER_OTLP_LOGS_COMPRESSION`, then `OTEL_EXPORTER_OTLP_COMPRESSION`.
   * @default 'none'
   */
  compression?: Compression | undefined
  /**
   * Milliseconds that one attempt may take from connecting to the end of the answer; 0 means no limit. Raise it for a slow link.
   * Environment: `OTEL_EXPORTER_OTLP_LOGS_TIMEOUT`, then `OTEL_EXPORTER_OTLP_TIMEOUT`.
   * @default 10000
   */
  timeoutMillis?: number | undefined
  /** What an https endpoint is trusted by, and what it may ask of the client. Use it for a private authority, and for mTLS. */
  tls?: TlsOptions | undefined
  /**
   * Who logs: attributes such as `service.name`, or a Resource of `@opentelemetry/resources`, to share that of an app's traces.
   * `null` takes a detected attribute out. Environment: `OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES`; what is given here wins per key.
   * @default {}
   */
  resource?: Readonly<Record<string, unknown>> | ResourceLike | undefined
  /**
   * What is found out about the process and added to `resource`. Leave one out to send less; add `'serviceinstance'` for a random
   * `service.instance.id` per process, which is not a default because Loki makes a stream of each.
   * @default ['env', 'host', 'process']
   */
  detectors?: readonly Detector[] | undefined
  /**
   * The instrumentation scope of the records, or `'name'` to take each logger's own name. Set it when a backend groups by scope.
   * @default the transport's package
   */
  scope?: Scope | 'name' | undefined
  /**
   * Records below this severity are left out: 0 to 24, or a short name such as `'INFO'` or `'ERROR2'`. Use it to send less than stdout gets.
   * Records without a severity are kept.
   * @default 0
   */
  minimumSeverity?: number | string | undefined
  /**
   * Severity numbers (1 to 24) of levels, by level name or number. Use it for custom levels, or to map a level differently.
   * @default {}
   */
  severity?: Readonly<Record<string, number>> | undefined
  /** Names of the fields with a meaning of their own. Use it when the logger is configured to write others. */
  keys?: KeyOptions | undefined
  /** What is taken out of records before they leave the process. Use it for secrets and personal data that the logger still prints. */
  redact?: RedactOptions | undefined
  /** Bounds on the attributes of one record. Use them for a backend that refuses wide or long records. */
  limits?: LimitOptions | undefined
  /**
   * How many bytes one encoded record may have, at least 1024; longer strings are cut and marked. Lower it for a backend with a smaller line limit.
   * @default 1048576
   */
  maxRecordBytes?: number | undefined
  /**
   * How many bytes may wait to be sent, at least 65536. This bounds the memory; raise it to survive longer outages.
   * @default 67108864
   */
  maxQueueBytes?: number | undefined
  /**
   * How many records may wait to be sent. Set it when a count is wanted beside the bound in bytes. Environment: `OTEL_BLRP_MAX_QUEUE_SIZE`.
   * @default Infinity
   */
  maxQueueSize?: number | undefined
  /**
   * How many records one request carries at most, no more than `maxQueueSize`. Lower it for an endpoint that limits requests by count.
   * Environment: `OTEL_BLRP_MAX_EXPORT_BATCH_SIZE`.
   * @default 8192
   */
  maxExportBatchSize?: number | undefined
  /**
   * How many bytes one request carries at most before compression, 1024 to 67108864; a single longer record goes alone.
   * Lower it for an endpoint that answers 413.
   * @default 1048576
   */
  maxExportBatchBytes?: number | undefined
  /**
   * Milliseconds after which a batch is sent although it is not full. Raise it for fewer requests, lower it to see records sooner.
   * Environment: `OTEL_BLRP_SCHEDULE_DELAY`.
   * @default 1000
   */
  scheduledDelayMillis?: number | undefined
  /**
   * Milliseconds that a flush waits at most; 0 means no limit. Set it to what the caller of flush can afford. Environment: `OTEL_BLRP_EXPORT_TIMEOUT`.
   * @default 30000
   */
  exportTimeoutMillis?: number | undefined
  /**
   * Milliseconds that closing, and so the end of the process, may wait for delivery: 0 to 9000, because pino kills its worker after 10 s.
   * 0 means not to wait. Lower it where processes must end fast.
   * @default 5000
   */
  closeTimeoutMillis?: number | undefined
  /**
   * Which record goes when the queue is full. Choose `'drop-newest'` when the start of an incident matters more than its end.
   * @default 'drop-oldest'
   */
  overflow?: Overflow | undefined
  /**
   * How many requests may be under way at once, 1 to 32. Raise it when one at a time cannot keep up with a far endpoint; the order of requests is then not kept.
   * @default 1
   */
  concurrency?: number | undefined
  /**
   * Keeps waiting records on disk, so that they survive crashes, restarts and long outages. Use it where a lost log line matters;
   * left out, or `false`, they wait in memory only.
   */
  journal?: false | JournalOptions | undefined
  /**
   * Whether SIGTERM and SIGINT deliver what waits before the process ends. Use it when the app has no handler for these signals.
   * @default false
   */
  closeOnSignals?: boolean | undefined
  /**
   * Whether anything is sent. Set it to switch sending off, or on against the environment.
   * Environment: `OTEL_SDK_DISABLED=true` and `OTEL_LOGS_EXPORTER=none` switch it off.
   * @default true
   */
  enabled?: boolean | undefined
  /**
   * What the transport says about itself on stderr: problems; `'verbose'` also the first success, the end of an outage, and
   * that a journal keeps what was not sent; or nothing.
   * Choose `'none'` when `onReport` takes the messages.
   * @default 'stderr'
   */
  diagnostics?: DiagnosticsMode | undefined
  /**
   * Hands records to an app's own OpenTelemetry pipeline instead of sending them: `'global'`, the provider that is registered with the
   * API, or a LoggerProvider. Use it where the SDK ships logs already. In-process only; options of sending have no effect.
   * @default none
   */
  loggerProvider?: 'global' | LoggerProviderLike | undefined
  /**
   * Who encodes, batches and sends: this library, or `'sdk'`, the OpenTelemetry SDK with its own exporter. Use that to compare the two.
   * Needs packages of OpenTelemetry. In-process only; it has no journal and no bound in bytes, and its queue drops in silence.
   * @default 'own'
   */
  pipeline?: 'own' | 'sdk' | undefined
  /**
   * A module whose default export is an object of options: a path (relative to the working directory), a file URL or the name of a
   * package. Use it for functions where pino ships from a worker. Options that are given beside it win.
   * @default none
   */
  configModule?: string | undefined
  /**
   * Says whether a record is sent. Use it to leave out records by content. For a worker, by `configModule`;
   * a record for which it throws, or returns a promise, is dropped as `hook_failed`.
   * @default none
   */
  filter?: ((record: LogRecord) => boolean) | undefined
  /**
   * Returns the record to send, changed or not, or nothing to leave it out. Use it to add or rename attributes. For a worker, by
   * `configModule`; a record for which it throws, or returns anything else, is dropped as `hook_failed`.
   * @default none
   */
  transform?: ((record: LogRecord) => LogRecord | undefined | null) | undefined
  /**
   * Called with every message about the transport's own work. Use it to count or forward them. For a worker, by `configModule`.
   * @default none
   */
  onReport?: ((report: Report) => void) | undefined
}

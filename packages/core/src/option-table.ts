// The table of all options: name, check, default, environment variables in order of precedence.
// A dotted name is a member of a group (`keys`, `redact`, `limits`). resolve-options.ts walks it; docs/configuration.md
// and the TSDoc of OtlpOptions say the same, which configuration.test.ts holds.

import * as check from './check.ts'
import type { Check, Complain } from './check.ts'
import { baseUrl, fullUrl } from './endpoint.ts'
import { grpcEndpoint } from './grpc-endpoint.ts'
import { INSTALL_GRPC, isGrpcMissing } from './grpc-package.ts'
import { grpcHeaders } from './metadata.ts'
import type { Variable } from './environment.ts'
import { headers } from './headers.ts'
import { isLoggerProvider, type LoggerProviderLike } from './logger-provider.ts'
import { readDisabled, readExporters, scope, severity } from './option-checks.ts'
import type { Detector, OtlpOptions } from './options.ts'
import type { JournalSettings, Pem, Settings } from './settings.ts'
import type { RecordAttribute } from './record-options.ts'
import { pem } from './tls.ts'

const KIB = 1024
const MIB = 1024 * KIB
/** The longest that a timer of Node can wait; longer ones fire at once. */
const MAX_TIMER_MILLIS = 2 ** 31 - 1

/** Where a Collector on the same host listens (protocol/exporter.md). */
const DEFAULT_ENDPOINT = 'http://localhost:4318'
/** The same, for gRPC. */
const DEFAULT_GRPC_ENDPOINT = 'http://localhost:4317'
/** protocol/exporter.md: the default of new implementations; half the bytes of JSON. */
const DEFAULT_PROTOCOL = 'http/protobuf'
/** The usual receiver is a Collector on the same host, where compression costs CPU and saves nothing. */
const DEFAULT_COMPRESSION = 'none'
/** protocol/exporter.md: 10 s for one batch. */
const DEFAULT_TIMEOUT_MILLIS = 10_000
/** All that is cheap and not random: serviceinstance would make a new Loki stream with each process. */
const DEFAULT_DETECTORS: readonly Detector[] = ['env', 'host', 'process']
/** Nothing is left out unless asked for: the logger has a level of its own. */
const DEFAULT_MINIMUM_SEVERITY = 0
/** data-model.md, SeverityText: as known at the source. */
const DEFAULT_SEVERITY_TEXT = 'source'
/** common/README.md: every AnyValue is legal as an attribute's value. */
const DEFAULT_ATTRIBUTES = 'nested'
/** What people read, and what backends show as the line. */
const DEFAULT_BODY = 'message'
/** Fields stay under the names that the app gave them. */
const DEFAULT_HTTP_ATTRIBUTES = false
/** http/http-spans.md: headers are captured by name only. */
const DEFAULT_HTTP_HEADERS: readonly string[] = []
/** general/logs.md: all of them are opt-in. */
const DEFAULT_RECORD_ATTRIBUTES: readonly RecordAttribute[] = []
/** Where pino and most formatters of winston write the time. */
const DEFAULT_TIME_KEY = 'time'
/** Where pino and winston write the level. */
const DEFAULT_LEVEL_KEY = 'level'
/** The censor of pino, so that stdout and OTLP look the same. */
const DEFAULT_CENSOR = '[REDACTED]'
/** common/README.md, Attribute Limits. */
const DEFAULT_ATTRIBUTE_COUNT_LIMIT = 128
/** common/README.md, Attribute Limits: no limit; maxRecordBytes still bounds the record. */
const DEFAULT_ATTRIBUTE_VALUE_LENGTH_LIMIT = Infinity
/** Far above any sane line and below the 4 MiB that receivers commonly accept. */
const DEFAULT_MAX_RECORD_BYTES = MIB
/** A burst of 100 000 pino-http lines, or minutes of an outage at a usual rate, without hurting a small container. */
const DEFAULT_MAX_QUEUE_BYTES = 64 * MIB
/** Bytes are the bound; 2048 records, usual elsewhere, lose 97 % of a burst of 100 000. */
const DEFAULT_MAX_QUEUE_SIZE = Infinity
/**
 * As the Collector's own batches. One request at a time carries 400 000 records/s over a round trip of 20 ms, until bytes
 * bound it; 2048 would carry 100 000, and cost 6 % more CPU time at full speed.
 */
const DEFAULT_MAX_EXPORT_BATCH_SIZE = 8192
/** A quarter of the 4 MiB that receivers commonly accept; 4 MiB made no difference to be measured. */
const DEFAULT_MAX_EXPORT_BATCH_BYTES = MIB
/** logs/sdk.md, Batching processor. */
const DEFAULT_SCHEDULED_DELAY_MILLIS = 1000
/** logs/sdk.md, Batching processor. */
const DEFAULT_EXPORT_TIMEOUT_MILLIS = 30_000
/** Half of the 10 s after which pino kills its worker. */
const DEFAULT_CLOSE_TIMEOUT_MILLIS = 5000
/** The newest records tell what is going on now. */
const DEFAULT_OVERFLOW = 'drop-oldest'
/** logs/sdk.md: exports are not concurrent unless asked for; and it keeps the order. */
const DEFAULT_CONCURRENCY = 1
/** Hours of an outage at a usual rate, on any disk. */
const DEFAULT_JOURNAL_BYTES = 256 * MIB
/** A weekend. What is older, most backends refuse. */
const DEFAULT_MAX_AGE_MILLIS = 48 * 3_600_000
/** What a full journal drops at once, and what a start reads first: milliseconds of reading. */
const DEFAULT_SEGMENT_BYTES = 4 * MIB
/** A healthy collector then costs no sync at all. */
const DEFAULT_FSYNC = 'interval'
/** The newest records tell what is going on now. */
const DEFAULT_EVICT = 'oldest'
/** So that the journal is not what fills the disk. */
const DEFAULT_MIN_FREE_BYTES = 64 * MIB
/** Signals belong to the app. */
const DEFAULT_CLOSE_ON_SIGNALS = false
const DEFAULT_ENABLED = true
/** No package more, a queue bounded in bytes, and no loss without a name. */
const DEFAULT_PIPELINE = 'own'
/** A loss must be seen without any configuration, success needs no line. */
const DEFAULT_DIAGNOSTICS = 'stderr'

export interface Row<T> {
  readonly check: Check<T>
  readonly default: T
  /** The first of these that is set and right gives the value when the option is not given. */
  readonly environment: readonly Variable<T>[]
}

type Group<Name extends string, Members> = { [K in keyof Members & string as `${Name}.${K}`]: Members[K] }
type Limits = Pick<Settings, 'attributeCountLimit' | 'attributeValueLengthLimit'>
type Redact = Partial<Record<'paths', string[]>> & { censor: string; hashKey: string | undefined }

/** What is not an option of the same name, or not of the same type. */
type Settled =
  'resource' | 'url' | 'tls' | 'keys' | 'redact' | 'journal' | 'freshHeaders' | 'proxyEnv' | 'keepsOriginal' | 'loki'

/** The type of each row's value: that of Settings, but for what still needs another row to be settled. */
export type Values = Omit<Settings, Settled | keyof Limits> & {
  profile: 'loki' | undefined
  endpoint: string
  url: string | undefined
  configModule: string | undefined
  resource: NonNullable<OtlpOptions['resource']>
  detectors: readonly Detector[]
} & Group<'tls', NonNullable<Settings['tls']>> &
  Group<'keys', Settings['keys']> &
  Group<'redact', Redact> &
  Group<'journal', Omit<JournalSettings, 'directory'> & { directory: string | undefined }> &
  Group<'limits', Limits>

const byteCount = check.integer(KIB)
const millis = check.integer(0, MAX_TIMER_MILLIS)
const protocol = check.oneOf('http/protobuf', 'http/json', 'grpc')

/** In the order of docs/configuration.md. */
export const OPTIONS: { readonly [K in keyof Values]-?: Row<Values[K]> } = {
  endpoint: row(baseUrl(), DEFAULT_ENDPOINT, 'OTEL_EXPORTER_OTLP_ENDPOINT'),
  url: row(fullUrl(), undefined, 'OTEL_EXPORTER_OTLP_LOGS_ENDPOINT'),
  protocol: row({ take: takeProtocol, read: readProtocol }, DEFAULT_PROTOCOL, ...exporter('PROTOCOL')),
  headers: row(headers(), {}, ...exporter('HEADERS')),
  compression: row(check.oneOf('none', 'gzip', 'zstd'), DEFAULT_COMPRESSION, ...exporter('COMPRESSION')),
  timeoutMillis: row(millis, DEFAULT_TIMEOUT_MILLIS, ...exporter('TIMEOUT')),
  'tls.ca': pemRow('certificates', 'CERTIFICATE'),
  'tls.cert': pemRow('certificates', 'CLIENT_CERTIFICATE'),
  'tls.key': pemRow('key', 'CLIENT_KEY'),
  // The variables of `resource` are merged with it per key, so resource.ts reads them.
  resource: row(attributes(), {}),
  detectors: row(check.list(check.oneOf('env', 'host', 'process', 'serviceinstance')), DEFAULT_DETECTORS),
  scope: row(scope(), undefined),
  minimumSeverity: row(severity(), DEFAULT_MINIMUM_SEVERITY),
  severity: row(check.record(check.integer(1, 24)), {}),
  profile: row(check.oneOf('loki'), undefined),
  severityText: row(check.oneOf('source', 'short'), DEFAULT_SEVERITY_TEXT),
  attributes: row(check.oneOf('nested', 'flat', 'json'), DEFAULT_ATTRIBUTES),
  body: row(check.oneOf('message', 'line'), DEFAULT_BODY),
  httpAttributes: row(check.boolean(), DEFAULT_HTTP_ATTRIBUTES),
  httpHeaders: row(check.list(check.string()), DEFAULT_HTTP_HEADERS),
  recordAttributes: row(check.list(check.oneOf('log.record.original', 'log.record.uid')), DEFAULT_RECORD_ATTRIBUTES),
  'keys.message': row(check.string(), undefined),
  'keys.error': row(check.string(), undefined),
  'keys.time': row(check.string(), DEFAULT_TIME_KEY),
  'keys.level': row(check.string(), DEFAULT_LEVEL_KEY),
  'keys.nested': row(check.string(), undefined),
  'keys.caller': row(check.string(), undefined),
  'redact.paths': row(check.list(check.string()), undefined),
  'redact.censor': row(check.anyString(), DEFAULT_CENSOR),
  'redact.hashKey': row(check.secret(16), undefined),
  'limits.attributeCountLimit': row(check.integerOrInfinity(0), DEFAULT_ATTRIBUTE_COUNT_LIMIT, ...limit('COUNT')),
  'limits.attributeValueLengthLimit': row(
    check.integerOrInfinity(0),
    DEFAULT_ATTRIBUTE_VALUE_LENGTH_LIMIT,
    ...limit('VALUE_LENGTH'),
  ),
  maxRecordBytes: row(byteCount, DEFAULT_MAX_RECORD_BYTES),
  maxQueueBytes: row(check.integer(64 * KIB), DEFAULT_MAX_QUEUE_BYTES),
  maxQueueSize: row(check.integerOrInfinity(1), DEFAULT_MAX_QUEUE_SIZE, 'OTEL_BLRP_MAX_QUEUE_SIZE'),
  maxExportBatchSize: row(check.integer(1), DEFAULT_MAX_EXPORT_BATCH_SIZE, 'OTEL_BLRP_MAX_EXPORT_BATCH_SIZE'),
  // protocol/exporter.md, Max Request Size: 64 MiB.
  maxExportBatchBytes: row(check.integer(KIB, 64 * MIB), DEFAULT_MAX_EXPORT_BATCH_BYTES),
  scheduledDelayMillis: row(millis, DEFAULT_SCHEDULED_DELAY_MILLIS, 'OTEL_BLRP_SCHEDULE_DELAY'),
  exportTimeoutMillis: row(millis, DEFAULT_EXPORT_TIMEOUT_MILLIS, 'OTEL_BLRP_EXPORT_TIMEOUT'),
  closeTimeoutMillis: row(check.integer(0, 9000), DEFAULT_CLOSE_TIMEOUT_MILLIS),
  overflow: row(check.oneOf('drop-oldest', 'drop-newest'), DEFAULT_OVERFLOW),
  concurrency: row(check.integer(1, 32), DEFAULT_CONCURRENCY),
  'journal.directory': row(check.string(), undefined),
  'journal.maxBytes': row(check.integer(64 * KIB), DEFAULT_JOURNAL_BYTES),
  'journal.maxAgeMillis': row(check.integer(1), DEFAULT_MAX_AGE_MILLIS),
  'journal.segmentBytes': row(check.integer(4 * KIB), DEFAULT_SEGMENT_BYTES),
  'journal.fsync': row(check.oneOf('interval', 'batch', 'none'), DEFAULT_FSYNC),
  'journal.evict': row(check.oneOf('oldest', 'newest'), DEFAULT_EVICT),
  'journal.minFreeBytes': row(check.integer(0), DEFAULT_MIN_FREE_BYTES),
  'journal.tenant': row(check.string(), undefined),
  closeOnSignals: row(check.boolean(), DEFAULT_CLOSE_ON_SIGNALS),
  enabled: {
    ...row(check.boolean(), DEFAULT_ENABLED),
    environment: [
      { name: 'OTEL_SDK_DISABLED', read: readDisabled },
      { name: 'OTEL_LOGS_EXPORTER', read: readExporters },
    ],
  },
  diagnostics: row(check.oneOf('stderr', 'verbose', 'none'), DEFAULT_DIAGNOSTICS),
  loggerProvider: row(loggerProvider(), undefined),
  pipeline: row(check.oneOf('own', 'sdk'), DEFAULT_PIPELINE),
  configModule: row(check.string(), undefined),
  filter: row(check.callable<NonNullable<Settings['filter']>>(), undefined),
  transform: row(check.callable<NonNullable<Settings['transform']>>(), undefined),
  onReport: row(check.callable<NonNullable<Settings['onReport']>>(), undefined),
}

/** What is otherwise with `protocol: 'grpc'`. */
export const GRPC_OPTIONS: { readonly [K in keyof Values]?: Row<Values[K]> } = {
  endpoint: row(grpcEndpoint(), DEFAULT_GRPC_ENDPOINT, 'OTEL_EXPORTER_OTLP_ENDPOINT'),
  url: row(grpcEndpoint(), undefined, 'OTEL_EXPORTER_OTLP_LOGS_ENDPOINT'),
  headers: row(grpcHeaders(), {}, ...exporter('HEADERS')),
  compression: row(grpcCompression(), DEFAULT_COMPRESSION, ...exporter('COMPRESSION')),
}

function row<T>(rule: Check<T>, fallback: T, ...names: string[]): Row<T>
function row<T>(rule: Check<T>, fallback: undefined, ...names: string[]): Row<T | undefined>
function row<T>(rule: Check<T>, fallback: T | undefined, ...names: string[]): Row<T | undefined> {
  const environment = names.map((name) => ({
    name,
    read: rule.read,
    secret: name.endsWith('_HEADERS') ? ('list' as const) : undefined,
  }))
  return { check: rule, default: fallback, environment }
}

/** The complaint tells which file, and shows nothing that may be a key. */
function pemRow(kind: Parameters<typeof pem>[0], what: string): Row<Pem | undefined> {
  const rule = pem(kind)
  const environment = exporter(what).map((name) => ({ name, read: rule.readAs(name), secret: 'told' as const }))
  return { check: rule, default: undefined, environment }
}

function exporter(what: string): string[] {
  return [`OTEL_EXPORTER_OTLP_LOGS_${what}`, `OTEL_EXPORTER_OTLP_${what}`]
}

function limit(what: string): string[] {
  return [`OTEL_LOGRECORD_ATTRIBUTE_${what}_LIMIT`, `OTEL_ATTRIBUTE_${what}_LIMIT`]
}

function attributes(): Check<Values['resource']> {
  return check.simple('an object of attributes with keys that are not empty, or an OpenTelemetry Resource', (value) =>
    check.isRecord(value) && !Object.hasOwn(value, '') ? value : undefined,
  )
}

/** Thrown and not found out later: the package is loaded when the first request is made. */
function takeProtocol(value: unknown, name: string): Settings['protocol'] {
  if (value !== 'grpc' || !isGrpcMissing()) return protocol.take(value, name)
  const expected = `one that is installed: \`grpc\` needs a package (${INSTALL_GRPC})`
  throw check.wrong(name, expected, check.shown(value))
}

function loggerProvider(): Check<'global' | LoggerProviderLike> {
  return check.simple('`global` or a LoggerProvider of OpenTelemetry', (value) =>
    value === 'global' || isLoggerProvider(value) ? value : undefined,
  )
}

function readProtocol(text: string, complain: Complain): Settings['protocol'] | undefined {
  if (text.toLowerCase() !== 'grpc' || !isGrpcMissing()) return protocol.read(text, complain)
  complain(`it needs a package (${INSTALL_GRPC})`)
  return undefined
}

function grpcCompression(): Check<Settings['compression']> {
  const known = ['none', 'gzip'] as const
  const find = (value: unknown) => known.find((word) => word === value)
  return check.simple('`none` or `gzip`, as gRPC knows no other here', find, (text) => find(text.toLowerCase()))
}

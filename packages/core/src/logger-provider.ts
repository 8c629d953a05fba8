// OpenTelemetry's Logs API, as far as it is used here: types of our own, since those of its packages moved between
// versions, and where an app's LoggerProvider is registered. API 1.10 (SDK 3.x) has it among its other globals; the older
// api-logs (SDK 2.x) keeps a global of its own, and neither looks into the other's.
// A provider may be registered after us, and be taken away again, so it is looked for each time.

/** A record as the Logs API takes it. */
export interface ApiLogRecord {
  eventName?: string | undefined
  /** Seconds and nanoseconds since the epoch: of the forms that the API takes, the only one that is exact. */
  timestamp?: unknown
  observedTimestamp?: unknown
  severityNumber?: number | undefined
  severityText?: string | undefined
  body?: unknown
  attributes?: Record<string, unknown> | undefined
  context?: ApiContext | undefined
}

/** A Context of the API, any version: keys are symbols of the global registry. */
export interface ApiContext {
  getValue(key: symbol): unknown
  setValue(key: symbol, value: unknown): ApiContext
  deleteValue(key: symbol): ApiContext
}

/** What says whether a record would be taken at all. */
export interface EnabledOptions {
  context?: ApiContext
  severityNumber?: number
  eventName?: string
}

export interface LoggerLike {
  emit(record: ApiLogRecord): void
  /** Older APIs have none. */
  enabled?(options?: EnabledOptions): boolean
}

/** A LoggerProvider of `@opentelemetry/api` 1.10 and up, of `@opentelemetry/api-logs`, or of an SDK. */
export interface LoggerProviderLike {
  getLogger(name: string, version?: string): LoggerLike
  /** The API's own type has none, the SDKs' have. */
  forceFlush?(): Promise<void>
}

const API = Symbol.for('opentelemetry.js.api.1')
const LOGS_API = Symbol.for('io.opentelemetry.js.api.logs')
/** What the older global must be asked for. */
const LOGS_API_VERSION = 1

interface Globals {
  [API]?: { logs?: unknown }
  [LOGS_API]?: (version: number) => unknown
}

/** The app's LoggerProvider; `undefined` while none is registered. Never throws. */
export function globalLoggerProvider(): LoggerProviderLike | undefined {
  const globals = globalThis as Globals
  try {
    const { logs } = globals[API] ?? {}
    if (isLoggerProvider(logs)) return logs
    const older = globals[LOGS_API]?.(LOGS_API_VERSION)
    return isLoggerProvider(older) ? older : undefined
  } catch {
    return undefined
  }
}

export function isLoggerProvider(value: unknown): value is LoggerProviderLike {
  return typeof (value as LoggerProviderLike | null | undefined)?.getLogger === 'function'
}

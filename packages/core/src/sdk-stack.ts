// `pipeline: 'sdk'`: the reference stack of OpenTelemetry (LoggerProvider, BatchLogRecordProcessor, the OTLP exporter of the
// protocol), built from our options. Its packages are the app's: they are loaded when this is asked for, and by nobody else.
// SDK 2.x (sdk-logs 0.220 and later) and SDK 3.x are both right. What is left at our default is left to the SDK's own.

import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import type { Diagnostics } from './diagnostics.ts'
import { headers as headersCheck } from './headers.ts'
import type { LoggerProviderLike } from './logger-provider.ts'
import { OPTIONS } from './option-table.ts'
import { sdkGrpcOptions } from './sdk-grpc.ts'
import { SdkValues } from './sdk-value.ts'
import type { Settings } from './settings.ts'
import { plainTls } from './tls.ts'

/** A provider that is ours to end. */
export interface SdkStack extends LoggerProviderLike {
  shutdown(): Promise<void>
}

type Constructor = new (options: object) => never

interface SdkLogs {
  LoggerProvider: new (options: object) => SdkStack
  BatchLogRecordProcessor: Constructor
}

interface Resources {
  resourceFromAttributes(attributes: object): { merge(other: unknown): unknown }
  defaultResource(): { attributes: Record<string, unknown> }
}

const EXPORTERS = {
  'http/protobuf': 'exporter-logs-otlp-proto',
  'http/json': 'exporter-logs-otlp-http',
  grpc: 'exporter-logs-otlp-grpc',
} as const

/** Of the SDK's timeouts, 0 is not "no limit". */
const NO_LIMIT_MILLIS = 2 ** 31 - 1

const HEADERS = headersCheck()

/**
 * Loads the packages and builds the stack.
 * @param userAgent goes in front of the exporter's own
 * @throws TypeError when a package is missing, with the command that installs it, or cannot be used
 */
export function createSdkStack(settings: Settings, userAgent: string, diagnostics: Diagnostics): SdkStack {
  const exporterName = EXPORTERS[settings.protocol]
  const names = ['sdk-logs', exporterName, 'resources'].map(packageNamed)
  const { loaded, paths } = loadAll(names)
  const [sdkLogs, exporters, resources] = loaded as [SdkLogs, { OTLPLogExporter: Constructor }, Resources]
  try {
    if (takesExporterAlone(sdkLogs.BatchLogRecordProcessor)) throw new Error(`it needs ${names[0]} 0.220 or later`)
    const exporter = new exporters.OTLPLogExporter(exporterOptionsOf(settings, userAgent, diagnostics, paths[1]!))
    const { scheduledDelayMillis, exportTimeoutMillis, maxQueueSize, maxExportBatchSize } = settings
    const processor = new sdkLogs.BatchLogRecordProcessor({
      exporter,
      scheduledDelayMillis,
      exportTimeoutMillis: exportTimeoutMillis || NO_LIMIT_MILLIS,
      ...unlessDefault({ maxQueueSize, maxExportBatchSize }),
    })
    const { attributeCountLimit } = settings
    return new sdkLogs.LoggerProvider({
      resource: resourceOf(settings, resources),
      processors: [processor],
      // Lengths are cut before, in whole characters.
      logRecordLimits: { attributeCountLimit, attributeValueLengthLimit: Number.POSITIVE_INFINITY },
    })
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new TypeError(`\`pipeline: 'sdk'\` could not build ${names.join(', ')}: ${why}`, { cause })
  }
}

/** Before 0.220 the processor took the exporter, and options behind it; with ours it would lose every record in silence. */
function takesExporterAlone(processor: Constructor): boolean {
  return Math.max(processor.length, (Object.getPrototypeOf(processor) as Constructor).length) > 1
}

function packageNamed(name: string): string {
  return `@opentelemetry/${name}`
}

/** As the app would load them: from its working directory, or else from where its program lies. */
function loadAll(names: readonly string[]): { loaded: unknown[]; paths: string[] } {
  const folders = [process.cwd(), ...(process.argv[1] === undefined ? [] : [join(resolve(process.argv[1]), '..')])]
  const requires = folders.map((folder) => createRequire(join(folder, 'app.js')))
  const found = names.map((name) => requires.find((require) => canResolve(require, name)))
  const missing = names.filter((_, i) => found[i] === undefined)
  if (missing.length > 0) {
    const verb = missing.length === 1 ? 'a package that is' : 'packages that are'
    const command = `npm install ${packageNamed('api')} ${names.join(' ')}`
    throw new TypeError(`\`pipeline: 'sdk'\` needs ${verb} not installed (${missing.join(', ')}): ${command}`)
  }
  const loaded = names.map((name, i) => {
    try {
      return found[i]!(name) as unknown
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause)
      throw new TypeError(`\`pipeline: 'sdk'\` could not load ${name}: ${why}`, { cause })
    }
  })
  return { loaded, paths: names.map((name, i) => found[i]!.resolve(name)) }
}

function canResolve(require: NodeJS.Require, name: string): boolean {
  try {
    require.resolve(name)
    return true
  } catch {
    return false
  }
}

function exporterOptionsOf(settings: Settings, userAgent: string, diagnostics: Diagnostics, path: string): object {
  const { url, timeoutMillis, compression, protocol, proxyEnv, tls } = settings
  if (compression === 'zstd') {
    diagnostics.warn('zstd', "The SDK's exporters know no zstd: with `pipeline: 'sdk'`, gzip is used instead")
  }
  const common = {
    url,
    userAgent,
    timeoutMillis: timeoutMillis || NO_LIMIT_MILLIS,
    compression: compression === 'none' ? 'none' : 'gzip',
  }
  const isAsked = settings.freshHeaders !== undefined
  if (protocol === 'grpc') {
    if (isAsked)
      diagnostics.warn('headers', "The SDK's gRPC exporter asks no `headers()`: its requests go without them")
    return { ...common, ...sdkGrpcOptions(settings, path) }
  }
  return {
    ...common,
    headers: isAsked ? freshHeaders(settings, diagnostics) : settings.headers,
    httpAgentOptions: { keepAlive: true, ...(proxyEnv && { proxyEnv }), ...(tls && plainTls(tls)) },
  }
}

/** The SDK asks before each request, and bears no error. */
function freshHeaders({ headers, freshHeaders: ask }: Settings, diagnostics: Diagnostics): () => Promise<object> {
  return async () => {
    try {
      const fresh = HEADERS.take(await ask!(), 'headers()')
      diagnostics.hide(Object.values(fresh))
      return { ...headers, ...fresh }
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      diagnostics.warn('headers', `\`headers\` failed: ${why}; the request goes without them`)
      return headers
    }
  }
}

/** With the SDK's own name in it, since it is what makes the signal. */
function resourceOf({ resource }: Settings, { resourceFromAttributes, defaultResource }: Resources): unknown {
  const values = new SdkValues()
  const all = { ...resource, ...pickSdk(defaultResource().attributes) }
  return resourceFromAttributes(Object.fromEntries(Object.entries(all).map(([key, value]) => [key, values.of(value)])))
}

function pickSdk(attributes: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(attributes).filter(([key]) => key.startsWith('telemetry.sdk.')))
}

function unlessDefault(given: Record<'maxQueueSize' | 'maxExportBatchSize', number>): object {
  return Object.fromEntries(
    Object.entries(given).filter(([name, value]) => value !== OPTIONS[name as keyof typeof given].default),
  )
}

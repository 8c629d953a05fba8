// From what the user wrote to Settings: option > OTEL_EXPORTER_OTLP_LOGS_* > OTEL_EXPORTER_OTLP_* > default.
// Invariants: a wrong option throws a TypeError that names option, value and what is expected; a wrong environment
// variable, or an unknown option, is one warning. Adapters call it once per transport, before anything is built.

import { resolve } from 'node:path'
import { isRecord, shown, wrong } from './check.ts'
import { type LoadedModule, loadConfigModule } from './config-module.ts'
import { settleEndpoint } from './endpoint.ts'
import { Environment, type Variables } from './environment.ts'
import { readInsecure, settleGrpcEndpoint } from './grpc-endpoint.ts'
import { LOKI_DEFAULTS, withLoki } from './loki-settings.ts'
import { GRPC_OPTIONS, OPTIONS, type Row, type Values } from './option-table.ts'
import type { OtlpOptions } from './options.ts'
import type { Settings, TlsSettings } from './settings.ts'
import { grpcProxyFor, proxyFor } from './proxy.ts'
import { parsePath } from './redact.ts'
import { resolveResource } from './resource.ts'
import { expiredIn, pairFlaw } from './tls.ts'
import { unknownOptions } from './unknown-options.ts'
import { withoutEffect } from './without-effect.ts'

/** Settings, and what there is to say about how they came about: one line each. */
export interface ResolvedOptions {
  settings: Settings
  warnings: string[]
  /** The options as they were given, here or by `configModule`. */
  given: OtlpOptions
}

export interface ResolveDefaults {
  /** Read instead of `process.env`. */
  env?: Variables | undefined
  /** What `configModule` gave, where it was awaited. */
  loaded?: LoadedModule | undefined
}

/**
 * Checks options and merges them with the environment.
 * @param options an `OtlpOptions`, not yet trusted; of `configModule`, it loads what is there
 * @throws TypeError for a wrong option, never for a wrong environment variable
 */
export function resolveOptions(options: unknown, defaults: ResolveDefaults = {}): ResolvedOptions {
  const given = options ?? {}
  if (!isRecord(given)) throw wrong('options', 'an object', shown(given))
  const { configModule } = given
  if (configModule === undefined) return settle(given, defaults)
  const { path, options: ofModule } = defaults.loaded ?? loadConfigModule(configModule)
  try {
    // Alone, to say where a wrong one stands.
    settle(ofModule, defaults)
  } catch (error) {
    throw new TypeError(`${error instanceof Error ? error.message : String(error)}, in \`configModule\` ${path}`, {
      cause: error,
    })
  }
  const beside = Object.entries(given).filter(([, value]) => value !== undefined)
  return settle({ ...ofModule, ...Object.fromEntries(beside) }, defaults)
}

function settle(given: Readonly<Record<string, unknown>>, defaults: ResolveDefaults): ResolvedOptions {
  const warnings: string[] = []
  const warn = (warning: string) => void warnings.push(warning)
  const environment = new Environment(warn, defaults.env)
  const unknown = unknownOptions(given, Object.keys(OPTIONS))
  if (unknown !== undefined) warn(unknown)
  warnOfConfigFile(environment, warn)

  const explicit = new Set<keyof Values>()
  // Settled first, as it decides what others may be.
  let isGrpc = false
  const rowOf = <K extends keyof Values>(name: K): Row<Values[K]> =>
    ((isGrpc ? GRPC_OPTIONS[name] : undefined) ?? OPTIONS[name]) as Row<Values[K]>
  const value = <K extends keyof Values>(name: K): Values[K] => {
    const row = rowOf(name)
    const option = optionAt(given, name)
    const settled =
      option === undefined ? environment.first(row.environment, row.default) : row.check.take(option, name)
    if (settled !== undefined) explicit.add(name)
    return settled ?? ofProfile[name] ?? row.default
  }
  let ofProfile: Partial<Values> = {}
  const profile = value('profile')
  if (profile === 'loki') ofProfile = LOKI_DEFAULTS

  const protocol = value('protocol')
  isGrpc = protocol === 'grpc'
  if (given['url'] !== undefined && given['endpoint'] !== undefined)
    warn('Ignored `endpoint`, because `url` is given, too')
  const freshHeaders = typeof given['headers'] === 'function' ? (given['headers'] as () => unknown) : undefined
  const isBase =
    given['url'] === undefined && (given['endpoint'] !== undefined || !environment.has(OPTIONS.url.environment))
  const full = fullUrl(given, environment, rowOf('endpoint'), rowOf('url'))
  const fixedHeaders = freshHeaders ? {} : value('headers')
  const { url, headers } = isGrpc
    ? settleGrpcEndpoint(full, fixedHeaders, () => readInsecure(environment), warn)
    : settleEndpoint(full, isBase, fixedHeaders, warn)
  const settings: Settings = {
    enabled: value('enabled'),
    url,
    protocol,
    headers,
    freshHeaders,
    proxyEnv: (isGrpc ? grpcProxyFor : proxyFor)(url, environment.variables, warn),
    loggerProvider: value('loggerProvider'),
    pipeline: value('pipeline'),
    compression: value('compression'),
    timeoutMillis: value('timeoutMillis'),
    tls: tlsOf(given, value, url, warn),
    resource: resolveResource({ option: value('resource'), detectors: value('detectors'), environment, warn }),
    scope: value('scope'),
    minimumSeverity: value('minimumSeverity'),
    severity: value('severity'),
    severityText: value('severityText'),
    attributes: value('attributes'),
    body: value('body'),
    httpAttributes: value('httpAttributes'),
    httpHeaders: value('httpHeaders').map((name) => name.toLowerCase()),
    recordAttributes: value('recordAttributes'),
    keepsOriginal: keepsOriginal(given, value, warn),
    keys: {
      message: value('keys.message'),
      error: value('keys.error'),
      time: value('keys.time'),
      level: value('keys.level'),
      nested: value('keys.nested'),
      caller: value('keys.caller'),
    },
    redact: given['redact'] === undefined ? undefined : redaction(value),
    attributeCountLimit: value('limits.attributeCountLimit'),
    attributeValueLengthLimit: value('limits.attributeValueLengthLimit'),
    maxRecordBytes: value('maxRecordBytes'),
    maxQueueBytes: value('maxQueueBytes'),
    maxQueueSize: value('maxQueueSize'),
    maxExportBatchSize: value('maxExportBatchSize'),
    maxExportBatchBytes: value('maxExportBatchBytes'),
    scheduledDelayMillis: value('scheduledDelayMillis'),
    exportTimeoutMillis: value('exportTimeoutMillis'),
    closeTimeoutMillis: value('closeTimeoutMillis'),
    overflow: value('overflow'),
    concurrency: value('concurrency'),
    journal: given['journal'] === undefined || given['journal'] === false ? undefined : journal(value),
    closeOnSignals: value('closeOnSignals'),
    diagnostics: value('diagnostics'),
    filter: value('filter'),
    transform: value('transform'),
    onReport: value('onReport'),
  }
  warnings.push(...withoutEffect(given, settings, environment.has(OPTIONS.headers.environment)))
  const hasCountLimit = explicit.has('limits.attributeCountLimit')
  const profiled = profile === 'loki' ? withLoki(settings, hasCountLimit, warn) : settings
  const { maxExportBatchSize, maxQueueSize } = profiled
  if (maxExportBatchSize <= maxQueueSize) return { settings: profiled, warnings, given }
  if (explicit.has('maxExportBatchSize') && explicit.has('maxQueueSize')) {
    warn(`Lowered \`maxExportBatchSize\` from ${maxExportBatchSize} to ${maxQueueSize}, which is \`maxQueueSize\``)
  }
  return { settings: { ...profiled, maxExportBatchSize: maxQueueSize }, warnings, given }
}

/** The four sources of the URL. The environment's full URL is more special than its base, but an option beats both. */
function fullUrl(
  given: Readonly<Record<string, unknown>>,
  environment: Environment,
  endpoint: Row<string>,
  url: Row<string | undefined>,
): string {
  const fallback = endpoint.check.take(endpoint.default, 'endpoint')
  const base = given['endpoint'] === undefined ? undefined : endpoint.check.take(given['endpoint'], 'endpoint')
  const full = given['url'] === undefined ? base : url.check.take(given['url'], 'url')
  return full ?? environment.first([...url.environment, ...endpoint.environment], fallback) ?? fallback
}

/**
 * Certificates, for https. The client's and its key come from one source: options that are wrong together throw, variables
 * are left out.
 */
function tlsOf(
  given: Readonly<Record<string, unknown>>,
  value: <K extends keyof Values>(name: K) => Values[K],
  url: string,
  warn: (warning: string) => void,
): TlsSettings | undefined {
  const isGiven = (name: 'tls.ca' | 'tls.cert' | 'tls.key'): boolean => optionAt(given, name) !== undefined
  const isPairGiven = isGiven('tls.cert') || isGiven('tls.key')
  const isSecured = url.startsWith('https:')
  // Variables may be meant for other signals: where they play no part, they are not looked at.
  const settleOne = (name: 'tls.ca' | 'tls.cert' | 'tls.key', isOption: boolean) =>
    isGiven(name) || (isSecured && !isOption) ? value(name) : undefined
  const ca = settleOne('tls.ca', false)
  const [cert, key] = [settleOne('tls.cert', isPairGiven), settleOne('tls.key', isPairGiven)]
  const flaw = pairFlaw(cert, key)
  if (flaw !== undefined && isPairGiven) throw wrong('tls.cert', 'given together with its `tls.key`', `this: ${flaw}`)
  if (!isSecured) {
    if (ca ?? cert) warn('Ignored `tls`, because the endpoint is not https')
    return undefined
  }
  if (flaw !== undefined)
    warn(`Ignored ${[cert, key].flatMap((one) => one?.name ?? []).join(', ')}: ${flaw}. Using none.`)
  const tls = { ca, ...(flaw === undefined ? { cert, key } : { cert: undefined, key: undefined }) }
  for (const warning of expiredIn(tls)) warn(warning)
  return tls.ca === undefined && tls.cert === undefined ? undefined : tls
}

/** configuration/sdk-environment-variables.md: where the file is set, the other variables are void. Not here, so it is said. */
function warnOfConfigFile({ variables }: Environment, warn: (warning: string) => void): void {
  const name = ['OTEL_CONFIG_FILE', 'OTEL_EXPERIMENTAL_CONFIG_FILE'].find((file) => variables[file]?.trim())
  if (name === undefined) return
  const instead = 'this transport reads its options and the other OTEL_ variables, and not that file'
  warn(`Ignored ${name}: ${instead}. Set endpoint, headers and resource there`)
}

/** The text that a record was made of still has whatever these options take out of the record. */
const TAKING_OUT = ['redact', 'transform', 'httpAttributes'] as const

function keepsOriginal(
  given: Readonly<Record<string, unknown>>,
  value: <K extends keyof Values>(name: K) => Values[K],
  warn: (warning: string) => void,
): boolean {
  const taking = TAKING_OUT.find((name) => given[name] !== undefined && given[name] !== false)
  const isSent = value('recordAttributes').includes('log.record.original')
  if (isSent && taking !== undefined) {
    warn(`Left out \`log.record.original\`, because it would have what \`${taking}\` takes out`)
  }
  return taking === undefined && (isSent || value('body') === 'line')
}

function redaction(value: <K extends keyof Values>(name: K) => Values[K]): Settings['redact'] {
  const [paths, censor, hashKey] = [value('redact.paths'), value('redact.censor'), value('redact.hashKey')]
  if (paths === undefined) throw wrong('redact.paths', 'an array of paths', 'undefined')
  // Now, and not when the pipeline is built: in pino's worker nobody could catch it there.
  for (const path of paths) parsePath(path)
  if (censor !== 'hash' || hashKey !== undefined) return { paths, censor, hashKey }
  throw wrong(
    'redact.hashKey',
    'a string of at least 16 characters, which `hash` as `redact.censor` needs',
    'undefined',
  )
}

function journal(value: <K extends keyof Values>(name: K) => Values[K]): Settings['journal'] {
  const directory = value('journal.directory')
  // No default: a folder that others can write to is no place for log data.
  if (directory === undefined) throw wrong('journal.directory', 'the path of a folder', 'undefined')
  const maxBytes = value('journal.maxBytes')
  return {
    directory: resolve(directory),
    maxBytes,
    maxAgeMillis: value('journal.maxAgeMillis'),
    segmentBytes: Math.min(value('journal.segmentBytes'), maxBytes),
    fsync: value('journal.fsync'),
    evict: value('journal.evict'),
    minFreeBytes: value('journal.minFreeBytes'),
    tenant: value('journal.tenant'),
  }
}

/** The option with this name; a dotted one is a member of a group. */
function optionAt(given: Readonly<Record<string, unknown>>, name: string): unknown {
  const [group, member] = name.split('.') as [string, string?]
  if (member === undefined || given[group] === undefined) return given[group]
  const members = given[group]
  if (!isRecord(members)) throw wrong(group, `an object such as \`{ ${member}: … }\``, shown(members))
  return members[member]
}

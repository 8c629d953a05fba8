// Options that say how we send, where it is an OpenTelemetry SDK that sends: one warning for all of them.

import { isRecord, wrong } from './check.ts'
import type { Settings } from './settings.ts'

/** A credential in there is meant for somebody else. */
const HEADERS_ARE_MERGED =
  'The OpenTelemetry SDK sends the headers of OTEL_EXPORTER_OTLP_HEADERS, too, beside those in `headers`: unset the variable if they are not meant for this endpoint'
/** Left to the SDK, also to one that we set up: it knows no such bounds. */
const OF_OUR_QUEUE = 'maxRecordBytes maxQueueBytes maxExportBatchBytes overflow concurrency journal'.split(' ')
/** Left to the app's own set-up. */
const OF_THE_WAY =
  'endpoint url protocol headers compression timeoutMillis tls resource detectors maxQueueSize maxExportBatchSize scheduledDelayMillis'.split(
    ' ',
  )

/**
 * One warning for each thing that is not as it is with our own sending.
 * @param hasVariable whether the environment has headers
 * @throws TypeError for two ways at once
 */
export function withoutEffect(
  given: Readonly<Record<string, unknown>>,
  { loggerProvider, pipeline }: Pick<Settings, 'loggerProvider' | 'pipeline'>,
  hasVariable: boolean,
): string[] {
  if (loggerProvider === undefined && pipeline === 'own') return []
  if (loggerProvider !== undefined && pipeline === 'sdk') {
    throw wrong('pipeline', 'left out beside `loggerProvider`, which is a way of its own', '`sdk`')
  }
  const all = loggerProvider === undefined ? OF_OUR_QUEUE : [...OF_THE_WAY, ...OF_OUR_QUEUE]
  const names = all.filter((name) => given[name] !== undefined && given[name] !== false)
  const { limits } = given
  if (loggerProvider !== undefined && isRecord(limits) && limits['attributeCountLimit'] !== undefined)
    names.push('limits.attributeCountLimit')
  const warnings =
    loggerProvider === undefined && hasVariable && given['headers'] !== undefined ? [HEADERS_ARE_MERGED] : []
  if (names.length === 0) return warnings
  const option = loggerProvider === undefined ? "`pipeline: 'sdk'`" : '`loggerProvider`'
  return [
    `Ignored ${names.map((name) => `\`${name}\``).join(', ')}: with ${option}, that is up to the OpenTelemetry SDK`,
    ...warnings,
  ]
}

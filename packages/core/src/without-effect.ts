// Options that say how we send, where it is an OpenTelemetry SDK that sends: one warning for all of them.

import { isRecord, wrong } from './check.ts'
import type { Settings } from './settings.ts'

/** Left to the SDK, also to one that we set up: it knows no such bounds. */
const OF_OUR_QUEUE = 'maxRecordBytes maxQueueBytes maxExportBatchBytes overflow concurrency journal'.split(' ')
/** Left to the app's own set-up. */
const OF_THE_WAY =
  'endpoint url protocol headers compression timeoutMillis tls resource detectors maxQueueSize maxExportBatchSize scheduledDelayMillis'.split(
    ' ',
  )

/** @throws TypeError for two ways at once */
export function withoutEffect(
  given: Readonly<Record<string, unknown>>,
  { loggerProvider, pipeline }: Pick<Settings, 'loggerProvider' | 'pipeline'>,
): string | undefined {
  if (loggerProvider === undefined && pipeline === 'own') return undefined
  if (loggerProvider !== undefined && pipeline === 'sdk') {
    throw wrong('pipeline', 'left out beside `loggerProvider`, which is a way of its own', '`sdk`')
  }
  const all = loggerProvider === undefined ? OF_OUR_QUEUE : [...OF_THE_WAY, ...OF_OUR_QUEUE]
  const names = all.filter((name) => given[name] !== undefined && given[name] !== false)
  const { limits } = given
  if (loggerProvider !== undefined && isRecord(limits) && limits['attributeCountLimit'] !== undefined)
    names.push('limits.attributeCountLimit')
  if (names.length === 0) return undefined
  const option = loggerProvider === undefined ? "`pipeline: 'sdk'`" : '`loggerProvider`'
  return `Ignored ${names.map((name) => `\`${name}\``).join(', ')}: with ${option}, that is up to the OpenTelemetry SDK`
}

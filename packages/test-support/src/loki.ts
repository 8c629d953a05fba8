// A record as Loki would store it, by its own rules (pkg/loghttp/push/otlp.go, pkg/distributor/validator.go and
// field_detection.go, Loki 3.8), and what it would refuse of it by its default limits. Written from Loki, not from our code.

import type { ReceivedRecord } from './record.ts'

export interface LokiEntry {
  line: string
  labels: Record<string, string>
  metadata: [name: string, value: string][]
  /** What Grafana colours by. */
  detectedLevel: string
  /** Why Loki would answer 400. */
  problems: string[]
}

const LABELS = [
  'service.name service.namespace service.instance.id deployment.environment deployment.environment.name cloud.region',
  'cloud.availability_zone k8s.cluster.name k8s.namespace.name k8s.pod.name k8s.container.name container.name',
  'k8s.replicaset.name k8s.deployment.name k8s.statefulset.name k8s.daemonset.name k8s.cronjob.name k8s.job.name',
].flatMap((names) => names.split(' '))

const LEVEL_FIELDS = ['level', 'LEVEL', 'Level', 'log.level', 'severity', 'SEVERITY', 'Severity', 'SeverityText']
const MORE_LEVEL_FIELDS = ['lvl', 'LVL', 'Lvl', 'severity_text', 'Severity_Text', 'SEVERITY_TEXT']
const KNOWN_LEVELS: Record<string, string> = {
  ...{ trace: 'trace', trc: 'trace', debug: 'debug', dbg: 'debug', info: 'info', inf: 'info', information: 'info' },
  ...{ warn: 'warn', wrn: 'warn', warning: 'warn', error: 'error', err: 'error', critical: 'critical', fatal: 'fatal' },
}
const RANGES = ['trace', 'debug', 'info', 'warn', 'error', 'fatal']

export function toLokiEntry(record: ReceivedRecord): LokiEntry {
  const { resource, scope, attributes, severityNumber, severityText } = record
  const labels = Object.fromEntries(
    Object.entries(resource).flatMap(([name, value]) => (LABELS.includes(name) ? [[normal(name), textOf(value)]] : [])),
  )
  const metadata = [
    ...Object.entries(attributes).flatMap(([name, value]) => metadataOf(name, value)),
    ...own('observed_timestamp', record.timeUnixNano === 0n ? '' : String(record.observedTimeUnixNano)),
    ...own('severity_number', severityNumber === 0 ? '' : String(severityNumber)),
    ...own('severity_text', severityText),
    ...own(
      'dropped_attributes_count',
      record.droppedAttributesCount === 0 ? '' : String(record.droppedAttributesCount),
    ),
    ...own('flags', record.flags === 0 ? '' : String(record.flags)),
    ...own('trace_id', record.traceId),
    ...own('span_id', record.spanId),
    ...own('event_name', record.eventName),
    ...Object.entries(resource).flatMap(([name, value]) => (LABELS.includes(name) ? [] : metadataOf(name, value))),
    ...own('scope_name', scope.name),
    ...own('scope_version', scope.version),
  ]
  const detectedLevel = levelOf(metadata, severityNumber)
  metadata.push(['detected_level', detectedLevel])
  const line = textOf(record.body ?? '')
  return { line, labels, metadata, detectedLevel, problems: problemsOf(line, labels, metadata) }
}

function problemsOf(line: string, labels: LokiEntry['labels'], metadata: LokiEntry['metadata']): string[] {
  const { service_name: _name, ...counted } = labels
  const bytes = metadata.reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value), 0)
  const names = metadata.map(([name]) => name)
  const limits: [what: string, is: number, limit: number][] = [
    ['labels', Object.keys(counted).length, 15],
    ['bytes of a label', Math.max(...Object.values(labels).map((value) => Buffer.byteLength(value))), 2048],
    ['entries of structured metadata', metadata.length, 128],
    ['bytes of structured metadata', bytes, 64 * 1024],
    ['bytes of line', Buffer.byteLength(line), 256 * 1024],
    ['names that are taken', names.length - new Set(names).size, 0],
  ]
  return limits.filter(([, is, limit]) => is > limit).map(([what, is, limit]) => `${is} ${what}, limit ${limit}`)
}

function levelOf(metadata: LokiEntry['metadata'], severityNumber: number): string {
  for (const field of [...LEVEL_FIELDS, ...MORE_LEVEL_FIELDS]) {
    const value = metadata.find(([name]) => name === field)?.[1]
    if (value !== undefined) return KNOWN_LEVELS[value.toLowerCase()] ?? value
  }
  return RANGES[Math.floor((severityNumber - 1) / 4)] ?? 'unknown'
}

function own(name: string, value: string): [string, string][] {
  return value === '' ? [] : [[name, value]]
}

function metadataOf(name: string, value: unknown): [string, string][] {
  if (typeof value === 'object' && value !== null && !Array.isArray(value) && !Buffer.isBuffer(value)) {
    return Object.entries(value).flatMap(([key, one]) => metadataOf(`${name}_${key}`, one))
  }
  return [[normal(name), textOf(value)]]
}

function normal(name: string): string {
  const label = name.replace(/[^a-zA-Z0-9_]/g, '_')
  if (/^\d/.test(label)) return `key_${label}`
  return /^_(?!_)/.test(label) ? `key${label}` : label
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  if (Buffer.isBuffer(value)) return value.toString('base64')
  return JSON.stringify(value, (_key, one: unknown) => (typeof one === 'bigint' ? String(one) : one)) ?? ''
}

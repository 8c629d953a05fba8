// What Loki takes of a record, for `profile: 'loki'`: its limits, what it counts against them, and the names that it gives
// itself. loki-settings.ts makes options of it, loki-shape.ts fits records into it.
// Figures are Loki's defaults (docs/sources/shared/configuration.md, limits_config; Loki 3.8). docs/mapping.md tells the same.

import { jsonText, PlainValues } from './plain-value.ts'

/** max_structured_metadata_entries_count. */
export const MAX_ENTRIES = 128
/** max_structured_metadata_size: 64KB. */
export const MAX_METADATA_BYTES: number = 64 * 1024
/** max_line_size: 256KB. */
export const MAX_LINE_BYTES: number = 256 * 1024
/** max_label_names_per_series, without service_name. */
export const MAX_LABELS = 15
/** max_label_value_length. */
export const MAX_LABEL_BYTES = 2048

/**
 * Structured metadata that Loki makes of a record's own fields (pkg/loghttp/push/otlp.go), that it adds (detected_level),
 * and our mark for what was cut. An attribute of such a name would stand beside it.
 */
export const OWN_NAMES: readonly string[] = [
  ...['observed_timestamp', 'severity_number', 'severity_text', 'dropped_attributes_count', 'flags'],
  ...['trace_id', 'span_id', 'event_name', 'scope_name', 'scope_version', 'detected_level', 'otlp_logs_truncated'],
]

/** The bytes of these, without event and scope: names, ids, numbers. */
export const OWN_BYTES = 512

/** Resource attributes that become labels of the stream (pkg/loghttp/push/otlplabels/config.go); others are metadata of each record. */
const LABELS: ReadonlySet<string> = new Set([
  ...['service.name', 'service.namespace', 'service.instance.id', 'deployment.environment'],
  ...['deployment.environment.name', 'cloud.region', 'cloud.availability_zone', 'container.name'],
  ...['k8s.cluster.name', 'k8s.namespace.name', 'k8s.pod.name', 'k8s.container.name', 'k8s.replicaset.name'],
  ...['k8s.deployment.name', 'k8s.statefulset.name', 'k8s.daemonset.name', 'k8s.cronjob.name', 'k8s.job.name'],
])

export function isLabel(name: string): boolean {
  return LABELS.has(name)
}

/** A name as Loki writes it: `a.b`, `a-b` and `a_b` are the same, and so are `1`, `_1` and `key_1`. */
export function lokiName(name: string): string {
  const label = name.replace(/[^a-zA-Z0-9]+/g, '_')
  return /^\d/.test(label) ? `key_${label}` : label.replace(/^_/, 'key_')
}

/** A value as Loki writes it, but for what it makes of numbers: all metadata is text. */
export function lokiText(value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  return jsonText(new PlainValues().plain(value))
}

/** What an entry counts. A name that begins with a digit gets a prefix. */
export function entryBytes(name: string, text: string): number {
  return Buffer.byteLength(name) + 4 + Buffer.byteLength(text)
}

/** As much of a text as so many bytes hold, without half a character. */
export function cutToBytes(text: string, maxBytes: number): string {
  if (text.length * 3 <= maxBytes) return text
  const bytes = Buffer.from(text)
  if (bytes.length <= maxBytes) return text
  let end = maxBytes
  while (end > 0 && (bytes[end]! & 0xc0) === 0x80) end--
  return bytes.toString('utf8', 0, end)
}

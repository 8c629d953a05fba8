// Names that an attribute must not have. Loki (distributor/field_detection.go), and Grafana after it, take a record's
// level from metadata of these names before they look at its severity, so that `level: 'gold'` of a customer would
// become the log level. Such an attribute keeps its value and gets a prefix.

const LEVEL_NAMES: ReadonlySet<string> = new Set([
  'level',
  'log.level',
  'log_level',
  'severity',
  'severitytext',
  'severity_text',
  'severity_number',
  'lvl',
  'detected_level',
])

const L = 'l'.charCodeAt(0)
const S = 's'.charCodeAt(0)
const D = 'd'.charCodeAt(0)

/** Whether an attribute of this name would be taken for the record's level. */
export function isLevelName(name: string): boolean {
  // Asked of every attribute: the first letter answers for nearly all of them.
  const first = name.charCodeAt(0) | 0x20
  if (first !== L && first !== S && first !== D) return false
  return LEVEL_NAMES.has(name.toLowerCase())
}

/** The name to send an attribute under: `level` becomes `custom.level`; nearly all others stay. */
export function safeAttributeName(name: string): string {
  return isLevelName(name) ? `custom.${name}` : name
}

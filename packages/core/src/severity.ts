// Level names and numbers -> SeverityNumber (logs/data-model.md, Mapping of SeverityNumber).
// Names first, since their meaning is known; numbers are placed between the levels whose meaning is known.

/** Level names in use, in lower case, with their numbers; syslog's by the data model's Appendix B. */
const SEVERITY_BY_NAME: ReadonlyMap<string, number> = new Map([
  ['trace', 1],
  ['silly', 1],
  ['verbose', 3],
  ['debug', 5],
  ['info', 9],
  ['information', 9],
  ['informational', 9],
  ['notice', 10],
  ['success', 10],
  ['warn', 13],
  ['warning', 13],
  ['err', 17],
  ['error', 17],
  ['crit', 18],
  ['critical', 18],
  ['alert', 19],
  ['emerg', 21],
  ['emergency', 21],
  ['panic', 21],
  ['fatal', 21],
])

/** The data model's short names (Displaying Severity): TRACE, TRACE2, ... FATAL4. */
const SHORT_NAMES = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'] as const

/** The number of a level name in any case, or of a short name such as `WARN3`; `undefined` when it is not known. */
export function severityOfName(name: string): number | undefined {
  const known = SEVERITY_BY_NAME.get(name.toLowerCase())
  if (known !== undefined) return known
  const short = /^(TRACE|DEBUG|INFO|WARN|ERROR|FATAL)([2-4])$/i.exec(name)
  if (short === null) return undefined
  return SHORT_NAMES.indexOf(short[1]!.toUpperCase() as (typeof SHORT_NAMES)[number]) * 4 + Number(short[2])
}

/** The short name of a number from 1 to 24: `INFO` of 9, `ERROR2` of 18 (Displaying Severity). */
export function shortNameOf(severityNumber: number): string {
  const step = (severityNumber - 1) % 4
  return `${SHORT_NAMES[(severityNumber - 1 - step) / 4]}${step === 0 ? '' : step + 1}`
}

/** The name of the range of a number from 1 to 24: `INFO` of 9 to 12. */
export function rangeNameOf(severityNumber: number): string {
  return SHORT_NAMES[Math.floor((severityNumber - 1) / 4)]!
}

/** A level number whose severity is known. */
export type SeverityAnchor = readonly [level: number, severityNumber: number]

/** pino's own levels. */
export const PINO_ANCHORS: readonly SeverityAnchor[] = [
  [10, 1],
  [20, 5],
  [30, 9],
  [40, 13],
  [50, 17],
  [60, 21],
]

/**
 * Places a level number among anchors, which are sorted by level: never less severe than the anchor on its mild side, and,
 * where there is room, never equal to it, so that the order of levels stays the order of numbers. Always 1 to 24.
 */
export function severityOfNumber(level: number, anchors: readonly SeverityAnchor[]): number {
  const exact = anchors.find(([at]) => at === level)
  if (exact !== undefined) return exact[1]
  const above = anchors.findIndex(([at]) => at > level)
  if (above === -1) return beyond(level, anchors.at(-1)!, anchors.at(-2))
  if (above === 0) return beyond(level, anchors[0]!, anchors[1])
  const [lowLevel, low] = anchors[above - 1]!
  const [highLevel, high] = anchors[above]!
  const between = low + ((level - lowLevel) / (highLevel - lowLevel)) * (high - low)
  const least = Math.min(low, high) + 1
  const most = Math.max(low, high) - 1
  return least > most ? Math.min(low, high) : Math.min(most, Math.max(least, Math.round(between)))
}

/** Outside all anchors: one step of four for each distance between the last two. */
function beyond(level: number, [at, severity]: SeverityAnchor, next: SeverityAnchor | undefined): number {
  const slope = next === undefined || next[0] === at ? 0.4 : (severity - next[1]) / (at - next[0])
  const placed = severity + (level - at) * slope
  const rounded = placed > severity ? Math.ceil(placed) : Math.floor(placed)
  return Math.min(24, Math.max(1, rounded))
}

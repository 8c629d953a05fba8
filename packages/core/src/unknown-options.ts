// Unknown option names: one warning for all of them, each with the known name that was probably meant.
// They are not errors, so that a config written for a newer version still ships logs.

import { isRecord, shownText } from './check.ts'

// Pino adds these to the options of every worker.
const IGNORED = ['$context', 'pinoWillSendConfig']

/** What other transports, and docs/migrating.md, call it -> what it is here. */
const COUNTERPARTS = new Map(
  Object.entries({
    resource: ['service', 'serviceName', 'serviceVersion', 'resourceAttributes', 'labels'],
    scope: ['loggerName'],
    endpoint: ['host'],
    severity: ['severityMapping', 'severityNumberMap', 'levelMap'],
    minimumSeverity: ['level', 'logSeverity'],
    scheduledDelayMillis: ['batching', 'interval'],
    maxQueueSize: ['maxBufferSize'],
  }).flatMap(([name, others]) => others.map((other) => [other.toLowerCase(), name])),
)

/** The warning about names in `options` that are not among `known` (dotted for groups); undefined when all are known. */
export function unknownOptions(
  options: Readonly<Record<string, unknown>>,
  known: readonly string[],
): string | undefined {
  const top = [...new Set(known.map((name) => name.split('.')[0]!))]
  const groups = top.filter((name) => !known.includes(name))
  const given = Object.keys(options).filter((name) => !IGNORED.includes(name))
  const unknown = given.filter((name) => !top.includes(name)).map((name) => describe(name, [...top, ...known]))
  for (const group of groups) {
    const members = options[group]
    if (!isRecord(members)) continue
    const names = Object.keys(members).map((name) => `${group}.${name}`)
    unknown.push(...names.filter((name) => !known.includes(name)).map((name) => describe(name, known)))
  }
  if (unknown.length === 0) return undefined
  return `Ignored unknown option${unknown.length > 1 ? 's' : ''}: ${unknown.join(', ')}`
}

function describe(name: string, known: readonly string[]): string {
  const near = COUNTERPARTS.get(name.toLowerCase()) ?? nearest(name, known)
  return `\`${shownText(name)}\`${near === undefined ? '' : ` (did you mean \`${near}\`?)`}`
}

/** The known name that a slip of the pen, or a forgotten unit or group, turns into `name`. */
function nearest(name: string, known: readonly string[]): string | undefined {
  const wanted = name.toLowerCase()
  if (wanted.length > 64) return undefined
  let best: string | undefined
  let least = Math.max(1, Math.floor(wanted.length / 4)) + 1
  for (const candidate of known) {
    const lower = candidate.toLowerCase()
    const distance = isPart(wanted, lower) ? 1 : editDistance(wanted, lower)
    if (distance < least) [best, least] = [candidate, distance]
  }
  return best
}

// Short ones are left out: who writes `level` does not mean `keys.level`.
function isPart(wanted: string, name: string): boolean {
  return wanted.length >= 6 && (name.startsWith(wanted) || name.endsWith(`.${wanted}`))
}

/** How many letters must be added, taken away or replaced (Levenshtein). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(next[j - 1]! + 1, row[j]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1))
    }
    row = next
  }
  return row[b.length]!
}

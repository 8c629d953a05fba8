// winston levels -> severity. The logger's own set decides: `verbose` lies above `debug` in npm's and below it in cli's.
// winston's three sets have fixed numbers (syslog's by the data model's Appendix B). In another set the names whose
// meaning is known are anchors, and the others are placed between them by their rank, so that order stays order.

import { type SeverityAnchor, severityOfName, severityOfNumber } from 'otlp-logs-core'

/** Names by rank: 0 is the most severe. */
export type LevelSet = Readonly<Record<string, number>>

const PRESETS: readonly LevelSet[] = [
  { error: 17, warn: 13, info: 9, http: 7, verbose: 6, debug: 5, silly: 1 },
  { emerg: 21, alert: 19, crit: 18, error: 17, warning: 13, notice: 10, info: 9, debug: 5 },
  {
    ...{ error: 17, warn: 13, help: 11, data: 10, info: 9 },
    ...{ debug: 5, prompt: 4, verbose: 3, input: 2, silly: 1 },
  },
]

/** Names that mean different things in different sets: they are placed by their rank. */
const AMBIGUOUS: ReadonlySet<string> = new Set(['verbose', 'silly', 'notice', 'success'])

/** The severity number of each level of a set; 0 where nothing in the set has a known meaning. */
export function severitiesOf(levels: LevelSet, overrides: Readonly<Record<string, number>>): Map<string, number> {
  const names = Object.keys(levels).toSorted((a, b) => levels[a]! - levels[b]!)
  const preset = PRESETS.find((set) => isPartOf(names, set))
  // What the user says of one level moves no other, unless nothing else is known of the set.
  const ways: ((name: string) => number | undefined)[] = [
    (name) => (AMBIGUOUS.has(name.toLowerCase()) ? undefined : severityOfName(name)),
    (name) => overrides[name],
    severityOfName,
  ]
  const anchors = ways.map((way) => anchorsOf(names, levels, way)).find(({ length }) => length > 0)
  const place = (name: string): number => (anchors === undefined ? 0 : severityOfNumber(-levels[name]!, anchors))
  return new Map(names.map((name) => [name, overrides[name] ?? preset?.[name] ?? place(name)]))
}

function anchorsOf(
  names: readonly string[],
  levels: LevelSet,
  severityOf: (name: string) => number | undefined,
): SeverityAnchor[] {
  const anchors: SeverityAnchor[] = []
  for (const name of names.toReversed()) {
    const known = severityOf(name)
    // One that breaks the set's own order is no anchor.
    if (known !== undefined && known >= (anchors.at(-1)?.[1] ?? 0)) anchors.push([-levels[name]!, known])
  }
  return anchors
}

/** Whether these names, from severe to mild, are a part of a preset, in its order. */
function isPartOf(names: readonly string[], preset: LevelSet): boolean {
  const order = Object.keys(preset)
  const places = names.map((name) => order.indexOf(name))
  return places.every((place, i) => place >= 0 && (i === 0 || place > places[i - 1]!))
}

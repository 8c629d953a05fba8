// A line's level -> severity. What the user says first (`severity`), then the level's name, since its meaning is known,
// then its number, placed between the levels whose meaning is known.
// Names of custom levels come from the loggers' own configuration; several loggers on one transport add theirs.

import { PINO_ANCHORS, type SeverityAnchor, severityOfName, severityOfNumber } from 'otlp-logs-core'

export interface Severity {
  severityNumber: number
  severityText: string | undefined
}

/** pino's standard levels, by number. */
const PINO_LABELS: Readonly<Record<string, string>> = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
  60: 'fatal',
}

export class Levels {
  readonly #overrides: Readonly<Record<string, number>>
  #labels: Record<string, string> = { ...PINO_LABELS }
  #anchors: readonly SeverityAnchor[] = PINO_ANCHORS
  readonly #known = new Map<unknown, Severity>()

  constructor(overrides: Readonly<Record<string, number>>) {
    // Without a prototype, as a line may have any text for a level.
    this.#overrides = Object.assign(Object.create(null) as object, overrides)
  }

  /** Learns a logger's levels: names by number. */
  learn(labels: Readonly<Record<string, string>>): void {
    this.#labels = { ...this.#labels, ...labels }
    // A logger with levels of its own may number them otherwise: downwards, or from 1 to 8.
    const named = anchorsOf(labels, severityOfName)
    // What the user says of one level moves no other, unless nothing else is known of the set.
    const anchors =
      named.length >= 2 ? named : anchorsOf(labels, (name) => this.#overrides[name] ?? severityOfName(name))
    if (anchors.length >= 2) this.#anchors = anchors
    this.#known.clear()
  }

  severityOf(level: unknown): Severity {
    const known = this.#known.get(level)
    if (known !== undefined) return known
    const severity = this.#resolve(level)
    // Levels are few; a logger that invents them must not fill the memory.
    if (this.#known.size < 256) this.#known.set(level, severity)
    return severity
  }

  #resolve(level: unknown): Severity {
    if (typeof level === 'number') return this.#ofNumber(level)
    if (typeof level !== 'string') return { severityNumber: 0, severityText: undefined }
    if (/^-?\d+(?:\.\d+)?$/.test(level)) return this.#ofNumber(Number(level))
    const named = this.#overrides[level] ?? severityOfName(level)
    if (named !== undefined) return { severityNumber: named, severityText: level }
    const number = Object.keys(this.#labels).find((key) => this.#labels[key] === level)
    return {
      severityNumber: number === undefined ? 0 : this.#ofNumber(Number(number)).severityNumber,
      severityText: level,
    }
  }

  #ofNumber(level: number): Severity {
    const label = this.#labels[level]
    const named = label === undefined ? undefined : (this.#overrides[label] ?? severityOfName(label))
    const severityNumber = this.#overrides[String(level)] ?? named ?? severityOfNumber(level, this.#anchors)
    return { severityNumber, severityText: label }
  }
}

function anchorsOf(
  labels: Readonly<Record<string, string>>,
  severityOf: (name: string) => number | undefined,
): SeverityAnchor[] {
  const anchors: SeverityAnchor[] = []
  for (const [level, label] of Object.entries(labels)) {
    const severity = severityOf(label)
    if (severity !== undefined && Number.isFinite(Number(level))) anchors.push([Number(level), severity])
  }
  return anchors.toSorted(([a], [b]) => a - b)
}

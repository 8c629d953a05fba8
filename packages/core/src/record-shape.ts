// How a record looks to the backend, for options that want it otherwise: HTTP attributes, text of the line, shape of
// attributes, text of the level, and what fits into Loki. In this order, as a line is made of what is sent, and nested still.
// Runs between hooks and encoder, so that all of it is made of what filter, transform and redaction have left.
// Settled when the pipeline is built: without such options there is no RecordShape, and a record costs nothing more.
// Never changes a record, which may be the user's: it gives a new one.

import { type Attributes, flatten, type Shaped, stringify } from './attribute-shape.ts'
import { toHttpAttributes } from './http-attributes.ts'
import { createLokiShape, type Fitted } from './loki-shape.ts'
import type { LogRecord } from './record.ts'
import { createRecordUid } from './record-uid.ts'
import { createRedactor } from './redact.ts'
import type { Settings } from './settings.ts'
import { rangeNameOf, shortNameOf } from './severity.ts'
import { sourceLine } from './source-line.ts'

type Step = (record: LogRecord) => LogRecord

/**
 * Undefined where records stay as they are.
 * @param messageKey under which the logger writes the message
 */
export function createRecordShape(settings: Settings, messageKey: string): RecordShape | undefined {
  const shape = new RecordShape(settings, messageKey)
  return shape.isNeeded ? shape : undefined
}

export class RecordShape {
  /** Whether something of the last record was cut. */
  cut = false
  readonly #steps: readonly Step[]

  constructor(settings: Settings, messageKey: string) {
    const { body, attributes, severityText, recordAttributes } = settings
    const steps: Step[] = []
    if (settings.httpAttributes) steps.push(withHttpAttributes(settings))
    if (body === 'line')
      steps.push((record) => ({ ...record, body: record.original ?? sourceLine(record, messageKey) }))
    if (attributes === 'flat') steps.push((record) => this.#shaped(record, flatten))
    if (attributes === 'json') steps.push((record) => this.#shaped(record, stringify))
    if (severityText === 'short') steps.push(named(shortNameOf))
    if (severityText === 'range') steps.push(named(rangeNameOf))
    if (recordAttributes.includes('log.record.original')) steps.push(withOriginal)
    if (recordAttributes.includes('log.record.uid')) steps.push(withUid)
    if (settings.loki !== undefined) steps.push(this.#fitted(createLokiShape(settings, settings.loki)))
    this.#steps = steps
  }

  get isNeeded(): boolean {
    return this.#steps.length > 0
  }

  /** The record as it is sent. */
  of(record: LogRecord): LogRecord {
    this.cut = false
    let shaped = record
    for (const step of this.#steps) shaped = step(shaped)
    return shaped
  }

  #fitted(fit: (record: LogRecord) => Fitted): Step {
    return (record) => {
      const fitted = fit(record)
      this.cut ||= fitted.cut
      return fitted.record
    }
  }

  #shaped(record: LogRecord, shape: (attributes: Attributes) => Shaped): LogRecord {
    const { attributes, cut } = shape(record.attributes)
    this.cut ||= cut
    return { ...record, attributes }
  }
}

/** A level without a number keeps its own text. */
function named(nameOf: (severityNumber: number) => string): Step {
  return (record) => {
    const { severityNumber } = record
    const isKnown = Number.isInteger(severityNumber) && severityNumber >= 1 && severityNumber <= 24
    return isKnown ? { ...record, severityText: nameOf(severityNumber) } : record
  }
}

/** Redaction has seen `req` and `res`; the names of conventions are new, and redacted by themselves. */
function withHttpAttributes({ httpHeaders, redact }: Settings): Step {
  const headers = new Set(httpHeaders)
  const redactor = redact === undefined ? undefined : createRedactor(redact)
  return (record) => {
    const found = httpAttributesOf(record, headers)
    if (found === undefined) return record
    const mapped = { ...record, body: undefined, attributes: found.mapped }
    redactor?.(mapped)
    // What the user set under these names wins.
    return { ...record, attributes: { ...mapped.attributes, ...found.rest } }
  }
}

function httpAttributesOf(
  { attributes }: LogRecord,
  headers: ReadonlySet<string>,
): ReturnType<typeof toHttpAttributes> {
  try {
    return toHttpAttributes(attributes, headers)
  } catch {
    // A getter that throws: the encoder marks the place.
    return undefined
  }
}

/** Where the body is the line already, it says nothing more. */
function withOriginal(record: LogRecord): LogRecord {
  const { original, body } = record
  if (original === undefined || original === body) return record
  return { ...record, attributes: { ...record.attributes, 'log.record.original': original } }
}

function withUid(record: LogRecord): LogRecord {
  // In front, so that the limit on attributes does not cut it.
  return { ...record, attributes: { 'log.record.uid': createRecordUid(Date.now()), ...record.attributes } }
}

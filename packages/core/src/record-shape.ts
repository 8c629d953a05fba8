// How a record looks to the backend, for options that want it otherwise: text of the line, shape of attributes, text of the
// level. Runs between hooks and encoder, so that all of it is made of what filter, transform and redaction have left.
// Settled when the pipeline is built: without such options there is no RecordShape, and a record costs nothing more.
// Never changes a record, which may be the user's: it gives a new one.

import { type Attributes, flatten, type Shaped, stringify } from './attribute-shape.ts'
import type { LogRecord } from './record.ts'
import type { Settings } from './settings.ts'
import { shortNameOf } from './severity.ts'
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

  constructor({ body, attributes, severityText }: Settings, messageKey: string) {
    const steps: Step[] = []
    if (body === 'line')
      steps.push((record) => ({ ...record, body: record.original ?? sourceLine(record, messageKey) }))
    if (attributes === 'flat') steps.push((record) => this.#shaped(record, flatten))
    if (attributes === 'json') steps.push((record) => this.#shaped(record, stringify))
    if (severityText === 'short') steps.push(withShortName)
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

  #shaped(record: LogRecord, shape: (attributes: Attributes) => Shaped): LogRecord {
    const { attributes, cut } = shape(record.attributes)
    this.cut ||= cut
    return { ...record, attributes }
  }
}

function withShortName(record: LogRecord): LogRecord {
  const { severityNumber } = record
  const isKnown = Number.isInteger(severityNumber) && severityNumber >= 1 && severityNumber <= 24
  return isKnown ? { ...record, severityText: shortNameOf(severityNumber) } : record
}

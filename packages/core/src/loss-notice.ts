// Tells the backend about losses: one LogRecord `otlp_logs.dropped` with the counts since the last one, sent along with
// the next request after a loss, so that a gap in the logs explains itself. It counts nowhere itself.

import { records } from './diagnostics.ts'
import { Encoder, type EncoderOptions } from './encode.ts'
import { millisToUnixNano } from './record.ts'
import type { DropReason } from './report.ts'
import type { Run } from './slab.ts'

export class LossNotice {
  readonly #options: EncoderOptions
  readonly #counts = new Map<DropReason, number>()

  constructor(options: EncoderOptions) {
    this.#options = options
  }

  add(reason: DropReason, count: number): void {
    this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + count)
  }

  /** The record about all losses since the last call; `undefined` when there were none. */
  take(): Run | undefined {
    if (this.#counts.size === 0) return undefined
    const counts = [...this.#counts]
    this.#counts.clear()
    const total = counts.reduce((sum, [, count]) => sum + count, 0)
    const now = millisToUnixNano(Date.now())
    // An encoder of its own, as this record lies outside the queue and its slabs.
    return new Encoder({ ...this.#options, slabBytes: 1024 }).encode({
      timeUnixNano: now,
      observedTimeUnixNano: now,
      severityNumber: 13,
      severityText: 'warn',
      eventName: 'otlp_logs.dropped',
      body: `${records(total)} lost: ${counts.map(([reason, count]) => `${count} ${reason}`).join(', ')}`,
      attributes: Object.fromEntries(counts.map(([reason, count]) => [`otlp_logs.dropped.${reason}`, count])),
    })
  }
}

// Records about losses on their way to the backend: each goes with the next request, until one has brought it.
// Caller: sender.ts.

import { type Clock, within } from './clock.ts'
import type { ExportResult } from './export.ts'
import type { Run } from './slab.ts'

export class Notices {
  readonly #lossNotice: () => Run | undefined
  #left: Run[] = []

  /** @param lossNotice gives a record about the losses since the last one */
  constructor(lossNotice: () => Run | undefined) {
    this.#lossNotice = lossNotice
  }

  /** Those that came back, or else a new one, so that an outage does not pile them up. */
  take(): Run[] {
    if (this.#left.length > 0) return this.#left.splice(0)
    const notice = this.#lossNotice()
    return notice === undefined ? [] : [notice]
  }

  /** No request has brought them. */
  putBack(notices: readonly Run[]): void {
    this.#left.push(...notices)
  }

  /** Sends what there is when no request is coming that could carry it. One try; then it waits for a request, after all. */
  async sendAlone(
    send: (runs: readonly Run[]) => Promise<ExportResult>,
    timeMillis: number,
    clock: Clock,
  ): Promise<void> {
    const notices = this.take()
    if (notices.length === 0) return
    const result = await within(send(notices), timeMillis, clock).catch(() => undefined)
    // After its time it may still arrive.
    if (result !== 'late' && result?.kind !== 'success') this.putBack(notices)
  }
}

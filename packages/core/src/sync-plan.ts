// When what was written is due for a sync: so long after it was written, unless it has left for good by then.
// Caller: journal-writer.ts.

import type { Clock } from './clock.ts'

export interface SyncPlanOptions {
  clock: Clock
  /** How long what is written may be undelivered before it is synced. */
  syncMillis: number
  /** The records up to, but not including, this number are due, or have left. */
  onDue(until: number): void
}

/** What is written within so short a part of the time until its sync is synced together, none of it late. */
const SYNCED_TOGETHER = 1 / 16

export class SyncPlan {
  readonly #options: SyncPlanOptions
  /** The records before `until` that were written from `at` on are due in `syncMillis` from then. */
  #marks: { until: number; at: number }[] = []
  #cancel: (() => void) | undefined

  constructor(options: SyncPlanOptions) {
    this.#options = options
  }

  /** All before this number is written. @param now by the clock */
  mark(until: number, now: number): void {
    const { syncMillis } = this.#options
    const last = this.#marks.at(-1)
    if (last !== undefined && now - last.at <= syncMillis * SYNCED_TOGETHER) last.until = until
    else this.#marks.push({ until, at: now })
    this.#plan()
  }

  /** All that is written is synced, or about to be. */
  clear(): void {
    this.#marks = []
  }

  close(): void {
    this.#cancel?.()
  }

  #plan(): void {
    const [mark] = this.#marks
    if (mark === undefined || this.#cancel !== undefined) return
    const { clock, syncMillis, onDue } = this.#options
    this.#cancel = clock.after(mark.at + syncMillis - clock.now(), () => {
      this.#cancel = undefined
      if (this.#marks[0] === mark) {
        this.#marks.shift()
        onDue(mark.until)
      }
      this.#plan()
    })
  }
}

// Who waits for what: each flush until every record before it has left for good, or its time is over.
// Caller: sender.ts, which knows the records and tells when some have left.

import type { Clock } from './clock.ts'

export class Flushes {
  /** How many there ever were. */
  calls = 0
  #waiting: { before: number; done: (complete: boolean) => void }[] = []

  get size(): number {
    return this.#waiting.length
  }

  /** Whether the records before `before` left in time. Its timer keeps the process alive, as somebody awaits it. */
  wait(before: number, millis: number, clock: Clock): Promise<boolean> {
    this.calls++
    return new Promise((resolve) => {
      const cancel = clock.after(millis, () => done(false), true)
      const done = (complete: boolean): void => {
        cancel()
        this.#waiting = this.#waiting.filter((flush) => flush !== entry)
        resolve(complete)
      }
      const entry = { before, done }
      this.#waiting.push(entry)
    })
  }

  /** All records before `oldest` have left. */
  settle(oldest: number): void {
    for (const flush of this.#waiting.filter(({ before }) => before <= oldest)) flush.done(true)
  }
}

// One timer that can be brought forward: who has to do something soon says when, and the earliest time counts.

import type { Clock } from './clock.ts'

export class Alarm {
  readonly #clock: Clock
  readonly #ring: () => void
  #at = Number.POSITIVE_INFINITY
  #cancel: (() => void) | undefined

  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock
    this.#ring = ring
  }

  /** Whether it rings as soon as it can. */
  get isDue(): boolean {
    return this.#at === 0
  }

  /** Rings then, unless it rings earlier. */
  set(at: number): void {
    if (at >= this.#at) return
    this.clear()
    const now = this.#clock.now()
    this.#at = at <= now ? 0 : at
    this.#cancel = this.#clock.after(at - now, () => {
      this.#cancel = undefined
      this.#at = Number.POSITIVE_INFINITY
      this.#ring()
    })
  }

  clear(): void {
    this.#cancel?.()
    this.#cancel = undefined
    this.#at = Number.POSITIVE_INFINITY
  }
}

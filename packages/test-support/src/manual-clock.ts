// Time that goes on only when a test says so, for the sender: real queue, real sockets, and minutes that take no time.
// It has the shape of otlp-logs-core's Clock. A timer runs when the test gets to it; the network takes its own real time.

interface Timer {
  at: number
  run: () => void
}

export class ManualClock {
  /** What `now()` gives, in milliseconds. */
  millis = 1000
  /** What `random()` gives: 0 for the shortest waits, 0.999999 for the longest; or a function. */
  chance: number | (() => number) = 0
  #timers: Timer[] = []

  now(): number {
    return this.millis
  }

  random: () => number = () => (typeof this.chance === 'number' ? this.chance : this.chance())

  after(millis: number, run: () => void): () => void {
    const timer = { at: this.millis + Math.max(0, millis), run }
    this.#timers.push(timer)
    return () => void (this.#timers = this.#timers.filter((other) => other !== timer))
  }

  /** When the next timer is due; undefined when there is none. */
  get nextAt(): number | undefined {
    return this.#first?.at
  }

  /** Runs what is due within so many milliseconds, in its order, with all promises settled in between. */
  async advance(millis: number): Promise<void> {
    const end = this.millis + millis
    for (;;) {
      await settled()
      const next = this.#first
      if (next === undefined || next.at > end) break
      this.#fire(next)
    }
    this.millis = end
    await settled()
  }

  /**
   * Goes from timer to timer until `done` holds, as fast as the network answers: a sender that has a request under way
   * has no timer, so that time stands still until it is answered. (A flush has one, its deadline: use `advance` there.)
   * @throws Error when that takes more than `realMillis`
   */
  async run(done: () => boolean, realMillis = 20_000): Promise<void> {
    const end = performance.now() + realMillis
    for (;;) {
      await settled()
      if (done()) return
      const next = this.#first
      if (next !== undefined) this.#fire(next)
      if (performance.now() < end) continue
      throw new Error(
        `${realMillis} ms have passed, ${Math.round(this.millis)} ms on the test's clock, and it is not done`,
      )
    }
  }

  get #first(): Timer | undefined {
    let first: Timer | undefined
    for (const timer of this.#timers) if (first === undefined || timer.at < first.at) first = timer
    return first
  }

  #fire(timer: Timer): void {
    this.#timers = this.#timers.filter((other) => other !== timer)
    this.millis = Math.max(this.millis, timer.at)
    timer.run()
  }
}

/** All promises that can go on have done so, and a round of I/O. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

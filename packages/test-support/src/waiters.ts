// Promises that wait for a predicate to hold. It is asked at once and then at every change that the owner reports, so
// nothing is polled. A wait ends by its predicate, by its time (unref'ed) or by the owner's end, and never stays behind.
// Called by receiver.ts.

interface Waiter {
  check(): void
  fail(error: Error): void
}

export class Waiters {
  readonly #waiting = new Set<Waiter>()
  readonly #summary: () => string
  #closed = false

  /** `summary` is what a wait that fails says it got instead. */
  constructor(summary: () => string) {
    this.#summary = summary
  }

  wait(holds: () => boolean, timeoutMillis: number, what: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (act: () => void): void => {
        clearTimeout(timer)
        this.#waiting.delete(waiter)
        act()
      }
      const fail = (error: Error): void => settle(() => reject(error))
      const check = (): void => {
        try {
          if (holds()) settle(resolve)
        } catch (error) {
          fail(error as Error)
        }
      }
      const waiter: Waiter = { check, fail }
      const late = (): void => fail(new Error(`Expected ${what} within ${timeoutMillis} ms, got ${this.#summary()}`))
      const timer = setTimeout(late, timeoutMillis)
      timer.unref()
      this.#waiting.add(waiter)
      check()
      if (this.#closed) fail(this.#closedError())
    })
  }

  changed(): void {
    for (const { check } of [...this.#waiting]) check()
  }

  /** Rejects every wait that does not hold, now and later. */
  close(): void {
    this.#closed = true
    for (const { fail } of [...this.#waiting]) fail(this.#closedError())
  }

  #closedError(): Error {
    return new Error(`The receiver was closed, it had got ${this.#summary()}`)
  }
}

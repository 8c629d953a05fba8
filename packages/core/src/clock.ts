// Time, for the sender: the system's, or a test's. Timers are unref'ed unless asked otherwise: a logger must not keep its
// app alive.

export interface Clock {
  /** Monotonic milliseconds. */
  now(): number
  /** Calls `run` later; `ref` keeps the process alive until then. Returns what cancels it. */
  after(millis: number, run: () => void, ref?: boolean): () => void
  /** A number from 0 up to 1. */
  random(): number
}

/** The longest that a timer can run: 24 days. */
export const MAX_TIMER_MILLIS: number = 2 ** 31 - 1

export const systemClock: Clock = {
  now: () => performance.now(),
  random: Math.random,
  after(millis, run, ref = false) {
    if (millis <= 0 && !ref) {
      const immediate = setImmediate(run)
      return () => clearImmediate(immediate)
    }
    const timer = setTimeout(run, millis)
    if (!ref) timer.unref()
    return () => clearTimeout(timer)
  },
}

/**
 * Aborts with a TimeoutError after so many milliseconds of real time. Not before what has come in meanwhile was looked at:
 * after a blocked event loop timers run first, and an answer that was there in time would count as late.
 */
export function deadline(millis: number): AbortSignal {
  const controller = new AbortController()
  const timeout = AbortSignal.timeout(millis)
  timeout.addEventListener('abort', () => setImmediate(() => controller.abort(timeout.reason)), { once: true })
  return controller.signal
}

/** What comes of a promise, or 'late' after its time. Keeps the process alive meanwhile, as somebody awaits it. */
export async function within<T>(promise: Promise<T>, millis: number, clock: Clock): Promise<T | 'late'> {
  const late = Promise.withResolvers<'late'>()
  const cancel = clock.after(millis, () => late.resolve('late'), true)
  try {
    return await Promise.race([promise, late.promise])
  } finally {
    cancel()
  }
}

// How long to wait for a failing endpoint, and how much to ask of it afterwards.
// - 1 s growing to 4 s, with equal jitter: at least half of the wait is certain, the other half is chance, so that many
//   processes that failed together do not come back together.
// - A server that names a time (Retry-After) gets at least that, up to 300 s; the jitter then only adds.
// - After a failure requests start small, double with each success, and keep a distance from each other (slow start): when
//   an outage ends, the processes of a whole fleet come back within seconds.

const FIRST_BACKOFF_MILLIS = 1000
/** With two steps of a slow start after it, a new line arrives within 5 s of the endpoint's return. */
const MAX_BACKOFF_MILLIS = 4000
/** What a server may ask for at most. */
const MAX_RETRY_AFTER_MILLIS = 300_000
/** Records of the request that asks whether a failing endpoint is back. */
const PROBE_RECORDS = 64
/** Between two requests of a slow start. Twenty processes then make some ten requests in the first second. */
const SLOW_START_MILLIS = 500

export class Backoff {
  /** Failures since the last success. */
  failures = 0
  /** Records that one request may carry now. */
  window: number
  readonly #maxWindow: number
  readonly #random: () => number

  constructor(maxWindow: number, random: () => number) {
    this.window = maxWindow
    this.#maxWindow = maxWindow
    this.#random = random
  }

  /** Whether requests may run side by side: not while it is unknown what the endpoint can bear. */
  get isSteady(): boolean {
    return this.failures === 0 && this.window === this.#maxWindow
  }

  /** Counts a success, and says how many milliseconds to wait before the next request. */
  succeeded(): number {
    this.failures = 0
    this.window = Math.min(this.#maxWindow, this.window * 2)
    return this.isSteady ? 0 : SLOW_START_MILLIS
  }

  /** Starts small, as after a failure. */
  startSlowly(): void {
    this.window = Math.min(PROBE_RECORDS, this.#maxWindow)
  }

  /** Counts a failure, and says how many milliseconds to wait. */
  failed(retryAfterMillis: number): number {
    this.failures++
    this.startSlowly()
    const backoff = Math.min(MAX_BACKOFF_MILLIS, FIRST_BACKOFF_MILLIS * 2 ** (this.failures - 1))
    const jittered = backoff / 2 + (this.#random() * backoff) / 2
    const asked = Math.min(retryAfterMillis, MAX_RETRY_AFTER_MILLIS) * (1 + this.#random() * 0.2)
    return Math.max(jittered, asked)
  }
}

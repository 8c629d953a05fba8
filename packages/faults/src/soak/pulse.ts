// Whether this process gets to run. Where the machine is too busy for that, a request may have waited long before it was
// seen, and its answer come too late.

const BEAT_MILLIS = 50
const PAUSE_MILLIS = 250
/** Until then a pause may still be felt. */
const AFTER_MILLIS = 1000

let lastBeat = performance.now()
let pausedAt = Number.NEGATIVE_INFINITY

setInterval(() => {
  const now = performance.now()
  if (now - lastBeat > PAUSE_MILLIS) pausedAt = now
  lastBeat = now
}, BEAT_MILLIS).unref()

/** There was no pause just before. */
export function isSteady(): boolean {
  const now = performance.now()
  return now - lastBeat < PAUSE_MILLIS && now - pausedAt > AFTER_MILLIS
}

// What a stretch of logging comes to, as results keep it.

import type { Stretch } from '../app/app-process.ts'
import type { Values } from '../results.ts'

export function valuesOf(stretch: Stretch): Values {
  const { cpuMicros, rssPeakMib, waitingPeakMib, count, delivered, lost, duplicates, wireBytes, requests } = stretch
  const { startedAt, endedAt, lastAt } = stretch
  const loggedMillis = Math.max(1, endedAt - startedAt)
  const settledMillis = Math.max(loggedMillis, lastAt - startedAt)
  return {
    count,
    lost,
    duplicates,
    rssPeakMib,
    waitingPeakMib,
    /** How fast the app came to log, which on a busy thread is less than was asked for. */
    loggedPerSecond: (count * 1000) / loggedMillis,
    deliveredPerSecond: (delivered * 1000) / settledMillis,
    loggedMillis,
    settledMillis,
    requests,
    ...(delivered > 0 && { cpuMicrosPerRecord: cpuMicros / delivered, wireBytesPerRecord: wireBytes / delivered }),
  }
}

/** `0`, or how many of how many, over all rounds. */
export function lostOf(rounds: readonly Values[]): string {
  const lost = rounds.reduce((sum, each) => sum + each['lost']!, 0)
  const count = rounds.reduce((sum, each) => sum + each['count']!, 0)
  return lost === 0 ? '0' : `${((100 * lost) / count).toPrecision(lost === count ? 3 : 2)} %`
}

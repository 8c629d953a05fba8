// What a log call costs the thread that makes it. Blocks of calls alternate: one is timed as a whole, which gives the mean
// without the clock's own cost; in the next each call goes into a histogram, which gives what is rare.

import { createHistogram } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import type { Calls } from './commands.ts'

export interface CallOptions {
  log(): void
  /** Runs a block, as inside of a span. */
  within(act: () => void): void
  perSecond: number
  millis: number
}

const BLOCK_MILLIS = 5
const NANOS_PER_MILLI = 1e6
const NANOS_PER_MICRO = 1e3

export async function timeCalls({ log, within, perSecond, millis }: CallOptions): Promise<Calls> {
  const histogram = createHistogram()
  const perBlock = Math.max(1, Math.round((perSecond * BLOCK_MILLIS) / 1000))
  const blocks = Math.max(2, Math.round(millis / BLOCK_MILLIS))
  let together = 0
  let timedTogether = 0
  const wholeBlock = (): void => {
    const startedAt = performance.now()
    for (let i = 0; i < perBlock; i++) log()
    together += performance.now() - startedAt
    timedTogether += perBlock
  }
  const callByCall = (): void => {
    for (let i = 0; i < perBlock; i++) {
      const startedAt = performance.now()
      log()
      histogram.record(Math.max(1, Math.round((performance.now() - startedAt) * NANOS_PER_MILLI)))
    }
  }
  const startedAt = performance.now()
  for (let block = 0; block < blocks; block++) {
    within(block % 2 === 0 ? wholeBlock : callByCall)
    await pause(Math.max(1, startedAt + (block + 1) * BLOCK_MILLIS - performance.now()))
  }
  return {
    meanMicros: (together * 1000) / timedTogether,
    p50Micros: histogram.percentile(50) / NANOS_PER_MICRO,
    p99Micros: histogram.percentile(99) / NANOS_PER_MICRO,
    p999Micros: histogram.percentile(99.9) / NANOS_PER_MICRO,
    maxMicros: histogram.max / NANOS_PER_MICRO,
    count: timedTogether + histogram.count,
  }
}

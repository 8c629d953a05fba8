// The highest rate at which nothing is lost, by bisection of a ladder of rates.

import type { Stretch } from '../app/app-process.ts'

/** What waits a second before it is sent, with something for the way. */
const SCHEDULE_MILLIS = 1300
/** A queue that is longer at the end than this part of all the lines grows faster than it is emptied. */
const MAX_BACKLOG = 0.1
/** Of the time asked for: a thread that is too busy to log in time cannot go faster. */
const MAX_LATENESS = 1.1

/** @returns 0 where even the slowest rate loses lines */
export async function highestLossless(
  ladder: readonly number[],
  attempt: (perSecond: number) => Promise<Stretch>,
): Promise<number> {
  let [holds, fails] = [-1, ladder.length]
  while (fails - holds > 1) {
    const middle = (holds + fails) >> 1
    const perSecond = ladder[middle]!
    if (isLossless(await attempt(perSecond), perSecond)) holds = middle
    else fails = middle
  }
  return ladder[holds] ?? 0
}

/** Nothing is lost, and nothing would be if it went on like this: a long queue only puts the loss off. */
export function isLossless({ lost, count, startedAt, endedAt, lastAt }: Stretch, perSecond: number): boolean {
  const askedMillis = (count * 1000) / perSecond
  if (lost > 0 || endedAt - startedAt > askedMillis * MAX_LATENESS + 50) return false
  return lastAt - endedAt <= SCHEDULE_MILLIS + askedMillis * MAX_BACKLOG
}

// Which records are where, by the order in which they were emitted: numbers only, the records are the queue's affair.
// A flush asks for "every record before me", and records may come back and be sent again out of order, so that no count
// of records could tell. Ranges are few: one for all that waits, and one for each batch that came back.
// Callers: sender.ts, which mirrors here what it does to the queue; lane.ts, for which a number is also a place on disk.

import type { Run } from './slab.ts'

/** Records `first`, `first + 1`, ... up to, but not including, `end`. */
export interface Range {
  first: number
  end: number
}

export class Order {
  #next = 0
  /** What waits, in the order in which it will be taken. Few: one for all that is new, one for each batch that came back. */
  #waiting: Range[] = []
  /** When the oldest that waits came, or a little earlier. */
  since = 0
  /** From this record on, all came after `at`. */
  #mark = { first: 0, at: 0 }

  /** The number that the next record gets. */
  get next(): number {
    return this.#next
  }

  /** How many wait. */
  get count(): number {
    return countOf(this.#waiting)
  }

  /** @param now when it came, where it is the first that waits */
  append(now?: number, count = 1): void {
    const last = this.#waiting.at(-1)
    if (last !== undefined && last.end === this.#next) last.end += count
    else this.#waiting.push({ first: this.#next, end: this.#next + count })
    this.#next += count
    if (now !== undefined) this.since = now
  }

  /** Leaves numbers out: the next record gets `next`. */
  skipTo(next: number): void {
    this.#next = Math.max(this.#next, next)
  }

  /** The smallest number that waits; `next` when none does. */
  get oldest(): number {
    return Math.min(oldestOf(this.#waiting), this.#next)
  }

  /** Takes records off the front. */
  take(count: number, now = 0): Range[] {
    const [taken, left] = split(this.#waiting, count)
    this.#waiting = left
    if (this.oldest >= this.#mark.first) {
      this.since = Math.max(this.since, this.#mark.at)
      this.#mark = { first: this.#next, at: now }
    }
    return taken
  }

  /** The first that would be taken. */
  front(count: number): Range[] {
    return split(this.#waiting, count)[0]
  }

  /** Puts records back to the front. */
  putBack(ranges: readonly Range[]): void {
    this.#waiting.unshift(...ranges)
  }

  /** Which of the numbers from `first` up to, but not including, `end` wait. */
  within(first: number, end: number): Range[] {
    return rangesWithin(this.#waiting, first, end)
  }

  /** How many wait with a number from `first` up to, but not including, `end`. */
  countWithin(first: number, end: number): number {
    return countOf(this.within(first, end))
  }

  /** Ends before number `first`: what waits from there on goes to an order of its own, which goes on in its place. */
  splitAt(first: number): Order {
    const rest = new Order()
    rest.#waiting = this.within(first, this.#next)
    rest.#next = this.#next
    this.cut(first, this.#next)
    this.#next = first
    return rest
  }

  /** Takes these out of what waits, and says how many there were. */
  cut(first: number, end: number): number {
    const count = this.countWithin(first, end)
    if (count === 0) return 0
    this.#waiting = this.#waiting
      .flatMap((range) => [overlap(range, { first: 0, end: first }), overlap(range, { first: end, end: this.#next })])
      .filter((range) => range.end > range.first)
    return count
  }
}

function overlap(a: Range, b: Range): Range {
  const first = Math.max(a.first, b.first)
  const end = Math.min(a.end, b.end)
  return end > first ? { first, end } : { first: 0, end: 0 }
}

/** The parts of these with a number from `first` up to, but not including, `end`. */
export function rangesWithin(ranges: readonly Range[], first: number, end: number): Range[] {
  return ranges.map((range) => overlap(range, { first, end })).filter((range) => range.end > range.first)
}

export function countOf(ranges: readonly Range[]): number {
  return ranges.reduce((sum, { first, end }) => sum + end - first, 0)
}

/** The smallest number; infinite when there is none. */
export function oldestOf(ranges: readonly Range[]): number {
  return ranges.reduce((oldest, { first }) => Math.min(oldest, first), Number.POSITIVE_INFINITY)
}

/** The first `count` records, and the others. */
export function split(ranges: readonly Range[], count: number): [Range[], Range[]] {
  const parts: [Range[], Range[]] = [[], []]
  let room = count
  for (const { first, end } of ranges) {
    const at = Math.min(end, first + room)
    if (at > first) parts[0].push({ first, end: at })
    if (end > at) parts[1].push({ first: at, end })
    room -= at - first
  }
  return parts
}

/**
 * Gives each run the number of its first record; runs are cut where numbers are missing, and what is before `from` is left out.
 * @param ranges the numbers of the records in these runs
 * @param next the offset behind the record at `offset`
 */
export function numbered(
  ranges: readonly Range[],
  runs: readonly Run[],
  from: number,
  next: (slab: Buffer, offset: number) => number,
): { first: number; run: Run }[] {
  const found: { first: number; run: Run }[] = []
  const before = { first: 0, end: from }
  const after = { first: from, end: Number.POSITIVE_INFINITY }
  const parts = ranges.flatMap((range) => [overlap(range, before), overlap(range, after)])
  let i = 0
  let left = { ...runs[0]! }
  for (const { first: begin, end } of parts) {
    let first = begin
    while (first < end) {
      const run = { ...left, count: Math.min(left.count, end - first) }
      if (run.count < left.count) {
        run.end = run.start
        for (let n = 0; n < run.count; n++) run.end = next(run.slab, run.end)
        left = { ...left, start: run.end, count: left.count - run.count }
      } else left = { ...runs[++i]! }
      if (first >= from) found.push({ first, run })
      first += run.count
    }
  }
  return found
}

/**
 * The parts of a run that are in these ranges, which are in order.
 * @param first the number of the run's first record
 */
export function cutOut(
  run: Run,
  first: number,
  ranges: readonly Range[],
  next: (slab: Buffer, offset: number) => number,
): Run[] {
  let at = first
  let offset = run.start
  const goTo = (end: number): number => {
    if (end === first + run.count) offset = run.end
    else for (; at < end; at++) offset = next(run.slab, offset)
    return offset
  }
  return ranges.map((range) => ({
    ...run,
    start: goTo(range.first),
    end: goTo(range.end),
    count: range.end - range.first,
  }))
}

// Which records are where, by the order in which they were emitted: numbers only, the records are the queue's affair.
// A flush asks for "every record before me", and records may come back and be sent again out of order, so that no count
// of records could tell. Ranges are few: one for all that waits, and one for each batch that came back.
// Caller: sender.ts, which mirrors here what it does to the queue.

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

  /** Puts records back to the front. */
  putBack(ranges: readonly Range[]): void {
    this.#waiting.unshift(...ranges)
  }

  /** How many wait with a number from `first` up to, but not including, `end`. */
  countWithin(first: number, end: number): number {
    return countOf(this.#waiting.map((range) => overlap(range, { first, end })))
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
  return { first, end: Math.max(first, Math.min(a.end, b.end)) }
}

function countOf(ranges: readonly Range[]): number {
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

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
  /** The first of those that wait for the first time. */
  #tail = 0
  /** What came back, in front of the tail. */
  #back: Range[] = []
  /** When the oldest that waits came, or a little earlier. */
  since = 0
  /** From this record on, all came after `at`. */
  #mark = { first: 0, at: 0 }

  /** The number that the next record gets. */
  get next(): number {
    return this.#next
  }

  /** @param now when it came, where it is the first that waits */
  append(now?: number): void {
    this.#next++
    if (now !== undefined) this.since = now
  }

  /** The smallest number that waits; `next` when none does. */
  get oldest(): number {
    return Math.min(oldestOf(this.#back), this.#tail)
  }

  /** Takes records off the front. */
  take(count: number, now: number): Range[] {
    const fromBack = split(this.#back, count)
    this.#back = fromBack[1]
    const rest = count - countOf(fromBack[0])
    if (rest > 0) fromBack[0].push({ first: this.#tail, end: this.#tail + rest })
    this.#tail += rest
    if (this.oldest >= this.#mark.first) {
      this.since = Math.max(this.since, this.#mark.at)
      this.#mark = { first: this.#next, at: now }
    }
    return fromBack[0]
  }

  /** Puts records back to the front. */
  putBack(ranges: readonly Range[]): void {
    this.#back.unshift(...ranges)
  }
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

// The batches that are under way, and which records are in them: what was taken and neither came back nor left for good.
// Callers: sender.ts, for a flush; lane.ts, for the cursor.

import { countOf, oldestOf, type Range, rangesWithin, split } from './order.ts'
import type { Batch } from './record-queue.ts'

export class InFlight {
  readonly #ranges = new Map<Batch, Range[]>()

  /** Oldest first, but for parts of a batch and batches that came back. */
  get batches(): [Batch, Range[]][] {
    return [...this.#ranges]
  }

  /** How many records. */
  get count(): number {
    let count = 0
    for (const batch of this.#ranges.keys()) count += batch.count
    return count
  }

  /** How many with a number from `first` up to, but not including, `end`. */
  countWithin(first: number, end: number): number {
    let count = 0
    for (const ranges of this.#ranges.values()) count += countOf(rangesWithin(ranges, first, end))
    return count
  }

  /** The smallest number; infinite when there is none. */
  get oldest(): number {
    let oldest = Number.POSITIVE_INFINITY
    for (const ranges of this.#ranges.values()) oldest = Math.min(oldest, oldestOf(ranges))
    return oldest
  }

  has(batch: Batch): boolean {
    return this.#ranges.has(batch)
  }

  add(batch: Batch, ranges: Range[]): void {
    this.#ranges.set(batch, ranges)
  }

  /** Gives the records that were in it. */
  remove(batch: Batch): Range[] {
    const ranges = this.#ranges.get(batch) ?? []
    this.#ranges.delete(batch)
    return ranges
  }

  /** The batch was parted in two. One that stays whole is its own part. */
  part(batch: Batch, parts: readonly Batch[]): void {
    const ranges = split(this.remove(batch), parts[0]!.count)
    for (const [i, part] of parts.entries()) this.add(part, ranges[i]!)
  }
}

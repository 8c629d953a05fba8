// What a lane has in memory: the records that are next, and, while the disk takes nothing, those that came after others which
// are on disk only.
// Caller: lane.ts.

import { type Batch, MemoryQueue, type MemoryQueueOptions } from './queue.ts'
import type { Run } from './slab.ts'

export type LaneMemoryOptions = Omit<MemoryQueueOptions, 'onEvict' | 'overflow'>

export class LaneMemory {
  readonly #options: LaneMemoryOptions
  readonly #onGone: (slab: Buffer, count: number) => void
  #next: MemoryQueue
  #late: MemoryQueue | undefined
  #lateFrom = Number.POSITIVE_INFINITY

  /** @param onGone as `onGone` of the options, for slabs that were read from files */
  constructor(options: LaneMemoryOptions, onGone: (slab: Buffer, count: number) => void) {
    this.#options = options
    this.#onGone = onGone
    this.#next = this.#newQueue()
  }

  /** How many are next. */
  get ready(): number {
    return this.#next.ready
  }

  get readyBytes(): number {
    return this.#next.readyBytes + (this.#late?.readyBytes ?? 0)
  }

  get waitingBytes(): number {
    return this.#next.waitingBytes + (this.#late?.waitingBytes ?? 0)
  }

  get hasLate(): boolean {
    return this.#late !== undefined
  }

  /** The number of the first that is late; infinite when none is. */
  get lateFrom(): number {
    return this.#lateFrom
  }

  /** `false`: there is no room. @param always for what must be held, whatever the bound */
  append(run: Run, always = false): boolean {
    return this.#next.append(run, always)
  }

  /** Takes what comes after records that are on disk only. `false`: there is no room. @param first its number */
  appendLate(run: Run, first: number): boolean {
    const late = this.#late ?? this.#newQueue()
    if (!late.append(run)) return false
    this.#late = late
    this.#lateFrom = Math.min(this.#lateFrom, first)
    return true
  }

  take(maxRecords: number, maxBytes: number): Batch | undefined {
    return this.#next.take(maxRecords, maxBytes)
  }

  ack(batch: Batch, isFree?: boolean): void {
    this.#next.ack(batch, isFree)
  }

  release(batch: Batch): void {
    this.#next.release(batch)
  }

  split(batch: Batch): Batch[] {
    return this.#next.split(batch)
  }

  /** What is next and not in flight: to be read, not to be changed. */
  get nextRuns(): Run[] {
    return this.#next.newest(this.#next.ready)
  }

  get lateRuns(): Run[] {
    return this.#late?.newest(this.#late.ready) ?? []
  }

  /** Forgets the first of what is next, and says how many that were. */
  drop(count: number): number {
    return this.#next.drop(count)
  }

  /** Forgets the first of what is late, which then begins with number `from`, and says how many that were. */
  dropLate(count: number, from?: number): number {
    const dropped = this.#late?.drop(count) ?? 0
    this.#lateFrom = from ?? this.#lateFrom + dropped
    return dropped
  }

  /** Nothing is late any more: all of it is on disk. */
  forgetLate(): void {
    this.#late = undefined
    this.#lateFrom = Number.POSITIVE_INFINITY
  }

  /** What is late is next, now that nothing is before it. `false`: there is something, or nothing is late. */
  catchUp(): boolean {
    if (this.#late === undefined || this.#next.waiting > 0) return false
    this.#next = this.#late
    this.forgetLate()
    return true
  }

  #newQueue(): MemoryQueue {
    const onGone = (slab: Buffer, count: number): void => {
      // Either comes from one of them, which knows its own.
      this.#onGone(slab, count)
      this.#options.onGone?.(slab, count)
    }
    return new MemoryQueue({ ...this.#options, overflow: 'drop-newest', onEvict() {}, onGone })
  }
}

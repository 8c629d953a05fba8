// The records of one folder on their way out: which are in memory, which are on disk only, and which have left for good.
// - One order: what is in memory comes before what is only on disk, and new records queue behind both.
// - Segments are read back one at a time, when memory has run out.
// - A segment is removed when all of its records have left; the cursor says how far they have, for the next process.
// - What is on disk and cannot be read back is lost under the name `journal_lost`, and stops nothing else.
// Callers: own-records.ts, with one lane for what comes; backlog.ts, with one for each folder adopted or set aside.

import type { Clock } from './clock.ts'
import { InFlight } from './in-flight.ts'
import { type FoundRecords, LaneFiles, type LaneFilesOptions } from './lane-files.ts'
import { cutOut, numbered, Order } from './order.ts'
import { LaneMemory, type LaneMemoryOptions } from './lane-memory.ts'
import type { Batch } from './queue.ts'
import type { DropReason } from './report.ts'
import type { Segment } from './segment-files.ts'
import type { Run } from './slab.ts'

/** Records that are on disk already, and their files. */
export interface LaneContent {
  order: Order
  segments: Segment[]
}

export interface LaneOptions extends LaneFilesOptions, Partial<LaneContent> {
  clock: Clock
  memory: LaneMemoryOptions
  onLost(reason: DropReason, count: number): void
  onFound?(count: number): void
  onReady(): void
}

const STALL_MILLIS = 5000

export class Lane {
  readonly folder: string
  readonly #options: LaneOptions
  readonly #memory: LaneMemory
  readonly #order: Order
  readonly #inFlight = new InFlight()
  /** Records from this number on are on disk only, up to the first that is late. */
  #readFrom: number
  /** Records with a smaller number are in no file any more: what is left of them was in flight when theirs was given up. */
  #bareUpTo = 0
  readonly #files: LaneFiles
  #cancelStall: (() => void) | undefined

  constructor(options: LaneOptions) {
    this.#options = options
    this.folder = options.folder
    this.#files = new LaneFiles(options)
    this.#memory = new LaneMemory(options.memory, (slab, count) => this.#files.giveBack(slab, count))
    this.#order = options.order ?? new Order()
    this.#readFrom = this.#order.oldest
  }

  get segments(): Segment[] {
    return this.#files.segments
  }

  /** Looks at what another process left: names and sizes only, however much it is. Throws where it cannot look. */
  open(): void {
    this.#readFrom = this.#files.open()
    this.#order.skipTo(this.#readFrom)
  }

  /**
   * Ends with the last segment that is sealed: gives what is behind that, for another lane. What is in memory is forgotten,
   * since all is on disk, and read back in its turn. Only while nothing is in flight.
   */
  handOver(): LaneContent {
    this.#memory.drop(Number.POSITIVE_INFINITY)
    this.#readFrom = this.#order.oldest
    for (const segment of this.segments) segment.offset = 0
    const tail = this.segments.at(-1)?.end === undefined ? this.segments.splice(-1) : []
    return { order: this.#order.splitAt(this.segments.at(-1)?.end ?? 0), segments: tail }
  }

  get next(): number {
    return this.#order.next
  }

  get waiting(): number {
    return this.#order.count + this.#inFlight.count
  }

  get ready(): number {
    return this.#cancelStall === undefined ? this.#order.count : this.#memory.ready
  }

  /** Bytes of what is in memory; what is on disk only counts with its files. */
  get readyBytes(): number {
    return this.#memory.readyBytes
  }

  get waitingBytes(): number {
    return this.#memory.waitingBytes
  }

  /** Records with a smaller number have left for good. */
  get delivered(): number {
    return Math.min(this.#order.oldest, this.#inFlight.oldest)
  }

  /** Whether some records lost their file while they were in flight. */
  get hasBare(): boolean {
    return this.delivered < this.#bareUpTo
  }

  /** Whether records are on disk only. */
  get hasUnread(): boolean {
    return this.#readFrom < this.#unreadTo
  }

  get #unreadTo(): number {
    return Math.min(this.next, this.#memory.lateFrom)
  }

  /** Takes new records, in memory while there is room and none before them is on disk only. `false`: nowhere to put them. */
  append(run: Run, isOnDisk: boolean): boolean {
    const inMemory = !this.#memory.hasLate && !this.hasUnread && this.#memory.append(run)
    const isLate = this.#memory.hasLate || this.hasUnread
    if (!inMemory && !isOnDisk && !(isLate && this.#memory.appendLate(run, this.next))) return false
    this.#order.append(undefined, run.count)
    if (inMemory) this.#readFrom = this.next
    else if (isOnDisk) this.#options.memory.onGone?.(run.slab, run.count)
    return true
  }

  take(maxRecords: number, maxBytes: number): Batch | undefined {
    this.prime()
    const batch = this.#memory.take(maxRecords, maxBytes)
    if (batch !== undefined) this.#inFlight.add(batch, this.#order.take(batch.count))
    return batch
  }

  /** Reads ahead, so that `ready` tells whether there is more. */
  prime(): void {
    if (this.#memory.ready === 0 && this.#cancelStall === undefined) this.#refill()
  }

  has(batch: Batch): boolean {
    return this.#inFlight.has(batch)
  }

  ack(batch: Batch, isFree?: boolean): void {
    this.#inFlight.remove(batch)
    this.#memory.ack(batch, isFree)
    this.moveOn()
  }

  release(batch: Batch): void {
    const ranges = this.#inFlight.remove(batch)
    this.#memory.release(batch)
    this.#order.putBack(ranges)
    // Batches side by side may come back in any order.
    const count = this.#order.countWithin(0, ranges.at(-1)!.end)
    if (count === batch.count) return
    const parts = this.#order
      .take(count)
      .map((range) => ({ range, part: this.#memory.take(range.end - range.first, Number.POSITIVE_INFINITY)! }))
    for (const { range, part } of parts.toSorted((a, b) => b.range.first - a.range.first)) {
      this.#memory.release(part)
      this.#order.putBack([range])
    }
  }

  split(batch: Batch): Batch[] {
    const halves = this.#memory.split(batch)
    this.#inFlight.part(batch, halves)
    return halves
  }

  /** The records from number `from` on that are in memory, oldest first, those in flight included. */
  inMemory(from: number): { first: number; run: Run }[] {
    const { next } = this.#options.memory
    const found = this.#inFlight.batches.flatMap(([{ runs }, ranges]) => numbered(ranges, runs, from, next))
    const { ready, nextRuns, lateRuns, lateFrom } = this.#memory
    found.push(...numbered(this.#order.front(ready), nextRuns, from, next))
    if (lateRuns.length > 0) found.push(...numbered([{ first: lateFrom, end: this.next }], lateRuns, from, next))
    return found.toSorted((a, b) => a.first - b.first)
  }

  /** How many wait that are in no file, the records from number `first` on among them. */
  countBare(first: number): number {
    const from = Math.max(first, this.#bareUpTo)
    const wherever = [this.#order, this.#inFlight]
    return wherever.reduce((n, of) => n + of.countWithin(0, this.#bareUpTo) + of.countWithin(from, this.next), 0)
  }

  /** Forgets what waits and is in no file, the records from number `first` on among them, and says how many they are. */
  forgetFrom(first: number): number {
    return this.#order.cut(0, this.#bareUpTo) + this.#order.cut(first, this.next)
  }

  /** All that is in memory only was written. */
  wasWritten(): void {
    this.#memory.forgetLate()
  }

  /** Drops the oldest records that only memory holds, at most so many, and says how many. */
  dropOldest(count: number): number {
    const { hasLate, lateFrom } = this.#memory
    const dropped = hasLate ? this.#memory.dropLate(count) : this.#memory.drop(count)
    if (hasLate) this.#order.cut(lateFrom, lateFrom + dropped)
    else this.#order.take(dropped)
    this.moveOn()
    return dropped
  }

  /** Gives up the oldest segment, which is sealed, and says how many records with it, but for those in flight. Throws where it has to stay. */
  evict(): number {
    const [segment] = this.segments
    if (segment === undefined) return 0
    if (segment.end === undefined && !this.#read(segment)) throw new Error(`${segment.path} cannot be read`)
    this.#files.removeOldest()
    const end = segment.end!
    this.#memory.drop(this.#order.countWithin(0, Math.min(end, this.#readFrom)))
    const { lateFrom } = this.#memory
    this.#memory.dropLate(this.#order.countWithin(lateFrom, end), Math.max(lateFrom, end))
    this.#readFrom = Math.max(this.#readFrom, end)
    this.#bareUpTo = end
    const count = this.#order.cut(0, end)
    this.moveOn()
    return count
  }

  /** The folder is gone: so is what was on disk only. @param isWritable whether what is in memory is written anew */
  loseFolder(isWritable: boolean): void {
    this.#files.forget()
    this.#bareUpTo = isWritable ? 0 : this.next
    if (this.hasUnread) this.#lose(this.#readFrom, this.#unreadTo)
  }

  close(): void {
    this.#cancelStall?.()
    this.#files.close()
  }

  /** Reads segments until memory has something, or there is nothing more. */
  #refill(): void {
    for (const segment of this.segments) {
      if (segment.end !== undefined && segment.end <= this.#readFrom) continue
      if (!this.#options.adopted && !this.hasUnread) break
      if (!this.#read(segment)) return this.#stall()
      if (this.#memory.ready > 0) return
    }
    if (!this.#options.adopted && this.hasUnread) this.#lose(this.#readFrom, this.#unreadTo)
    if (this.#memory.catchUp()) this.#readFrom = this.next
    this.moveOn()
  }

  /** `false`: it cannot be read for now. */
  #read(segment: Segment): boolean {
    if (!this.#files.read(segment, (found) => this.#load(found))) return false
    if (this.#options.adopted) segment.end = this.next
    else if (segment.end !== undefined) this.#lose(this.#readFrom, Math.min(segment.end, this.#memory.lateFrom))
    return true
  }

  #stall(): void {
    this.#cancelStall = this.#options.clock.after(STALL_MILLIS, () => {
      this.#cancelStall = undefined
      this.prime()
      if (this.ready > 0) this.#options.onReady()
    })
  }

  /** Takes a frame's records into memory, those that are still to be sent, and says how many they are. */
  #load({ slab, start, end, first, count, scopeId }: FoundRecords): number {
    const { adopted, memory, onFound } = this.#options
    const to = Math.min(first + count, this.#memory.lateFrom)
    if (to <= this.#readFrom) return 0
    const from = Math.max(first, this.#readFrom)
    if (adopted) {
      // Numbers that are missing were delivered, or lost, by the process that wrote the others.
      this.#order.skipTo(from)
      this.#order.append(undefined, to - from)
      onFound?.(to - from)
    } else this.#lose(this.#readFrom, from)
    const run = { slab, start, end, count, scopeId }
    for (const part of cutOut(run, first, this.#order.within(from, to), memory.next)) this.#memory.append(part, true)
    this.#readFrom = to
    return this.#order.countWithin(from, to)
  }

  #lose(first: number, end: number): void {
    const count = this.#order.cut(first, end)
    this.#readFrom = Math.max(this.#readFrom, end)
    if (count > 0) this.#options.onLost('journal_lost', count)
  }

  /** Removes segments whose records have all left, and notes how far that is. */
  moveOn(): void {
    this.#files.moveOn(this.delivered)
  }
}

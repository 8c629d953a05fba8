// The records of one folder on their way out: which are in memory, which are on disk only, and which have left for good.
// - One order: what is in memory comes before what is only on disk, and new records queue behind both.
// - Segments are read back one at a time, when memory has run out.
// - A segment is removed when all of its records have left; the cursor says how far they have, for the next process.
// - What is on disk and cannot be read back is lost under the name `journal_lost`, and stops nothing else.
// Callers: journal.ts, with one lane for its own records, and adoption.ts, with one for each adopted folder.

import { join } from 'node:path'
import { Cursor } from './cursor.ts'
import type { Disk } from './disk.ts'
import { CURSOR_NAME } from './instances.ts'
import { oldestOf, Order, type Range, split } from './order.ts'
import { type Batch, MemoryQueue, type MemoryQueueOptions } from './queue.ts'
import type { Scope } from './record.ts'
import type { DropReason } from './report.ts'
import { decodeSegmentHeader, readFrames, type SegmentHeader } from './segment.ts'
import { readSegment, type Segment, segmentsIn } from './segment-files.ts'
import type { Run } from './slab.ts'

export interface LaneOptions {
  folder: string
  disk: Disk
  memory: Omit<MemoryQueueOptions, 'onEvict' | 'overflow'>
  adopted: boolean
  onLost(reason: DropReason, count: number): void
  /** Of an adopted folder: records became known. */
  onFound(count: number): void
  onDamage(what: 'torn' | 'corrupt'): void
  /** A segment says how its records are to be sent. */
  onHeader(header: SegmentHeader): void
  onScope(scopeId: number, scope: Scope): void
}

export class Lane {
  readonly folder: string
  segments: Segment[] = []
  readonly #options: LaneOptions
  #memory: MemoryQueue
  /** While the disk takes nothing: what came after records that are on disk only. Its first number is `#lateFrom`. */
  #late: MemoryQueue | undefined
  #lateFrom = Number.POSITIVE_INFINITY
  readonly #order = new Order()
  readonly #batches = new Map<Batch, { ranges: Range[]; memory: MemoryQueue }>()
  #ready = 0
  #inFlight = 0
  /** Records from this number on are on disk only, up to `#lateFrom`. */
  #readFrom = 0
  readonly #cursor: Cursor

  constructor(options: LaneOptions) {
    this.#options = options
    this.folder = options.folder
    this.#memory = this.#newMemory()
    this.#cursor = new Cursor(join(options.folder, CURSOR_NAME), options.disk)
  }

  /** Looks at what another process left: names and sizes only, however much it is. */
  open(): void {
    const { disk, folder } = this.#options
    const delivered = this.#cursor.read()
    this.#order.skipTo(delivered)
    this.#readFrom = delivered
    this.segments = segmentsIn(folder, disk)
  }

  /** The number that the next record gets. */
  get next(): number {
    return this.#order.next
  }

  /** Those in flight included. Of an adopted folder: as far as it is read. */
  get waiting(): number {
    return this.#ready + this.#inFlight
  }

  get ready(): number {
    return this.#ready
  }

  /** Bytes of what is in memory; what is on disk only counts with its files. */
  get readyBytes(): number {
    return this.#memory.readyBytes + (this.#late?.readyBytes ?? 0)
  }

  get waitingBytes(): number {
    return this.#memory.waitingBytes + (this.#late?.waitingBytes ?? 0)
  }

  get isEmpty(): boolean {
    return this.segments.length + this.waiting === 0
  }

  /** Records with a smaller number have left for good. */
  get delivered(): number {
    return Math.min(this.#order.oldest, ...[...this.#batches.values()].map(({ ranges }) => oldestOf(ranges)))
  }

  /** Whether records are on disk only. */
  get hasUnread(): boolean {
    return this.#readFrom < Math.min(this.next, this.#lateFrom)
  }

  /** Takes new records, in memory while there is room and none before them is on disk only. `false`: nowhere to put them. */
  append(run: Run, isOnDisk: boolean): boolean {
    const inMemory = this.#late === undefined && !this.hasUnread && this.#memory.append(run)
    if (!inMemory && !isOnDisk && !this.#appendLate(run)) return false
    this.#order.append(undefined, run.count)
    this.#ready += run.count
    if (inMemory) this.#readFrom = this.next
    return true
  }

  #appendLate(run: Run): boolean {
    if (this.#late === undefined && !this.hasUnread) return false
    const late = this.#late ?? this.#newMemory()
    if (!late.append(run)) return false
    this.#late = late
    this.#lateFrom = Math.min(this.#lateFrom, this.next)
    return true
  }

  take(maxRecords: number, maxBytes: number): Batch | undefined {
    this.prime()
    const batch = this.#memory.take(maxRecords, maxBytes)
    if (batch === undefined) return undefined
    this.#batches.set(batch, { ranges: this.#order.take(batch.count), memory: this.#memory })
    this.#ready -= batch.count
    this.#inFlight += batch.count
    return batch
  }

  /** Reads ahead, so that `ready` tells whether there is more. */
  prime(): void {
    if (this.#memory.ready === 0) this.#refill()
  }

  has(batch: Batch): boolean {
    return this.#batches.has(batch)
  }

  ack(batch: Batch): void {
    this.#forget(batch).memory.ack(batch)
    this.moveOn()
  }

  release(batch: Batch): void {
    const { ranges, memory } = this.#forget(batch)
    memory.release(batch)
    this.#order.putBack(ranges)
    this.#ready += batch.count
  }

  split(batch: Batch): Batch[] {
    const { ranges, memory } = this.#batches.get(batch)!
    const halves = memory.split(batch)
    const parts = split(ranges, halves[0]!.count)
    this.#batches.delete(batch)
    for (const [i, half] of halves.entries()) this.#batches.set(half, { ranges: parts[i]!, memory })
    return halves
  }

  #forget(batch: Batch): { ranges: Range[]; memory: MemoryQueue } {
    const known = this.#batches.get(batch)!
    this.#batches.delete(batch)
    this.#inFlight -= batch.count
    return known
  }

  /** The records from number `first` on that are in memory only, oldest first, to be written to disk. */
  memoryOnly(first: number): { first: number; runs: Run[] } {
    if (this.#late !== undefined) return { first: this.#lateFrom, runs: this.#late.newest(this.#late.ready) }
    const count = this.#order.countWithin(first, this.#readFrom)
    return { first: this.#readFrom - count, runs: this.#memory.newest(count) }
  }

  /** Forgets the records from number `first` on that wait, and says how many they are. */
  forgetFrom(first: number): number {
    const count = this.#order.cut(first, this.next)
    this.#ready -= count
    return count
  }

  /** What `memoryOnly` gave is on disk. */
  wasWritten(): void {
    this.#late = undefined
    this.#lateFrom = Number.POSITIVE_INFINITY
  }

  /** Drops the oldest records that are in memory, at most so many, and says how many. */
  dropOldest(count: number): number {
    const dropped = this.#memory.drop(count)
    this.#order.take(dropped)
    this.#ready -= dropped
    this.moveOn()
    return dropped
  }

  /** Gives up the oldest segment, and says how many records with it; those in flight stay in flight. */
  evict(): number {
    const segment = this.segments.shift()
    if (segment === undefined) return 0
    if (segment.end === undefined) this.#read(segment)
    this.#options.disk.remove(segment.path)
    const end = segment.end ?? this.#readFrom
    const inMemory = this.#order.countWithin(0, Math.min(end, this.#readFrom))
    this.#memory.drop(inMemory)
    this.#readFrom = Math.max(this.#readFrom, end)
    const count = this.#order.cut(0, end)
    this.#ready -= count
    this.moveOn()
    return count
  }

  close(): void {
    this.#cursor.close()
  }

  /** Reads segments until memory has something, or there is nothing more. */
  #refill(): void {
    for (const segment of this.segments) {
      if (segment.end !== undefined && segment.end <= this.#readFrom) continue
      if (!this.#options.adopted && !this.hasUnread) return
      this.#read(segment)
      if (this.#memory.ready > 0) return
    }
    if (!this.#options.adopted && this.hasUnread) this.#lose(this.#readFrom, Math.min(this.next, this.#lateFrom))
    if (this.#late !== undefined && this.#memory.waiting === 0) {
      this.#memory = this.#late
      this.#readFrom = this.next
      this.wasWritten()
    }
    this.moveOn()
  }

  #read(segment: Segment): void {
    const { disk, adopted, onHeader, onScope, onDamage } = this.#options
    const bytes = readSegment(segment, disk)
    const opened = decodeSegmentHeader(bytes)
    if (opened === undefined && bytes.length > 0 && adopted) onDamage('corrupt')
    if (opened !== undefined && segment.offset === 0) onHeader(opened.header)
    // A segment that cannot be read at all has nothing more to give.
    const from = opened === undefined ? bytes.length : Math.max(segment.offset, opened.end)
    for (const found of readFrames(bytes, from)) {
      if (found.kind === 'records') this.#load({ ...found, slab: bytes })
      else if (found.kind === 'scope') onScope(found.scopeId, found.scope)
      // The end of a segment that is being written is not torn: it is not there yet.
      else if (adopted || segment.end !== undefined || found.what === 'corrupt') onDamage(found.what)
    }
    segment.offset = Math.max(bytes.length, 1)
    if (adopted) segment.end = this.next
    else if (segment.end !== undefined && this.#readFrom < segment.end) this.#lose(this.#readFrom, segment.end)
  }

  /** Takes a frame's records into memory, those that are still to be sent. */
  #load({ slab, start, end, first, count, scopeId }: Run & { first: number }): void {
    if (first + count <= this.#readFrom) return
    if (this.#options.adopted) {
      // Numbers that are missing were delivered, or lost, by the process that wrote the others.
      this.#order.skipTo(first)
      this.#readFrom = Math.max(this.#readFrom, first)
    } else if (first > this.#readFrom) this.#lose(this.#readFrom, first)
    let at = start
    for (let skip = this.#readFrom - first; skip > 0; skip--) at = this.#options.memory.next(slab, at)
    const run = { slab, start: at, end, count: first + count - this.#readFrom, scopeId }
    if (this.#options.adopted) {
      this.#order.append(undefined, run.count)
      this.#ready += run.count
      this.#options.onFound(run.count)
    }
    this.#memory.append(run, true)
    this.#readFrom = first + count
  }

  #lose(first: number, end: number): void {
    const count = this.#order.cut(first, end)
    this.#readFrom = Math.max(this.#readFrom, end)
    this.#ready -= count
    if (count > 0) this.#options.onLost('journal_lost', count)
  }

  #newMemory(): MemoryQueue {
    return new MemoryQueue({ ...this.#options.memory, overflow: 'drop-newest', onEvict() {} })
  }

  /** Removes segments whose records have all left, and notes how far that is. */
  moveOn(): void {
    const { disk } = this.#options
    const { delivered } = this
    while (this.segments.length > 0 && (this.segments[0]!.end ?? Number.POSITIVE_INFINITY) <= delivered) {
      const { path } = this.segments.shift()!
      try {
        disk.remove(path)
      } catch {
        // A file that stays costs records that are sent twice, by the next process.
      }
    }
    this.#cursor.write(delivered)
  }
}

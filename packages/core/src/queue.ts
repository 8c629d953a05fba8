// The queue of records that wait to be sent: first in, first out, bounded in records and in bytes.
// - The bound in bytes is what the process really holds: whole slabs, those of batches in flight included.
// - What is taken stays counted as waiting until it is acked, dropped or released.
// - A batch that is released goes back to the front, so that order survives a retry.
// - A record that is evicted to make room is told to `onEvict`; one that is refused, to the caller.
// Callers: pipeline.ts appends; sender.ts takes, acks, drops and releases.

import type { Batch, RecordQueue } from './record-queue.ts'
import type { Run } from './slab.ts'

export type { Batch, RecordQueue }

export interface MemoryQueueOptions {
  maxQueueSize: number
  maxQueueBytes: number
  overflow: 'drop-oldest' | 'drop-newest'
  /** The offset behind the record at `offset`. */
  next(slab: Buffer, offset: number): number
  onEvict(count: number): void
  /** So many records of a slab have left, and nothing reads them any more, nor ever will. In doubt it is not called. */
  onGone?: ((slab: Buffer, count: number) => void) | undefined
}

export class MemoryQueue implements RecordQueue {
  readonly #options: MemoryQueueOptions
  // A deque: runs before #head are gone, and nothing holds their slabs.
  #runs: (Run | undefined)[] = []
  #head = 0
  #ready = 0
  #readyBytes = 0
  readonly #batches = new Set<Batch>()
  #inFlight = 0
  #inFlightBytes = 0
  // How many runs lie in a slab; a slab's bytes count once, while there are any.
  readonly #slabs = new Map<Buffer, number>()
  /** Slabs with records that have come back from a request: nobody knows whether it still reads them. */
  readonly #doubtful = new WeakSet<Buffer>()
  #heldBytes = 0

  constructor(options: MemoryQueueOptions) {
    this.#options = options
  }

  get waiting(): number {
    return this.#ready + this.#inFlight
  }

  get waitingBytes(): number {
    return this.#readyBytes + this.#inFlightBytes
  }

  get ready(): number {
    return this.#ready
  }

  get readyBytes(): number {
    return this.#readyBytes
  }

  /** Bytes of all slabs that hold a waiting record: what `maxQueueBytes` bounds. */
  get heldBytes(): number {
    return this.#heldBytes
  }

  /** @param always for what must be held, whatever the bound */
  append(run: Run, always = false): boolean {
    if (!always && !this.#makeRoom(run)) return false
    const last = this.#runs.length > this.#head ? this.#runs.at(-1) : undefined
    if (last !== undefined && last.slab === run.slab && last.end === run.start && last.scopeId === run.scopeId) {
      last.end = run.end
      last.count += run.count
    } else {
      this.#runs.push({ ...run })
      this.#hold(run.slab)
    }
    this.#ready += run.count
    this.#readyBytes += run.end - run.start
    return true
  }

  take(maxRecords: number, maxBytes: number): Batch | undefined {
    if (this.#ready === 0) return undefined
    const batch: Batch = { runs: [], count: 0, bytes: 0 }
    while (this.#head < this.#runs.length && batch.count < maxRecords) {
      const run = this.#runs[this.#head]!
      const length = run.end - run.start
      if (batch.count + run.count <= maxRecords && batch.bytes + length <= maxBytes) {
        add(batch, run)
        this.#shift()
        continue
      }
      const part = this.#cutFront(run, maxRecords - batch.count, maxBytes - batch.bytes, batch.count === 0)
      if (part !== undefined) add(batch, part)
      break
    }
    this.#ready -= batch.count
    this.#readyBytes -= batch.bytes
    this.#batches.add(batch)
    this.#inFlight += batch.count
    this.#inFlightBytes += batch.bytes
    return batch
  }

  ack(batch: Batch, isFree = false): void {
    this.#batches.delete(batch)
    this.#inFlight -= batch.count
    this.#inFlightBytes -= batch.bytes
    for (const run of batch.runs) {
      this.#letGo(run.slab)
      if (isFree) this.#gone(run)
    }
  }

  release(batch: Batch): void {
    for (const { slab } of batch.runs) this.#doubtful.add(slab)
    this.#batches.delete(batch)
    this.#inFlight -= batch.count
    this.#inFlightBytes -= batch.bytes
    this.#ready += batch.count
    this.#readyBytes += batch.bytes
    this.#runs.splice(0, this.#head, ...batch.runs)
    this.#head = 0
  }

  split(batch: Batch): Batch[] {
    for (const { slab } of batch.runs) this.#doubtful.add(slab)
    if (batch.count < 2) return [batch]
    const halves: [Batch, Batch] = [
      { runs: [], count: 0, bytes: 0 },
      { runs: [], count: 0, bytes: 0 },
    ]
    const half = batch.count >> 1
    for (const run of batch.runs) {
      const room = half - halves[0].count
      if (room >= run.count) add(halves[0], run)
      else if (room <= 0) add(halves[1], run)
      else {
        add(halves[0], this.#cutFront(run, room, Number.POSITIVE_INFINITY, true)!)
        add(halves[1], run)
      }
    }
    this.#batches.delete(batch)
    for (const part of halves) this.#batches.add(part)
    return halves
  }

  /** Cuts records off the front of a run, as many as both limits allow; `force` means at least one. */
  #cutFront(run: Run, maxRecords: number, maxBytes: number, force: boolean): Run | undefined {
    let end = run.start
    let count = 0
    while (count < maxRecords && count < run.count) {
      const next = this.#options.next(run.slab, end)
      if (next - run.start > maxBytes && !(force && count === 0)) break
      end = next
      count++
    }
    if (count === 0) return undefined
    const part: Run = { slab: run.slab, start: run.start, end, count, scopeId: run.scopeId }
    this.#hold(run.slab)
    run.start = end
    run.count -= count
    if (run.count === 0) {
      this.#shift()
      this.#letGo(run.slab)
    }
    return part
  }

  #makeRoom(run: Run): boolean {
    const { maxQueueSize, maxQueueBytes, overflow } = this.#options
    const isNew = !this.#slabs.has(run.slab)
    const fits = (): boolean =>
      this.waiting + run.count <= maxQueueSize && (!isNew || this.#heldBytes + run.slab.length <= maxQueueBytes)
    if (fits()) return true
    // An empty queue takes one slab whatever the bound, or nothing would ever be sent.
    if (overflow === 'drop-newest') return this.#heldBytes === 0
    // Nothing is given up for a record that would not fit even then.
    if (this.#inFlight + run.count > maxQueueSize) return false
    const staying = isNew ? this.#bytesInFlight() : 0
    if (staying > 0 && staying + run.slab.length > maxQueueBytes) return false
    while (this.#ready > 0 && !fits()) {
      this.#evict(maxQueueSize - this.waiting < run.count ? run.count : Number.POSITIVE_INFINITY)
    }
    return true
  }

  /** Bytes of the slabs that batches in flight hold. */
  #bytesInFlight(): number {
    const slabs = new Set<Buffer>()
    for (const { runs } of this.#batches) for (const { slab } of runs) slabs.add(slab)
    let bytes = 0
    for (const { length } of slabs) bytes += length
    return bytes
  }

  giveUp(): number {
    return this.drop(Number.POSITIVE_INFINITY)
  }

  /** Forgets records at the front, at most `count`, and says how many there were. */
  drop(count: number): number {
    let dropped = 0
    while (dropped < count && this.#ready > 0) dropped += this.#dropRun(count - dropped)
    return dropped
  }

  /** Drops records from the front: up to `count` of the oldest run. */
  #evict(count: number): void {
    this.#options.onEvict(this.#dropRun(count))
  }

  #dropRun(count: number): number {
    const run = this.#runs[this.#head]!
    const gone = count >= run.count ? run : this.#cutFront(run, count, Number.POSITIVE_INFINITY, true)!
    if (gone === run) this.#shift()
    this.#ready -= gone.count
    this.#readyBytes -= gone.end - gone.start
    this.#letGo(gone.slab)
    this.#gone(gone)
    return gone.count
  }

  #gone({ slab, count }: Run): void {
    if (!this.#doubtful.has(slab)) this.#options.onGone?.(slab, count)
  }

  /** The last `count` of the records that are ready, oldest first: to be read, not to be changed. */
  newest(count: number): Run[] {
    const runs: Run[] = []
    let left = count
    for (let i = this.#runs.length - 1; i >= this.#head && left > 0; i--) {
      const run = this.#runs[i]!
      let { start } = run
      for (let skip = run.count - left; skip > 0; skip--) start = this.#options.next(run.slab, start)
      runs.push({ ...run, start, count: Math.min(run.count, left) })
      left -= run.count
    }
    return runs.toReversed()
  }

  #shift(): void {
    this.#runs[this.#head++] = undefined
    if (this.#head < 1024 && this.#head < this.#runs.length) return
    this.#runs.splice(0, this.#head)
    this.#head = 0
  }

  #hold(slab: Buffer): void {
    const runs = this.#slabs.get(slab) ?? 0
    this.#slabs.set(slab, runs + 1)
    if (runs === 0) this.#heldBytes += slab.length
  }

  #letGo(slab: Buffer): void {
    const runs = this.#slabs.get(slab)! - 1
    if (runs > 0) {
      this.#slabs.set(slab, runs)
      return
    }
    this.#slabs.delete(slab)
    this.#heldBytes -= slab.length
  }
}

function add(batch: Batch, run: Run): void {
  batch.runs.push(run)
  batch.count += run.count
  batch.bytes += run.end - run.start
}

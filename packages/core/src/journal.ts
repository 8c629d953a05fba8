// The queue on disk: what waits survives the process. Same order, same promises as the queue in memory, and:
// - A record is written before it may be sent, so that one that was accepted survives a kill.
// - Retryable trouble never drops a record before the quota or its age.
// - What dead processes left behind is sent between the live records, a batch of each in turn (adoption.ts).
// - A disk that is full, read-only, removed or hostile means memory only, one warning, and the disk again when it is well.
// - The disk holds no more than the quota and one segment.
// Callers as of queue.ts. Records are appended one by one, and written together by `commit`.

import { Adoption } from './adoption.ts'
import { Expiry } from './expiry.ts'
import { Instances } from './instances.ts'
import type { JournalOptions } from './journal-setup.ts'
import { JournalWriter } from './journal-writer.ts'
import { Lane } from './lane.ts'
import type { Batch, RecordQueue } from './queue.ts'
import { Quota, QUOTA_USED_UP } from './quota.ts'
import { keepRejected } from './rejected.ts'
import type { DropReason } from './report.ts'
import type { Run } from './slab.ts'

export type { JournalOptions }

/** What is set aside of the quota for what a server refused. */
const REJECTED_SHARE = 0.1
/** A folder that somebody removes is missed so soon, while records come. */
const LOOK_MILLIS = 1000

export class Journal implements RecordQueue {
  readonly #options: JournalOptions
  readonly #instances: Instances
  readonly #adoption: Adoption
  readonly #writer: JournalWriter
  readonly #own: Lane
  /** Appended, not yet committed. */
  #pending: Run[] = []
  #pendingCount = 0
  #pendingBytes = 0
  /** Records from this number on are in memory only, while the disk takes nothing. */
  #memoryOnlyFrom = Number.POSITIVE_INFINITY
  #wasForeign = false
  #lookAt = 0
  #isEnding = false
  readonly #expiry: Expiry

  constructor(options: JournalOptions) {
    const { directory, key, disk, clock, identity, onEvict } = options
    this.#options = options
    this.#instances = new Instances(directory, key, disk, clock, identity)
    this.#adoption = new Adoption({ ...options, instances: this.#instances })
    this.#own = new Lane({
      ...options,
      folder: this.#instances.own,
      memory: options,
      adopted: false,
      onLost: onEvict,
      onFound: () => {},
      onHeader: () => {},
      onScope: () => {},
    })
    const quota = new Quota({
      ...options,
      heldBytes: () => this.held.bytes,
      evictOldest: () =>
        this.#evict(
          this.#lanes.find(({ segments }) => segments.length > 0)!,
          'journal_full',
        ),
    })
    this.#writer = new JournalWriter({
      ...options,
      folder: this.#instances.own,
      delivered: () => this.#own.delivered,
      makeRoom: (bytes) => quota.makeRoom(bytes),
      syncNames: () => this.#instances.syncNames(),
      onSegment: (segment) => {
        this.#own.segments.push(segment)
        options.onHeld()
      },
      onBroken: (error) => this.#broke(error),
      onRepair: () => this.#repair(),
    })
    try {
      this.#instances.open()
    } catch (error) {
      this.#writer.fail(error)
    }
    void this.#adoption.start()
    this.#expiry = new Expiry({ ...options, lanes: () => this.#lanes, evict: (lane) => this.#evict(lane, 'expired') })
  }

  get waiting(): number {
    return this.#pendingCount + this.#own.waiting + this.#adoption.waiting
  }

  get waitingBytes(): number {
    return this.#pendingBytes + this.#own.waitingBytes + this.#adoption.waitingBytes
  }

  get ready(): number {
    return this.#own.ready + this.#adoption.ready
  }

  get readyBytes(): number {
    return this.#own.readyBytes + this.#adoption.readyBytes
  }

  get isOverdue(): boolean {
    return this.#adoption.ready > 0 && !this.#isEnding
  }

  tellHeld(): void {
    this.#options.onHeld()
  }

  /** Whether all that waits is on disk. */
  get isSafe(): boolean {
    return !this.#writer.isBroken && this.#memoryOnlyFrom === Number.POSITIVE_INFINITY && !this.#own.hasBare
  }

  /** What this process holds of the disk, what it adopted included. */
  get held(): { bytes: number; segments: number; oldestUnixMillis: number } {
    const segments = this.#lanes.flatMap((lane) => lane.segments)
    const bytes = segments.reduce((sum, segment) => sum + segment.bytes, 0)
    return { bytes, segments: segments.length, oldestUnixMillis: segments[0]?.createdUnixMillis ?? 0 }
  }

  append(run: Run): boolean {
    const last = this.#pending.at(-1)
    if (last !== undefined && last.slab === run.slab && last.end === run.start && last.scopeId === run.scopeId) {
      last.end = run.end
      last.count += run.count
    } else this.#pending.push({ ...run })
    this.#pendingCount += run.count
    this.#pendingBytes += run.end - run.start
    return true
  }

  /** Writes what was appended, and gives it free to be sent. */
  commit(): void {
    if (this.#options.clock.now() >= this.#lookAt) this.#look()
    const runs = this.#pending
    this.#pending = []
    this.#pendingCount = 0
    this.#pendingBytes = 0
    for (const run of runs) {
      const written = this.#write(this.#own.next, run)
      if (written === 'full') this.#options.onLost('journal_full', run.count)
      else this.#keep(run, written === 'written')
    }
  }

  take(maxRecords: number, maxBytes: number): Batch | undefined {
    // In turn, so that neither keeps the other from being sent.
    const isForeign = this.#adoption.ready > 0 && !this.#isEnding && (this.#own.ready === 0 || !this.#wasForeign)
    this.#wasForeign = isForeign
    return (isForeign ? this.#adoption : this.#own).take(maxRecords, maxBytes)
  }

  ack(batch: Batch): void {
    this.#laneOf(batch).ack(batch)
    if (batch.foreign !== undefined) this.#adoption.goOn()
    this.#options.onHeld()
  }

  release(batch: Batch): void {
    this.#laneOf(batch).release(batch)
  }

  split(batch: Batch): Batch[] {
    const parts = this.#laneOf(batch).split(batch)
    for (const part of parts) part.foreign = batch.foreign
    return parts
  }

  reject(batch: Batch): void {
    const { maxBytes } = this.#options
    const source = batch.foreign === undefined ? this.#options : this.#adoption.sourceOf(batch)
    if (source === undefined) return
    const { encoding, resource, scope } = source
    const folder = this.#instances.rejected
    const { disk } = this.#options
    keepRejected(batch, { folder, disk, maxBytes: maxBytes * REJECTED_SHARE, encoding, resource, scope })
  }

  /** Brings what waits to the device, where fsync is not 'none'. */
  async secure(): Promise<void> {
    if (this.#mayBeGone) this.#writer.repair()
    if (this.#options.fsync !== 'none') await this.#writer.sync()
  }

  /** From now on only own records are taken: the process ends. */
  beginEnd(): void {
    this.#isEnding = true
  }

  giveUp(): number {
    this.commit()
    if (this.#writer.isBroken || this.#mayBeGone) this.#writer.repair()
    const lost = this.#lanes.reduce((sum, lane) => {
      return sum + lane.forgetFrom(lane === this.#own ? this.#memoryOnlyFrom : Number.POSITIVE_INFINITY)
    }, 0)
    if (this.#options.fsync !== 'none') this.#writer.syncNow()
    this.#writer.close()
    this.#own.moveOn()
    this.#own.close()
    this.#adoption.close()
    this.#expiry.close()
    this.#instances.close(this.#own.segments.length > 0)
    return lost
  }

  #look(): void {
    this.#lookAt = this.#options.clock.now() + LOOK_MILLIS
    if (!this.#writer.isBroken && this.#mayBeGone) this.#writer.repair()
  }

  get #mayBeGone(): boolean {
    try {
      return this.#instances.isGone
    } catch {
      return true
    }
  }

  get #lanes(): Lane[] {
    return [...this.#adoption.lanes, this.#own]
  }

  #laneOf(batch: Batch): Lane {
    return batch.foreign === undefined ? this.#own : this.#adoption.laneOf(batch)!
  }

  #write(first: number, { slab, start, end, count, scopeId }: Run): 'written' | 'full' | 'broken' {
    return this.#writer.write(first, count, scopeId, [slab.subarray(start, end)])
  }

  #keep(run: Run, isOnDisk: boolean): void {
    const { overflow, onEvict, onLost, onCommitted } = this.#options
    if (!isOnDisk) this.#memoryOnlyFrom = Math.min(this.#memoryOnlyFrom, this.#own.next)
    while (!this.#own.append(run, isOnDisk)) {
      const dropped = overflow === 'drop-oldest' ? this.#own.dropOldest(run.count) : 0
      if (dropped === 0) return onLost('queue_full', run.count)
      onEvict('queue_full', dropped)
    }
    onCommitted(run.count)
  }

  #broke(error: unknown): void {
    const { directory, onTrouble } = this.#options
    const why = error instanceof Error ? error.message : String(error)
    onTrouble(`the journal in ${directory} cannot be used (${why}): records wait in memory only, until it can`)
  }

  /** Throws, or everything that was in memory only is on disk. */
  #repair(): void {
    if (this.#instances.isGone) {
      this.#writer.seal()
      this.#own.loseFolder()
      this.#memoryOnlyFrom = 0
    }
    this.#instances.open()
    for (const { first, run } of this.#own.inMemory(this.#memoryOnlyFrom)) {
      if (this.#write(first, run) !== 'written') throw new Error(QUOTA_USED_UP)
      this.#memoryOnlyFrom = first + run.count
    }
    // It may have waited for long already.
    if (this.#memoryOnlyFrom !== Number.POSITIVE_INFINITY && this.#options.fsync !== 'none') void this.#writer.sync()
    this.#own.wasWritten()
    this.#memoryOnlyFrom = Number.POSITIVE_INFINITY
  }

  /** Throws where the disk does not let go of it. */
  #evict(lane: Lane, reason: DropReason): void {
    // What is being written may be the oldest there is.
    if (lane === this.#own && lane.segments.length === 1) this.#writer.seal()
    const count = lane.evict()
    const { onEvict, onLost } = this.#options
    if (count > 0) (lane === this.#own ? onEvict : onLost)(reason, count)
    if (lane !== this.#own) this.#adoption.goOn()
  }
}

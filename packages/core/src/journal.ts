// The queue on disk: what waits survives the process. Same order, same promises as the queue in memory, and:
// - A record is written before it may be sent, so that one that was accepted survives a kill.
// - Retryable trouble never drops a record before the quota or its age.
// - What dead processes left behind is sent between the records that come, a batch of each in turn (backlog.ts). So is what
//   piled up here while the endpoint failed, if it is more than a file of it.
// - A disk that is full, read-only, removed or hostile means memory only, one warning, and the disk again when it is well.
// - The disk holds no more than the quota and one segment.
// Callers as of queue.ts. Records are appended one by one, and written together by `commit`.

import { Backlog } from './backlog.ts'
import { Expiry } from './expiry.ts'
import { Instances } from './instances.ts'
import type { JournalOptions } from './journal-setup.ts'
import type { Lane } from './lane.ts'
import { OwnRecords } from './own-records.ts'
import type { Batch, RecordQueue } from './queue.ts'
import { Quota } from './quota.ts'
import { keepRejected } from './rejected.ts'
import type { DropReason } from './report.ts'
import { bytesOf } from './segment-files.ts'
import type { Run } from './slab.ts'

/** What is set aside of the quota for what a server refused. */
const REJECTED_SHARE = 0.1

export class Journal implements RecordQueue {
  readonly #options: JournalOptions
  readonly #instances: Instances
  readonly #backlog: Backlog
  readonly #own: OwnRecords
  #wasAside = false
  #isEnding = false
  readonly #expiry: Expiry

  constructor(options: JournalOptions) {
    const { directory, key, disk, clock, identity } = options
    this.#options = options
    const instances = new Instances(directory, key, disk, clock, identity)
    this.#instances = instances
    this.#backlog = new Backlog({ ...options, instances })
    const quota = new Quota({
      ...options,
      ownFolder: () => this.#instances.own,
      heldBytes: () => this.held.bytes,
      evictOldest: () => this.#evict(this.#oldest, 'journal_full'),
    })
    this.#own = new OwnRecords({
      ...options,
      instances,
      makeRoom: (bytes) => quota.makeRoom(bytes),
      setAside: () => this.#backlog.setAside,
    })
    void this.#backlog.start()
    this.#expiry = new Expiry({ ...options, lanes: () => this.#lanes, evict: (lane) => this.#evict(lane, 'expired') })
  }

  get waiting(): number {
    return this.#own.waiting + this.#backlog.waiting
  }

  get waitingBytes(): number {
    return this.#own.waitingBytes + this.#backlog.waitingBytes
  }

  get ready(): number {
    return this.#own.lane.ready + this.#backlog.ready
  }

  get readyBytes(): number {
    return this.#own.lane.readyBytes + this.#backlog.readyBytes
  }

  get isOverdue(): boolean {
    return this.#backlog.ready > 0 && !this.#isEnding
  }

  get isSafe(): boolean {
    return this.#own.isSafe
  }

  /** What this process holds of the disk, what it adopted included, and how many records are not on it. */
  get held(): { bytes: number; segments: number; oldestUnixMillis: number; unsafe: number } {
    const segments = this.#lanes.flatMap((lane) => lane.segments)
    const oldestUnixMillis = segments[0]?.createdUnixMillis ?? 0
    const { lanes } = this.#backlog
    const unsafe = lanes.reduce((sum, lane) => sum + lane.countBare(Number.POSITIVE_INFINITY), this.#own.bare)
    return { bytes: bytesOf(segments), segments: segments.length, oldestUnixMillis, unsafe }
  }

  tellHeld(): void {
    this.#options.onHeld()
  }

  append(run: Run): boolean {
    this.#own.append(run)
    return true
  }

  commit(): void {
    this.#own.commit()
  }

  take(maxRecords: number, maxBytes: number): Batch | undefined {
    // In turn, so that neither keeps the other from being sent.
    const mayWait = this.#own.lane.ready === 0 || (!this.#wasAside && !this.#own.isUrgent)
    const isAside = this.#backlog.ready > 0 && !this.#isEnding && mayWait
    this.#wasAside = isAside
    return (isAside ? this.#backlog : this.#own.lane).take(maxRecords, maxBytes)
  }

  ack(batch: Batch, isFree?: boolean): void {
    this.#laneOf(batch).ack(batch, isFree)
    if (batch.aside !== undefined) this.#backlog.goOn()
    const lane = this.#isEnding ? undefined : this.#own.succeeded()
    if (lane !== undefined) {
      this.#options.onSetAside(lane.waiting)
      this.#backlog.add(lane, this.#options)
    }
    this.#options.onHeld()
  }

  release(batch: Batch): void {
    this.#laneOf(batch).release(batch)
    this.#own.failed()
  }

  split(batch: Batch): Batch[] {
    const parts = this.#laneOf(batch).split(batch)
    for (const part of parts) part.aside = batch.aside
    return parts
  }

  reject(batch: Batch): void {
    const { maxBytes, disk } = this.#options
    const source = batch.aside === undefined ? this.#options : this.#backlog.sourceOf(batch)
    if (source === undefined) return
    const { encoding, resource, scope } = source
    const folder = this.#instances.rejected
    keepRejected(batch, { folder, disk, maxBytes: maxBytes * REJECTED_SHARE, encoding, resource, scope })
  }

  secure(): Promise<void> {
    return this.#own.secure()
  }

  beginEnd(): void {
    this.#isEnding = true
  }

  giveUp(): number {
    const own = this.#own.giveUp()
    // Of what was set aside or adopted, what is in no file any more.
    const lost = this.#backlog.lanes.reduce((sum, lane) => sum + lane.forgetFrom(Number.POSITIVE_INFINITY), own)
    this.#own.close()
    this.#backlog.close()
    this.#expiry.close()
    const holding = this.#lanes.filter(({ segments }) => segments.length > 0)
    this.#instances.close(new Set(holding.map(({ folder }) => folder)))
    return lost
  }

  get #lanes(): Lane[] {
    return [...this.#backlog.lanes, this.#own.lane]
  }

  /** The lane that has the oldest file. */
  get #oldest(): Lane {
    return this.#lanes.find(({ segments }) => segments.length > 0)!
  }

  #laneOf(batch: Batch): Lane {
    return batch.aside === undefined ? this.#own.lane : this.#backlog.laneOf(batch)!
  }

  /** Gives up the oldest file of a lane. Throws where the disk does not let go of it. */
  #evict(lane: Lane, reason: DropReason): void {
    const isOwn = lane === this.#own.lane
    // What is being written may be the oldest there is.
    if (isOwn && lane.segments.length === 1) this.#own.seal()
    this.#own.lose(lane, reason, lane.evict())
    if (!isOwn) this.#backlog.goOn()
  }
}

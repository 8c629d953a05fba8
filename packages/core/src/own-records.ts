// The records of this process on their way to disk: each is written before it may be sent; while the disk takes nothing they
// wait in memory, and are written once it is well.
// - What has piled up while the endpoint failed stays in its folder; records go on in a further one, beginning with those
//   that were logged after the last request that failed, or little before.
// Caller: journal.ts, which takes from here in turn with what is set aside.

import type { Instances } from './instances.ts'
import type { JournalOptions } from './journal-setup.ts'
import { JournalWriter } from './journal-writer.ts'
import { Lane, type LaneContent } from './lane.ts'
import { Pending } from './pending.ts'
import { QUOTA_USED_UP } from './quota.ts'
import type { DropReason } from './report.ts'
import type { Run } from './slab.ts'
import { bytesOf } from './segment-files.ts'

export interface OwnRecordsOptions extends JournalOptions {
  instances: Instances
  /** Sees to it that so many bytes may be written. Throws where they cannot. */
  makeRoom(bytes: number): 'room' | 'full'
  /** The lanes of this process that were set aside and still hold something, oldest first. */
  setAside(): readonly Lane[]
}

/** A folder that somebody removes is missed so soon, while records come. */
const LOOK_MILLIS = 1000
/** A file that is written to while requests fail is ended with so much of what it may hold: no more waits with what comes. */
const TAIL_SHARE = 1 / 32

export class OwnRecords {
  readonly #options: OwnRecordsOptions
  readonly #writer: JournalWriter
  #lane: Lane
  readonly #pending = new Pending()
  /** Records from this number on are in memory only, while the disk takes nothing. */
  #memoryOnlyFrom = Number.POSITIVE_INFINITY
  /** Those with a smaller number go before what was set aside. */
  #urgentTo = 0
  /** Whether a request has failed since records were set aside, or were found to be few. */
  #hasFailed = false
  #lookAt = 0
  #isWriting = false
  /** Whether there is something to commit that could not be, while another record was written. */
  #isDue = false

  constructor(options: OwnRecordsOptions) {
    const { instances, onHeld } = options
    this.#options = options
    this.#lane = this.#newLane()
    this.#writer = new JournalWriter({
      ...options,
      folder: instances.own,
      isDelivered: (end) => this.#isDelivered(end),
      syncNames: (folder) => instances.syncNames(folder),
      onSegment: (segment) => {
        this.#lane.segments.push(segment)
        onHeld()
      },
      onBroken: (error) => this.#broke(error),
      onRepair: () => this.#repair(),
    })
    try {
      instances.open()
    } catch (error) {
      this.#writer.fail(error)
    }
  }

  get lane(): Lane {
    return this.#lane
  }

  get waiting(): number {
    return this.#pending.count + this.#lane.waiting
  }

  get waitingBytes(): number {
    return this.#pending.bytes + this.#lane.waitingBytes
  }

  /** Whether what was set aside is to wait for some of these. */
  get isUrgent(): boolean {
    return this.#lane.delivered < this.#urgentTo
  }

  /** How many of those that are given free are in memory only. */
  get bare(): number {
    return this.#lane.countBare(this.#memoryOnlyFrom)
  }

  /** Whether all that waits is on disk. */
  get isSafe(): boolean {
    return !this.#writer.isBroken && this.#memoryOnlyFrom === Number.POSITIVE_INFINITY && !this.#lane.hasBare
  }

  append(run: Run): void {
    this.#pending.append(run)
  }

  /** Writes what was appended, and gives it free to be sent. */
  commit(): void {
    // An app may log about a loss, while that makes room for a record that has its number already.
    this.#isDue = this.#isWriting
    if (this.#isWriting) return
    const now = this.#options.clock.now()
    if (now >= this.#lookAt) this.#look(now)
    for (const run of this.#pending.takeAll()) {
      const written = this.#write(this.#lane.next, run, now)
      if (written === 'full') this.#refuse('journal_full', run)
      else this.#keep(run, written === 'written')
    }
    if (this.#isDue) this.commit()
  }

  /** A request has failed. */
  failed(): void {
    this.#hasFailed = true
    this.#writer.seal(this.#options.segmentBytes * TAIL_SHARE)
  }

  /** A request has succeeded: gives what has piled up, which is not to keep back what comes; undefined where it is little. */
  succeeded(): Lane | undefined {
    if (!this.#hasFailed) return undefined
    const { instances, segmentBytes } = this.#options
    const lane = this.#lane
    const isMuch = lane.segments.length > 1 && bytesOf(lane.segments) > segmentBytes
    const isIdle = lane.ready === lane.waiting
    // The next answer may find it otherwise.
    if (isMuch && (!isIdle || !this.isSafe || this.#mayBeGone)) return undefined
    this.#hasFailed = false
    if (!isMuch || !instances.setAside()) return undefined
    this.#writer.moveTo(instances.own)
    this.#lane = this.#newLane(lane.handOver())
    this.#urgentTo = this.#lane.next
    return lane
  }

  /** Brings what waits to the device, where fsync is not 'none'. */
  async secure(): Promise<void> {
    if (this.#mayBeGone) this.#writer.repair()
    if (this.#options.fsync !== 'none') await this.#writer.sync()
  }

  /** Ends the active segment. */
  seal(): void {
    this.#writer.seal()
  }

  /** Tells of a loss: of those that come, or of those that were set aside. */
  lose(lane: Lane, reason: DropReason, count: number): void {
    const { onEvict, onLost } = this.#options
    if (count > 0) (lane === this.#lane ? onEvict : onLost)(reason, count)
  }

  /** The last try to write what is in memory only: how many records are lost. */
  giveUp(): number {
    this.commit()
    if (this.#writer.isBroken || this.#mayBeGone) this.#writer.repair()
    return this.#lane.forgetFrom(this.#memoryOnlyFrom)
  }

  close(): void {
    if (this.#options.fsync !== 'none') this.#writer.syncNow()
    this.#writer.close()
    this.#lane.moveOn()
    this.#lane.close()
  }

  #newLane(content?: LaneContent): Lane {
    const lane: Lane = new Lane({
      ...this.#options,
      ...content,
      folder: this.#options.instances.own,
      memory: this.#options,
      adopted: false,
      onLost: (reason, count) => this.lose(lane, reason, count),
    })
    return lane
  }

  #isDelivered(end: number): boolean {
    const lane = this.#options.setAside().find(({ next }) => end <= next) ?? this.#lane
    return end <= lane.delivered
  }

  #look(now: number): void {
    this.#lookAt = now + LOOK_MILLIS
    if (!this.#writer.isBroken && this.#mayBeGone) this.#writer.repair()
  }

  get #mayBeGone(): boolean {
    try {
      return this.#options.instances.isGone(this.#lane.folder)
    } catch {
      return true
    }
  }

  #write(first: number, { slab, start, end, count, scopeId }: Run, now: number): 'written' | 'full' | 'broken' {
    this.#isWriting = true
    const written = this.#writer.write(first, count, scopeId, slab.subarray(start, end), now)
    this.#isWriting = false
    return written
  }

  #keep(run: Run, isOnDisk: boolean): void {
    const { overflow, onEvict, onCommitted } = this.#options
    if (!isOnDisk) this.#memoryOnlyFrom = Math.min(this.#memoryOnlyFrom, this.#lane.next)
    while (!this.#lane.append(run, isOnDisk)) {
      const dropped = overflow === 'drop-oldest' ? this.#lane.dropOldest(run.count) : 0
      if (dropped === 0) return this.#refuse('queue_full', run)
      onEvict('queue_full', dropped)
    }
    onCommitted(run.count)
  }

  /** There is nowhere to put them. */
  #refuse(reason: DropReason, { slab, count }: Run): void {
    this.#options.onLost(reason, count)
    this.#options.onGone?.(slab, count)
  }

  #broke(error: unknown): void {
    const { directory, onTrouble } = this.#options
    const why = error instanceof Error ? error.message : String(error)
    onTrouble(`the journal in ${directory} cannot be used (${why}): records wait in memory only, until it can`)
    if (this.#isDue) this.commit()
  }

  /** Throws, or everything that was in memory only is on disk. */
  #repair(): void {
    const { instances, setAside, fsync, clock, onHeld } = this.#options
    if (instances.isGone(this.#lane.folder)) {
      this.#writer.seal()
      this.#lane.loseFolder(true)
      this.#memoryOnlyFrom = 0
      for (const lane of setAside()) if (instances.isGone(lane.folder)) lane.loseFolder(false)
    }
    instances.open()
    for (const { first, run } of this.#lane.inMemory(this.#memoryOnlyFrom)) {
      if (this.#write(first, run, clock.now()) !== 'written') throw new Error(QUOTA_USED_UP)
      this.#memoryOnlyFrom = first + run.count
    }
    // It may have waited for long already.
    if (this.#memoryOnlyFrom !== Number.POSITIVE_INFINITY && fsync !== 'none') void this.#writer.sync()
    this.#lane.wasWritten()
    this.#memoryOnlyFrom = Number.POSITIVE_INFINITY
    onHeld()
    if (this.#isDue) this.commit()
  }
}

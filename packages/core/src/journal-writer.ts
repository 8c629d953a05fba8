// Writes records to segments, in order, before anybody sends them. The only room that appends.
// - A segment that is full is sealed, and the next one begun; before that there must be room (`makeRoom`).
// - A write that fails is cut off again, the segment is sealed, and the writer is broken: it writes nothing, and tries
//   again every few seconds with a fresh segment. What comes in between is in memory only, and written when it is well.
// - fsync 'interval': what was undelivered for half a second longer than it should be is synced, so that a healthy
//   collector costs no sync at all. 'batch': after each write. 'none': the system does it when it likes.
// - After a sync that failed, nobody knows what is on the device: the segment is written anew, and never synced again.

import type { Clock } from './clock.ts'
import { codeOf, type Disk } from './disk.ts'
import type { Scope } from './record.ts'
import { encodeScopeFrame, encodeSegmentHeader, recordsFrameHeader, type SegmentEncoding } from './segment.ts'
import { type Segment, segmentPath } from './segment-files.ts'

export interface JournalWriterOptions {
  folder: string
  disk: Disk
  clock: Clock
  encoding: SegmentEncoding
  resource: Buffer
  segmentBytes: number
  fsync: 'interval' | 'batch' | 'none'
  /** After how long undelivered records are synced, where `fsync` is 'interval'. */
  syncMillis: number
  scope(scopeId: number): Scope
  /** All records with a smaller number have left for good. */
  delivered(): number
  /** Sees to it that so many bytes may be written. Throws where they cannot. */
  makeRoom(bytes: number): 'room' | 'full'
  onSegment(segment: Segment): void
  /** Nothing can be written for now. */
  onBroken(error: unknown): void
  /** Called when it may be well again: makes the folder, and writes what is in memory only. Throws when that fails. */
  onRepair(): void
}

/** What became of a write: on disk; not, as the quota is used up; not, as the disk does not take it. */
export type Written = 'written' | 'full' | 'broken'

const REPAIR_MILLIS = 5000
/** A quota that is used up is not measured again for each record. */
const FULL_MILLIS = 1000

interface Open {
  fd: number
  segment: Segment
  scopes: Set<number>
}

export class JournalWriter {
  readonly #options: JournalWriterOptions
  #active: Open | undefined
  /** Sealed, and not known to be on the device. */
  #unsynced: { fd: number; segment: Segment }[] = []
  #count = 0
  #next = 0
  #broken = false
  #fullUntil = 0
  #cancelRepair: (() => void) | undefined
  #cancelSync: (() => void) | undefined
  #closed = false

  constructor(options: JournalWriterOptions) {
    this.#options = options
  }

  get isBroken(): boolean {
    return this.#broken
  }

  /** Appends one frame of records. @param first the number of the first */
  write(first: number, count: number, scopeId: number, payload: readonly Buffer[]): Written {
    if (this.#broken || this.#closed) return 'broken'
    const { clock, disk, segmentBytes, scope, fsync } = this.#options
    if (clock.now() < this.#fullUntil) return 'full'
    const bytes = payload.reduce((sum, piece) => sum + piece.length, 0)
    try {
      if (this.#active !== undefined && this.#active.segment.bytes + bytes > segmentBytes) this.#seal()
      if (this.#active === undefined && !this.#begin(first, bytes)) return 'full'
      const open = this.#active!
      const pieces = [recordsFrameHeader(first, count, scopeId, payload), ...payload]
      if (!open.scopes.has(scopeId)) pieces.unshift(encodeScopeFrame(scopeId, scope(scopeId)))
      disk.append(open.fd, pieces)
      open.scopes.add(scopeId)
      for (const piece of pieces) open.segment.bytes += piece.length
      this.#next = first + count
    } catch (error) {
      this.#break(error)
      return 'broken'
    }
    if (fsync === 'batch') this.syncSoon(0)
    else if (fsync === 'interval') this.syncSoon(this.#options.syncMillis)
    return 'written'
  }

  /** Syncs what is undelivered then, in so many milliseconds, unless that is planned already. */
  syncSoon(millis: number): void {
    if (this.#cancelSync !== undefined) return
    const until = this.#next
    this.#cancelSync = this.#options.clock.after(millis, () => {
      this.#cancelSync = undefined
      const delivered = this.#options.delivered()
      if (delivered < until) void this.sync()
      else if (delivered < this.#next) this.syncSoon(millis)
    })
  }

  /** Brings all that is undelivered to the device. Never rejects; a disk that fails breaks the writer. */
  async sync(): Promise<void> {
    const { disk } = this.#options
    const sealed = this.#unsynced
    this.#unsynced = []
    for (const { fd, segment } of sealed) {
      if (!this.#isDelivered(segment)) await this.#syncOne(fd, segment)
      this.#tryTo(() => disk.close(fd))
    }
    const active = this.#active
    if (active !== undefined && !this.#isDelivered(active.segment)) await this.#syncOne(active.fd, active.segment)
  }

  /** The same, at once, for the end of a process. */
  syncNow(): void {
    const { disk } = this.#options
    for (const { fd, segment } of this.#open()) {
      if (!this.#isDelivered(segment)) this.#tryTo(() => disk.syncNow(fd))
    }
  }

  /** Ends the active segment, and lets go of all files. */
  close(): void {
    this.#closed = true
    this.#cancelRepair?.()
    this.#cancelSync?.()
    if (this.#active !== undefined) this.#active.segment.end = this.#next
    for (const { fd } of this.#open()) this.#tryTo(() => this.#options.disk.close(fd))
    this.#active = undefined
    this.#unsynced = []
  }

  #begin(first: number, bytes: number): boolean {
    const { clock, disk, folder, segmentBytes, makeRoom, encoding, resource, onSegment } = this.#options
    const header = encodeSegmentHeader({ encoding, resource, createdUnixMillis: Date.now(), first })
    if (makeRoom(Math.max(segmentBytes, bytes) + header.length) === 'full') {
      this.#fullUntil = clock.now() + FULL_MILLIS
      return false
    }
    const path = segmentPath(folder, ++this.#count)
    const fd = disk.create(path)
    const segment: Segment = { path, bytes: 0, createdUnixMillis: Date.now(), end: undefined, offset: 0 }
    this.#active = { fd, segment, scopes: new Set() }
    this.#next = first
    onSegment(segment)
    disk.append(fd, [header])
    segment.bytes = header.length
    if (this.#options.fsync !== 'none') disk.syncFolder(folder)
    return true
  }

  #seal(): void {
    const { fd, segment } = this.#active!
    this.#active = undefined
    segment.end = this.#next
    if (this.#options.fsync !== 'none' && !this.#isDelivered(segment)) this.#unsynced.push({ fd, segment })
    else this.#tryTo(() => this.#options.disk.close(fd))
  }

  #break(error: unknown): void {
    const { disk } = this.#options
    const active = this.#active
    if (active !== undefined) {
      // A frame of which a part was written would be torn; where it cannot be cut off, readers leave it out.
      this.#tryTo(() => disk.truncate(active.fd, active.segment.bytes))
      this.#seal()
    }
    this.fail(error)
  }

  /** Nothing can be written: tries again in a while. */
  fail(error: unknown): void {
    const { clock, onBroken } = this.#options
    this.#broken = true
    onBroken(error)
    this.#cancelRepair = clock.after(REPAIR_MILLIS, () => this.repair())
  }

  /** Tries whether it is well again. */
  repair(): void {
    this.#cancelRepair?.()
    this.#broken = false
    try {
      this.#options.onRepair()
    } catch (again) {
      if (!this.#broken) this.#break(again)
    }
  }

  async #syncOne(fd: number, segment: Segment): Promise<void> {
    try {
      await this.#options.disk.sync(fd)
    } catch (error) {
      if (this.#closed || codeOf(error) === 'EBADF') return
      this.#replace(fd, segment, error)
    }
  }

  /** Writes a segment anew, under its name. */
  #replace(fd: number, segment: Segment, why: unknown): void {
    const { disk } = this.#options
    if (this.#active?.fd === fd) {
      this.#active = undefined
      segment.end = this.#next
      this.#tryTo(() => disk.close(fd))
    }
    if (this.#isDelivered(segment)) return
    try {
      const anew = `${segment.path}.new`
      const bytes = disk.read(segment.path, 0)
      const copy = disk.create(anew)
      try {
        disk.append(copy, [bytes])
        disk.syncNow(copy)
      } finally {
        disk.close(copy)
      }
      disk.rename(anew, segment.path)
    } catch {
      if (!this.#broken) this.#break(why)
    }
  }

  #open(): { fd: number; segment: Segment }[] {
    return [...this.#unsynced, ...(this.#active === undefined ? [] : [this.#active])]
  }

  #isDelivered({ end }: Segment): boolean {
    return (end ?? this.#next) <= this.#options.delivered()
  }

  #tryTo(act: () => void): void {
    try {
      act()
    } catch {
      // A file that cannot be closed or synced at the end is no reason to stop.
    }
  }
}

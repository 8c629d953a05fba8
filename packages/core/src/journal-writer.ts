// Writes records to segments, in order, before anybody sends them. The only room that appends.
// - A segment that is full is sealed, and the next one begun; before that there must be room (`makeRoom`).
// - A write that fails is cut off again, the segment is sealed, and the writer is broken: it writes nothing, and tries
//   again every few seconds with a fresh segment. What comes in between is in memory only, and written when it is well.
// - A segment has at least one frame: one whose first cannot be written is removed.
// - fsync 'interval': what was undelivered for half a second longer than it should be is synced, so that a healthy
//   collector costs no sync at all. 'batch': after each write. 'none': the system does it when it likes.
// - A sync that failed is never tried again on the same file: the writer is broken until the segment is written anew.
// - A file is closed when it is sealed and synced, or delivered; each once, as its descriptor may be another's afterwards.

import { dirname } from 'node:path'
import { codeOf, sizeOf } from './disk.ts'
import type { JournalWriterOptions, Written } from './journal-setup.ts'
import { encodeScopeFrame, encodeSegmentHeader, FRAME_HEADER_BYTES, recordsFrameHeader } from './segment.ts'
import { moveInto, type Segment, segmentPath, writeAnew } from './segment-files.ts'
import { SyncPlan } from './sync-plan.ts'

export type { JournalWriterOptions, Written }

const REPAIR_MILLIS = 5000
/** A quota that is used up is not measured again for each record. */
const FULL_MILLIS = 1000
/** A segment asks for room by parts of it, so that many processes that write one each do not overrun what they share by much. */
const RESERVED_AT_ONCE = 1 / 8

interface Open {
  fd: number
  segment: Segment
  /** The number of its first record. */
  first: number
  scopes: Set<number>
  /** How large it may become before it asks for room again. */
  reservedBytes: number
}

export class JournalWriter {
  readonly #options: JournalWriterOptions
  #folder: string
  readonly #syncPlan: SyncPlan
  /** Of the frame that is being written. */
  readonly #header = Buffer.allocUnsafeSlow(FRAME_HEADER_BYTES)
  #active: Open | undefined
  /** Sealed, and not known to be on the device. */
  readonly #sealed = new Set<Open>()
  /** A sync of these has failed, and they are to be written anew. */
  readonly #doubtful = new Set<Open>()
  #count = 0
  #next = 0
  #broken = false
  #fullUntil = 0
  #cancelRepair: (() => void) | undefined
  #syncing: Promise<void> = Promise.resolve()
  #hasNewNames = false
  #closed = false

  constructor(options: JournalWriterOptions) {
    this.#options = options
    this.#folder = options.folder
    const syncMillis = options.fsync === 'batch' ? 0 : options.syncMillis
    this.#syncPlan = new SyncPlan({ ...options, syncMillis, onDue: (until) => this.#due(until) })
  }

  get isBroken(): boolean {
    return this.#broken
  }

  /** Appends one frame of records; not while it appends another. @param first the number of the first @param now by the clock */
  write(first: number, count: number, scopeId: number, payload: Buffer, now: number): Written {
    if (this.#broken || this.#closed) return 'broken'
    if (now < this.#fullUntil) return 'full'
    const frame = [recordsFrameHeader(first, count, scopeId, payload, this.#header), payload]
    try {
      if (!this.#append(scopeId, frame) && !this.#begin(first, scopeId, frame)) return 'full'
    } catch (error) {
      this.#break(error)
      return 'broken'
    }
    this.#next = first + count
    if (this.#options.fsync !== 'none') this.#syncPlan.mark(this.#next, now)
    return 'written'
  }

  /** To the active segment. `false`: there is none, or it is full, and sealed. */
  #append(scopeId: number, frame: readonly Buffer[]): boolean {
    const open = this.#active
    if (open === undefined) return false
    const { disk, scope, segmentBytes } = this.#options
    const pieces = open.scopes.has(scopeId) ? frame : [encodeScopeFrame(scopeId, scope(scopeId)), ...frame]
    const bytes = sizeOf(pieces)
    if (open.segment.bytes + bytes > segmentBytes || !this.#reserve(open, bytes)) this.seal()
    // Where room was made, this one may have had to go.
    if (this.#active !== open) return false
    disk.append(open.fd, pieces)
    open.scopes.add(scopeId)
    open.segment.bytes += bytes
    return true
  }

  /** `false`: there is no room. */
  #reserve(open: Open, bytes: number): boolean {
    const { segment } = open
    if (segment.bytes + bytes <= open.reservedBytes) return true
    const asked = Math.max(this.#options.segmentBytes * RESERVED_AT_ONCE, bytes)
    if (this.#options.makeRoom(asked) === 'full') return false
    open.reservedBytes = segment.bytes + asked
    return true
  }

  /** A new segment with this frame. `false`: there is no room. */
  #begin(first: number, scopeId: number, frame: readonly Buffer[]): boolean {
    const { clock, disk, segmentBytes, makeRoom, encoding, resource, scope, onSegment } = this.#options
    const createdUnixMillis = Date.now()
    const header = encodeSegmentHeader({ encoding, resource, createdUnixMillis, first })
    const pieces = [header, encodeScopeFrame(scopeId, scope(scopeId)), ...frame]
    const bytes = sizeOf(pieces)
    const reservedBytes = Math.max(segmentBytes * RESERVED_AT_ONCE, bytes)
    if (makeRoom(reservedBytes) === 'full') {
      this.#fullUntil = clock.now() + FULL_MILLIS
      return false
    }
    const path = segmentPath(this.#folder, ++this.#count)
    const fd = disk.create(path)
    try {
      disk.append(fd, pieces)
    } catch (error) {
      this.#tryTo(() => disk.close(fd))
      this.#tryTo(() => disk.remove(path))
      throw error
    }
    const segment: Segment = { path, bytes, createdUnixMillis, end: undefined, offset: 0 }
    this.#active = { fd, segment, first, scopes: new Set([scopeId]), reservedBytes }
    this.#hasNewNames = true
    onSegment(segment)
    return true
  }

  /** Ends the active segment, if it has so many bytes. */
  seal(bytes = 0): void {
    const open = this.#active
    if (open === undefined || open.segment.bytes < bytes) return
    open.segment.end = this.#next
    if (this.#options.fsync === 'none' || this.#isDelivered(open)) return this.#letGo(open)
    this.#active = undefined
    this.#sealed.add(open)
  }

  /** From now on writes to this folder. The active segment moves along; where it cannot, it is ended. */
  moveTo(folder: string): void {
    const { disk, fsync, syncNames } = this.#options
    if (fsync !== 'none') this.#syncNames()
    this.#folder = folder
    const segment = this.#active?.segment
    if (segment === undefined) return
    try {
      // A file in a folder without a name would be lost.
      if (fsync !== 'none') syncNames(folder)
      segment.path = moveInto(folder, segment.path, disk)
      this.#hasNewNames = true
    } catch {
      this.seal()
    }
  }

  #due(until: number): void {
    if (this.#open.some((open) => open.first < until && !this.#isDelivered(open, until))) void this.sync()
    for (const open of this.#sealed) if (this.#isDelivered(open)) this.#letGo(open)
  }

  /** Brings all that is undelivered to the device. Never rejects; a disk that fails breaks the writer. */
  sync(): Promise<void> {
    // One after the other: who asks while one is under way waits for what that one syncs, too.
    this.#syncing = this.#syncing.then(() => this.#syncAll())
    return this.#syncing
  }

  async #syncAll(): Promise<void> {
    this.#syncPlan.clear()
    for (const open of this.#open) {
      const isSealed = open !== this.#active
      if (!this.#isDelivered(open) && this.#open.includes(open)) await this.#syncOne(open)
      // What is sealed meanwhile may have got more.
      if (isSealed) this.#letGo(open)
    }
  }

  async #syncOne(open: Open): Promise<void> {
    this.#syncNames()
    try {
      await this.#options.disk.sync(open.fd)
    } catch (error) {
      if (this.#open.includes(open)) this.#replace(open, error)
    }
  }

  /** The same, at once, for the end of a process. */
  syncNow(): void {
    for (const open of this.#open) {
      if (this.#isDelivered(open)) continue
      this.#syncNames()
      this.#tryTo(() => this.#options.disk.syncNow(open.fd))
    }
  }

  #syncNames(): void {
    if (this.#hasNewNames) this.#tryTo(() => this.#options.syncNames(this.#folder))
    this.#hasNewNames = false
  }

  /** Ends the active segment, and lets go of all files. */
  close(): void {
    this.#closed = true
    this.#cancelRepair?.()
    this.#syncPlan.close()
    if (this.#active !== undefined) this.#active.segment.end = this.#next
    for (const open of this.#open) this.#letGo(open)
  }

  #break(error: unknown): void {
    const active = this.#active
    if (active !== undefined) {
      // A frame of which a part was written would be torn; where it cannot be cut off, readers leave it out.
      this.#tryTo(() => this.#options.disk.truncate(active.fd, active.segment.bytes))
      this.seal()
    }
    this.fail(error)
  }

  /** Nothing can be written: tries again in a while. */
  fail(error: unknown): void {
    const { clock, onBroken } = this.#options
    this.#broken = true
    onBroken(error)
    this.#cancelRepair?.()
    this.#cancelRepair = clock.after(REPAIR_MILLIS, () => this.repair())
  }

  /** Tries whether it is well again. */
  repair(): void {
    this.#cancelRepair?.()
    this.#broken = false
    try {
      this.#writeAnew()
      this.#options.onRepair()
    } catch (again) {
      if (!this.#broken) this.#break(again)
    }
  }

  /** Lets go of a segment of which nobody knows what is on the device. */
  #replace(open: Open, why: unknown): void {
    if (open === this.#active) open.segment.end = this.#next
    this.#letGo(open)
    this.#doubtful.add(open)
    try {
      this.#writeAnew()
    } catch {
      if (!this.#broken) this.#break(why)
    }
  }

  /** Throws where one of them cannot be written for now. */
  #writeAnew(): void {
    // In their order, also when it is tried again: a disk that fails may keep the draft of the one that it failed with.
    for (const open of this.#doubtful) {
      try {
        if (!this.#isDelivered(open)) writeAnew(open.segment.path, this.#options.disk)
      } catch (error) {
        // Why it is gone, the owner finds out.
        if (codeOf(error) === 'ENOENT') this.#doubtful.delete(open)
        throw error
      }
      this.#doubtful.delete(open)
      this.#options.syncNames(dirname(open.segment.path))
    }
  }

  get #open(): Open[] {
    return [...this.#sealed, ...(this.#active === undefined ? [] : [this.#active])]
  }

  #letGo(open: Open): void {
    if (open === this.#active) this.#active = undefined
    else if (!this.#sealed.delete(open)) return
    this.#tryTo(() => this.#options.disk.close(open.fd))
  }

  #isDelivered({ segment }: Open, until = Number.POSITIVE_INFINITY): boolean {
    return this.#options.isDelivered(Math.min(until, segment.end ?? this.#next))
  }

  #tryTo(act: () => void): void {
    try {
      act()
    } catch {
      // A file that cannot be closed or synced at the end is no reason to stop.
    }
  }
}

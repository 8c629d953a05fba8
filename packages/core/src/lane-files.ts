// The files of one instance on their way out: read back one at a time, removed when all in them was delivered, and the
// cursor that says how far that is.
// - What is damaged is told of, and costs itself: of a header, what it says stands in the other segments', too, since one
//   process wrote them all.
// - A segment of another version is not read: its bytes may mean anything.
// - A file that cannot be read for now, for want of descriptors, say, is tried again before it is given up.
// Caller: lane.ts.

import { join } from 'node:path'
import { Cursor } from './cursor.ts'
import { codeOf, type Disk, isPassing } from './disk.ts'
import { CURSOR_NAME } from './instances.ts'
import type { Scope } from './record.ts'
import { decodeSegmentHeader, isOtherVersion, readFrames, type RecordsFrame, type SegmentHeader } from './segment.ts'
import { type Segment, segmentsIn } from './segment-files.ts'
import { SlabPool } from './slab-pool.ts'

export interface LaneFilesOptions {
  folder: string
  disk: Disk
  /** Whether another process wrote them: then a header says how records are to be sent, and all that was written is there. */
  adopted: boolean
  /** What is known to be there already. @default none */
  segments?: Segment[]
  onDamage(what: 'torn' | 'corrupt'): void
  /** How the records are to be sent; called once. */
  onHeader?(header: SegmentHeader): void
  onScope?(scopeId: number, scope: Scope): void
}

export type FoundRecords = RecordsFrame & { slab: Buffer }

/** Memory that files are read into: one file is being sent, and the next is read. */
const MAX_FREE = 2
/** Files of nearly one size are read into memory of one size. */
const MIN_ROOM_BYTES = 4096

/** After so many errors in a row a file is given up. */
const MAX_TRIES = 12

export class LaneFiles {
  /** Oldest first. */
  segments: Segment[]
  readonly #options: LaneFilesOptions
  readonly #cursor: Cursor
  readonly #pool = new SlabPool(MAX_FREE)
  /** Delivered, and still to be removed. */
  #done: string[] = []
  #knowsHeader = false
  #hasSearched = false
  #tries = 0

  constructor(options: LaneFilesOptions) {
    this.#options = options
    this.segments = options.segments ?? []
    this.#cursor = new Cursor(join(options.folder, CURSOR_NAME), options.disk)
  }

  /** Looks at what another process left, and gives how far that was delivered. Throws where it cannot look. */
  open(): number {
    const { folder, disk } = this.#options
    this.segments = segmentsIn(folder, disk)
    return this.#cursor.read()
  }

  /**
   * Reads the records of a segment that were not read yet. `false`: it cannot be read for now.
   * @param load takes them over, and says how many of them it keeps: those are given back later
   */
  read(segment: Segment, load: (found: FoundRecords) => number): boolean {
    const loan = this.#pool.take(segment.bytes, roomFor(segment.bytes))
    const slab = this.#bytesOf(segment, loan.slab)
    const records = slab === undefined ? [] : this.#recordsIn(slab, segment)
    // All are out until it is known which are not kept. Of a file that was read to another place nothing ever comes back.
    for (const { count } of records) loan.out += count
    for (const found of records) this.giveBack(found.slab, found.count - load(found))
    this.#pool.close(loan)
    return slab !== undefined
  }

  /** So many records of a slab have left memory, and nothing reads them any more, nor ever will. */
  giveBack(slab: Buffer, count: number): void {
    this.#pool.giveBack(slab, count)
  }

  #recordsIn(slab: Buffer, segment: Segment): FoundRecords[] {
    const { adopted, onScope, onDamage } = this.#options
    const records: FoundRecords[] = []
    if (slab.length === 0) return records
    const opened = decodeSegmentHeader(slab)
    const isReadable = !isOtherVersion(slab) && (!adopted || this.#knowHeader(opened?.header))
    if (!isReadable) onDamage('corrupt')
    let isSound = true
    for (const found of isReadable ? readFrames(slab, Math.max(segment.offset, opened?.end ?? 0)) : []) {
      // What comes after damage may look like a frame, and be none.
      isSound &&= found.kind !== 'damage'
      if (found.kind === 'records' && isSound && joins(records.at(-1), found)) continue
      if (found.kind === 'records') records.push({ ...found, slab })
      else if (found.kind === 'scope') onScope?.(found.scopeId, found.scope)
      // The end of a segment that is being written is not torn: it is not there yet.
      else if (adopted || segment.end !== undefined || found.what === 'corrupt') onDamage(found.what)
    }
    segment.offset = slab.length
    return records
  }

  /** None when it is gone, or no file of our own; undefined where it cannot be read for now. */
  #bytesOf({ path }: Segment, into?: Buffer): Buffer | undefined {
    try {
      const bytes = this.#options.disk.read(path, 0, into)
      this.#tries = 0
      return bytes
    } catch (error) {
      // A bad place on the disk stays bad; a want of descriptors, or of memory, does not.
      const isBad = codeOf(error) === 'EIO' && ++this.#tries >= MAX_TRIES
      if (isPassing(error) && !isBad) return undefined
      if (isBad) this.#options.onDamage('corrupt')
      this.#tries = 0
      return Buffer.alloc(0)
    }
  }

  /** `false`: no segment says how the records are to be sent. */
  #knowHeader(own: SegmentHeader | undefined): boolean {
    const header = this.#knowsHeader ? undefined : (own ?? this.#search())
    if (header !== undefined) this.#options.onHeader?.(header)
    this.#knowsHeader ||= header !== undefined
    return this.#knowsHeader
  }

  #search(): SegmentHeader | undefined {
    // Once: it reads all of them, where no header is good.
    if (this.#hasSearched) return undefined
    this.#hasSearched = true
    for (const segment of this.segments) {
      const opened = decodeSegmentHeader(this.#bytesOf(segment) ?? Buffer.alloc(0))
      if (opened !== undefined) return opened.header
    }
    return undefined
  }

  /** Removes segments whose records have all left, and notes how far that is. */
  moveOn(delivered: number): void {
    while (this.segments.length > 0 && (this.segments[0]!.end ?? Number.POSITIVE_INFINITY) <= delivered) {
      this.#done.push(this.segments.shift()!.path)
    }
    this.#done = this.#done.filter((path) => !this.#removes(path))
    // At the most the file that is being written: nothing is read back for now.
    if (this.segments.length < 2) this.#pool.clear()
    this.#cursor.write(delivered)
  }

  #removes(path: string): boolean {
    try {
      this.#options.disk.remove(path)
      return true
    } catch {
      // It is tried again; until then the cursor says that it was delivered.
      return false
    }
  }

  /** Removes the oldest. Throws where it stays. */
  removeOldest(): void {
    this.#options.disk.remove(this.segments[0]!.path)
    this.segments.shift()
  }

  /** Everything was removed. */
  forget(): void {
    this.segments = []
    this.#done = []
    this.#cursor.close()
  }

  close(): void {
    this.#cursor.close()
  }
}

function roomFor(bytes: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(bytes, MIN_ROOM_BYTES)))
}

/** Moves records to those before them, if they follow those: a piece of a request is then many records, and not one. */
function joins(last: FoundRecords | undefined, { first, count, scopeId, start, end }: RecordsFrame): boolean {
  if (last === undefined || last.scopeId !== scopeId || last.first + last.count !== first) return false
  last.slab.copyWithin(last.end, start, end)
  last.end += end - start
  last.count += count
  return true
}

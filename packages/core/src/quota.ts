// How much disk a journal may use: a bound on all that lies below its directory, of all processes that share it, for which
// the oldest gives way, and what the file system must have left, which is others' affair, too.
// - Measured anew by names and sizes each time that there must be room, since others write there as well. Only the size of
//   a segment that has a successor is remembered: it has been sealed, and never grows again.
// - Where it is others who use the disk up, what is there stays, and what comes waits in memory. Others are also what this
//   process has not adopted yet, when it starts, and never will, for another endpoint or tenant.
// Caller: journal.ts, whose writer asks for room when it begins a segment, and for each further part of it.

import { join } from 'node:path'
import type { Disk } from './disk.ts'
import { SEGMENT_NAME } from './segment-files.ts'

export interface QuotaOptions {
  directory: string
  disk: Disk
  maxBytes: number
  minFreeBytes: number
  segmentBytes: number
  /** What gives way. */
  evict: 'oldest' | 'newest'
  /** What of it is this process's own, and could be given up. */
  heldBytes(): number
  /** Gives up the oldest segment. Throws where the disk does not let go of it. */
  evictOldest(): void
}

export const QUOTA_USED_UP = 'its quota is used up'
const NO_SPACE = 'the disk has less left than minFreeBytes'

/** A folder of a key holds instances, heaps of instances, and what was refused: no deeper. */
const DEPTH = 4

export class Quota {
  readonly #options: QuotaOptions
  /** Sizes of the sealed segments that the last look has seen, by path. */
  #sealed = new Map<string, number>()

  constructor(options: QuotaOptions) {
    this.#options = options
  }

  /** Sees to it that there may be `bytes` more. `full`: what is new is to give way. Throws where there can be no room. */
  makeRoom(bytes: number): 'room' | 'full' {
    const { evict, evictOldest } = this.#options
    for (let missing = this.#missing(bytes); missing > 0; missing = this.#missing(bytes)) {
      this.#standAgainst(bytes, missing)
      if (evict === 'newest') return 'full'
      evictOldest()
    }
    if (!this.#hasSpace(bytes)) throw new Error(NO_SPACE)
    return 'room'
  }

  /** Throws where it is not for this process to give way. */
  #standAgainst(bytes: number, missing: number): void {
    const { heldBytes, maxBytes, segmentBytes } = this.#options
    const held = heldBytes()
    const leftByOthers = held + bytes - missing
    // With so little, a few records would be given up for the next few, again and again, or none be taken at all.
    if (leftByOthers < Math.min(segmentBytes, maxBytes / 2)) throw new Error(QUOTA_USED_UP)
    if (held < missing && this.#options.evict === 'oldest') throw new Error(QUOTA_USED_UP)
  }

  /** How many bytes must go before there may be `bytes` more; 0 or less when there is room. */
  #missing(bytes: number): number {
    const { directory, maxBytes } = this.#options
    const known = this.#sealed
    this.#sealed = new Map()
    return this.#usedBytes(join(directory, 'v1'), known, DEPTH) + bytes - maxBytes
  }

  #usedBytes(folder: string, known: ReadonlyMap<string, number>, depth: number): number {
    const names = this.#namesIn(folder)
    let sum = 0
    for (const [i, name] of names.entries()) {
      const path = join(folder, name)
      const isSealed = SEGMENT_NAME.test(name) && SEGMENT_NAME.test(names[i + 1] ?? '')
      try {
        const bytes = (isSealed ? known.get(path) : undefined) ?? this.#bytesAt(path, known, depth)
        if (isSealed) this.#sealed.set(path, bytes)
        sum += bytes
      } catch {
        // Another process has just removed it.
      }
    }
    return sum
  }

  #bytesAt(path: string, known: ReadonlyMap<string, number>, depth: number): number {
    const { bytes, isFolder } = this.#options.disk.stat(path)
    if (!isFolder) return bytes
    return depth > 0 ? this.#usedBytes(path, known, depth - 1) : 0
  }

  #namesIn(folder: string): string[] {
    try {
      return this.#options.disk.list(folder)
    } catch {
      return []
    }
  }

  /** One that cannot be asked has space: a write will tell. */
  #hasSpace(bytes: number): boolean {
    const { directory, disk, minFreeBytes } = this.#options
    try {
      return disk.freeBytes(directory) >= bytes + minFreeBytes
    } catch {
      return true
    }
  }
}

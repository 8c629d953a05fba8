// How much disk a journal may use: a bound on all that lies below its directory, of all processes that share it, for which
// the oldest gives way, and what the file system must have left, which is others' affair, too.
// - What others have is looked at each time that there must be room. The own folder grows by what was granted here, and by
//   no more: it is looked at where that would be too much.
// - Where it is others who use the disk up, what is there stays, and what comes waits in memory. Others are also what this
//   process has not adopted yet, when it starts, and never will, for another endpoint or tenant.
// Caller: journal.ts, whose writer asks for room when it begins a segment, and for each further part of it.

import { join } from 'node:path'
import type { Disk } from './disk.ts'
import { FolderSize } from './folder-size.ts'

export interface QuotaOptions {
  directory: string
  disk: Disk
  maxBytes: number
  minFreeBytes: number
  segmentBytes: number
  /** What gives way. */
  evict: 'oldest' | 'newest'
  /** The folder in which this process writes, and nobody else. */
  ownFolder(): string
  /** What this process could give up: all that it has, and has adopted. */
  heldBytes(): number
  /** Gives up the oldest segment. Throws where the disk does not let go of it. */
  evictOldest(): void
}

export const QUOTA_USED_UP = 'its quota, maxBytes, is used up'
const NO_SPACE = 'the disk has less left than minFreeBytes'

/** A folder of a key holds instances, heaps of instances, and what was refused: no deeper. */
const DEPTH = 4

export class Quota {
  readonly #options: QuotaOptions
  readonly #others: FolderSize
  #own: FolderSize
  /** What may have been written to the own folder since it was looked at. */
  #grantedBytes = 0

  constructor(options: QuotaOptions) {
    const { directory, disk, ownFolder } = options
    this.#options = options
    this.#others = new FolderSize(join(directory, 'v1'), disk, DEPTH)
    this.#own = new FolderSize(ownFolder(), disk, 0)
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
    this.#grantedBytes += bytes
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
    const { ownFolder, disk, maxBytes } = this.#options
    if (this.#own.path !== ownFolder()) this.#own = new FolderSize(ownFolder(), disk, 0)
    this.#others.look(this.#own.path)
    const left = maxBytes - this.#others.bytes - bytes
    if (!this.#own.isWhole || this.#own.bytes + this.#grantedBytes > left) {
      this.#own.look()
      this.#grantedBytes = 0
    }
    return this.#own.bytes + this.#grantedBytes - left
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

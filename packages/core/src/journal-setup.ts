// What a journal and its writer are told: settled options, how records are written, and whom they tell. Types only.

import type { Clock } from './clock.ts'
import type { Disk } from './disk.ts'
import type { Identity } from './instances.ts'
import type { Scope } from './record.ts'
import type { DropReason } from './report.ts'
import type { SegmentEncoding } from './segment.ts'
import type { Segment } from './segment-files.ts'

export interface JournalOptions {
  directory: string
  /** 16 hex digits that stand for endpoint and tenant. */
  key: string
  maxBytes: number
  maxAgeMillis: number
  segmentBytes: number
  fsync: 'interval' | 'batch' | 'none'
  evict: 'oldest' | 'newest'
  minFreeBytes: number
  /** Bounds of what is in memory. */
  maxQueueBytes: number
  maxQueueSize: number
  overflow: 'drop-oldest' | 'drop-newest'
  /** After how long undelivered records are synced. */
  syncMillis: number
  encoding: SegmentEncoding
  /** Encoded, as a segment's header has it. */
  resource: Buffer
  next(slab: Buffer, offset: number): number
  scope(scopeId: number): Scope
  disk: Disk
  clock: Clock
  /** Who this process is. @default a name by chance, and a socket that tells that it lives */
  identity?: Identity | undefined
  /** Own records that were given free and are given up, from the front. */
  onEvict(reason: DropReason, count: number): void
  /** Other records that are lost: refused ones, and those of another process. */
  onLost(reason: DropReason, count: number): void
  /** So many records are given free to be sent. */
  onCommitted(count: number): void
  /** Records of another process became known here. */
  onAdopted(count: number): void
  onDamage(what: 'torn' | 'corrupt'): void
  /** Something for people. */
  onTrouble(message: string): void
  /** So many records, all that are ready, are set aside: they are sent in turn with those that come. */
  onSetAside(count: number): void
  /** There is something to send that nobody has appended. */
  onReady(): void
  /** So many records of a slab have left memory, and nothing reads them any more, nor ever will. */
  onGone?: ((slab: Buffer, count: number) => void) | undefined
  /** What the disk holds has changed. */
  onHeld(): void
}

export interface JournalWriterOptions {
  /** Where it begins. */
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
  /** Whether all records with a smaller number have left for good, of those in the folder that the last of them is in. */
  isDelivered(end: number): boolean
  /** Sees to it that so many bytes may be written. Throws where they cannot. */
  makeRoom(bytes: number): 'room' | 'full'
  onSegment(segment: Segment): void
  /** Makes the names of segments in a folder survive a loss of power. */
  syncNames(folder: string): void
  /** Nothing can be written for now. */
  onBroken(error: unknown): void
  /** Called when it may be well again: makes the folder, and writes what is in memory only. Throws when that fails. */
  onRepair(): void
}

/** What became of a write: on disk; not, as the quota is used up; not, as the disk does not take it. */
export type Written = 'written' | 'full' | 'broken'

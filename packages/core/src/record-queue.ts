// What the sender needs of a queue: queue.ts is one in memory, journal.ts one on disk. Words only.

import type { Payload } from './export.ts'
import type { Run } from './slab.ts'

/** Records taken together, to be sent in one request. */
export interface Batch {
  runs: Run[]
  count: number
  bytes: number
  /**
   * Set where the records have no place in the order of those that come: another process wrote them, or they were set
   * aside after an outage. With `payload` where they are to be sent otherwise than those that come.
   */
  aside?: { payload?(runs: readonly Run[]): Payload } | undefined
}

/** What the sender needs of a queue; the memory queue here is one, a journal is another. */
export interface RecordQueue {
  /** Records that wait, those in flight included. */
  readonly waiting: number
  /** Their encoded bytes. */
  readonly waitingBytes: number
  /** Records that wait and are not in flight. */
  readonly ready: number
  readonly readyBytes: number
  /** Takes over a run of one record. `false`: refused, for want of room. */
  append(run: Run): boolean
  /** The next batch, within both limits but with at least one record; `undefined` when nothing is ready. */
  take(maxRecords: number, maxBytes: number): Batch | undefined
  /**
   * The batch was delivered, or is lost for good: forget it.
   * @param isFree whether nothing reads its records any more, nor ever will. @default false
   */
  ack(batch: Batch, isFree?: boolean): void
  /** The batch was not delivered: it is next again. */
  release(batch: Batch): void
  /** Parts a batch in flight in two, for a server that finds it too large. A batch of one record stays whole. */
  split(batch: Batch): Batch[]
  /** The batch is refused for good: a queue that can keeps a copy for people. `ack` follows. */
  reject?(batch: Batch): void
  /** Whether what waits survives this process. */
  readonly isSafe?: boolean
  /** Whether something is ready that has waited long enough already: it is sent without waiting for more. */
  readonly isOverdue?: boolean
  /** Makes sure of that before a flush says so. */
  secure?(): Promise<void>
  /** From now on only records are taken that have their place in the order. */
  beginEnd?(): void
  /** Writes what was appended, and gives it free to be sent. */
  commit?(): void
  /** Tells what it holds elsewhere, for `stats()`. */
  tellHeld?(): void
  /** The end of the queue: how many of those that wait are lost with it. */
  giveUp(): number
}

// A queue's last moment in a process that cannot wait any more: everything out, and afterwards what became of it.
// What is in flight is part of it: whether it arrives cannot be known, and twice is better than not at all.
// Callers: sender.ts takes, pipeline.ts settles.

import { oldestOf, type Range } from './order.ts'
import type { Batch, RecordQueue } from './queue.ts'

/** What stays in a queue on disk is safe; so much is worth a try all the same. */
const MAX_BYTES = 64 * 1024 * 1024
/** The same, where the endpoint has failed: the first request will tell whether it still does. */
const MAX_BYTES_FAILING = 4 * 1024 * 1024

/**
 * All that waits, oldest first, in batches of the usual size.
 * @param isFailing whether the last request failed
 */
export function takeOver(
  queue: RecordQueue,
  inFlight: Iterable<[Batch, readonly Range[]]>,
  limits: { maxExportBatchSize: number; maxExportBatchBytes: number },
  isFailing: boolean,
): Batch[] {
  const most = isFailing && queue.isSafe === true ? MAX_BYTES_FAILING : MAX_BYTES
  queue.beginEnd?.()
  // Parts of a batch, and batches that came back, stand behind younger ones.
  const byAge = [...inFlight].toSorted(([, a], [, b]) => oldestOf(a) - oldestOf(b))
  const batches = byAge.map(([batch]) => batch).filter(({ aside }) => aside === undefined)
  let bytes = 0
  while (bytes < most) {
    const batch = queue.take(limits.maxExportBatchSize, limits.maxExportBatchBytes)
    if (batch === undefined) break
    batches.push(batch)
    bytes += batch.bytes
  }
  return batches
}

/** Ends the queue: the first `settled` of these records have left for good. Says how many are lost. */
export function settleTakeOver(queue: RecordQueue, batches: readonly Batch[], settled: number): number {
  let count = settled
  const left: Batch[] = []
  for (const batch of batches) {
    if (batch.count > count) left.push(batch)
    else queue.ack(batch)
    count -= batch.count
  }
  // In reverse, as each goes to the very front.
  for (const batch of left.toReversed()) queue.release(batch)
  return queue.giveUp()
}

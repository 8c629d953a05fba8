// What must hold of queue and sender, whatever happens. It is told what happens around the sender, and judges what the
// sender does: whether a request may go now, with these records; whether it could have gone before; what is counted then.
// What it leaves open: how long a wait is within its bounds; and a notice about losses that goes alone may go beside the
// requests, and after the end.

import type { ExportResult } from '../src/export.ts'
import type { DropReason } from '../src/report.ts'
import type { SenderOptions } from '../src/sender.ts'
import type { Run } from '../src/slab.ts'
import {
  bytesOf,
  type Delivery,
  expectSame,
  fail,
  type Item,
  oldestOf,
  type QueueBounds,
  QueueModel,
} from './queue-model.ts'
import type { Request } from './sender-bench.ts'

export type Bounds = QueueBounds &
  Pick<SenderOptions, 'maxExportBatchSize' | 'maxExportBatchBytes' | 'scheduledDelayMillis' | 'concurrency'>

/** What an exporter comes to; an error is what it throws. */
export type Result = ExportResult | Error

export interface Flush {
  /** The records before this one are its own. */
  before: number
  endsAt: number
}

const PROBE_RECORDS = 64
const FIRST_BACKOFF_MILLIS = 1000
const MAX_BACKOFF_MILLIS = 4000
const MAX_RETRY_AFTER_MILLIS = 300_000
const SLOW_START_MILLIS = 500
/** Waits are no whole numbers. */
export const ROUNDING_MILLIS = 1e-6

export class SenderModel {
  readonly queue: QueueModel
  readonly #bounds: Bounds
  readonly #now: () => number
  readonly #flushes: () => readonly Flush[]
  readonly counts = { received: 0, sent: 0, requests: 0, retries: 0 }
  readonly dropped: Partial<Record<DropReason, number>> = {}
  /** Losses that a notice has told, or tried to tell alone, too late and in vain. */
  told = 0
  toldInVain = 0
  /** Requests that carry nothing but a notice, and when the flushes that may wait for them end. */
  notices: { request: Request; ends: number[] }[] = []
  isClosed = false
  /** No request before this time. */
  notBefore = 0
  #failures = 0
  #window: number
  /** Failures whose wait is not known yet. */
  #waits: { backoff: number; asked: number; isOld: boolean }[] = []
  /** Records before this one do not wait for a full batch. */
  #due = 0
  #flushCalls = 0
  /** When something last happened that could let a request go. */
  #eventAt = 0
  readonly #accepted = new Set<number>()
  #lastSent = -1

  /** @param flushes those that have not resolved */
  constructor(bounds: Bounds, now: () => number, flushes: () => readonly Flush[]) {
    this.queue = new QueueModel(bounds, now)
    this.#bounds = bounds
    this.#now = now
    this.#flushes = flushes
    this.#window = bounds.maxExportBatchSize
  }

  /** What was lost and is to be told. */
  get losses(): number {
    const { queue_full = 0, rejected = 0, record_too_large = 0 } = this.dropped
    return queue_full + rejected + record_too_large
  }

  /** Flushes with nothing to wait for but a notice. */
  get goneFlushes(): Flush[] {
    return this.#flushes().filter(({ before }) => this.queue.isGone(before))
  }

  get #isSteady(): boolean {
    return this.#failures === 0 && this.#window === this.#bounds.maxExportBatchSize
  }

  /** How many requests may be open. */
  get #room(): number {
    return this.#isSteady ? this.#bounds.concurrency : 1
  }

  get #isFull(): boolean {
    const { maxExportBatchSize, maxExportBatchBytes } = this.#bounds
    const { ready } = this.queue
    return ready.length >= maxExportBatchSize || bytesOf(ready) >= maxExportBatchBytes
  }

  /** Whether what is ready goes as soon as it may. */
  get #isDue(): boolean {
    return this.#isFull || this.#failures > 0 || oldestOf(this.queue.ready).id < this.#due
  }

  /** When the next request must go, if there is room for one. */
  get #dueAt(): number {
    const { scheduledDelayMillis } = this.#bounds
    return Math.max(this.notBefore, this.#isDue ? 0 : oldestOf(this.queue.ready).since + scheduledDelayMillis)
  }

  /** A record came, and the queue took it or not, and dropped others for it. */
  appended(run: Run, isTaken: boolean, evicted: number): void {
    const id = this.queue.next
    const expected = this.queue.append(run)
    if (expected.isTaken !== isTaken) fail(`record ${id} was ${isTaken ? 'taken' : 'refused'}`)
    if (expected.evicted !== evicted) fail(`${evicted} were dropped for record ${id}, not ${expected.evicted}`)
    this.counts.received++
    this.#drop('queue_full', isTaken ? evicted : 1)
    this.#eventAt = this.#now()
  }

  /** A flush of something is about to begin. */
  flushing(): void {
    this.#eventAt = this.#now()
    if (this.queue.waiting === 0) return
    this.#flushCalls++
    this.#due = this.queue.next
    this.notBefore = 0
  }

  requested(request: Request): void {
    const { ids, bytes } = request
    const { maxExportBatchSize, maxExportBatchBytes } = this.#bounds
    if (ids.length === 0) return this.#requestedNotice(request)
    if (bytes > maxExportBatchBytes && ids.length > 1) fail(`a request of ${bytes} bytes`)
    if (ids.length > maxExportBatchSize) fail(`a request of ${ids.length} records`)
    const again = ids.find((id) => this.#accepted.has(id))
    if (again !== undefined) fail(`record ${again} was accepted, and is sent again`)
    if (this.isClosed) fail(`a request after the end: ${ids.join()}`)
    const parted = this.queue.deliveries.find(
      (delivery) => delivery.request === undefined && delivery.parts[0]![0]!.id === ids[0],
    )
    if (parted === undefined) return this.#start(request)
    expectSame(ids, parted.parts[0]!)
    parted.request = request
  }

  #requestedNotice(request: Request): void {
    if (this.queue.waiting > 0 || this.#failures > 0) fail('a notice alone, though records wait or the endpoint fails')
    const ends = this.goneFlushes.map(({ endsAt }) => endsAt)
    if (ends.length === 0) fail('a notice alone, and no flush waits for it')
    this.notices.push({ request, ends })
  }

  #start(request: Request): void {
    const { maxExportBatchBytes, scheduledDelayMillis } = this.#bounds
    const { ready, deliveries, since, next } = this.queue
    const now = this.#now()
    if (deliveries.length >= this.#room) fail(`a request beside ${deliveries.length} others`)
    if (ready.length === 0) fail('a request out of nothing')
    if (now < this.notBefore - ROUNDING_MILLIS) fail(`a request at ${now}, not to be before ${this.notBefore}`)
    if (!this.#isDue && now < since + scheduledDelayMillis) fail(`a request of ${request.ids.length} too early`)
    const dueAt = Math.max(this.#dueAt, this.#eventAt)
    if (now > dueAt + ROUNDING_MILLIS) fail(`a request at ${now}, and it could have gone at ${dueAt}`)
    // Due by time: what came until now goes along, in as many requests as it takes.
    if (!this.#isFull) this.#due = Math.max(this.#due, next)
    const part = this.queue.take(this.#window, maxExportBatchBytes)
    expectSame(request.ids, part)
    this.#eventAt = now
    deliveries.push({ parts: [part], request, flushes: this.#flushCalls })
  }

  /** An answer is on its way to the sender. */
  answered(request: Request, result: Result): void {
    this.#eventAt = this.#now()
    const isSuccess = !(result instanceof Error) && result.kind === 'success'
    if (isSuccess) this.told += request.told
    const notice = this.notices.find((other) => other.request === request)
    if (notice !== undefined) {
      this.notices = this.notices.filter((other) => other !== notice)
      // In time, it would be known, and told again.
      if (!isSuccess && this.#now() >= Math.min(...notice.ends)) this.toldInVain += request.told
      return
    }
    const delivery = this.queue.deliveries.find((other) => other.request === request)!
    delivery.request = undefined
    if (!(result instanceof Error)) this.counts.requests++
    this.#settle(delivery, result, request.told)
    this.queue.deliveries = this.queue.deliveries.filter(({ parts }) => parts.length > 0)
  }

  #settle(delivery: Delivery, result: Result, told: number): void {
    const { parts } = delivery
    const part = parts[0]!
    if (result instanceof Error) return this.#lose(parts.shift()!, 'rejected')
    if (result.kind === 'success') return this.#succeed(parts, result.rejected)
    if (result.kind === 'retryable') return this.#retry(delivery, result.retryAfterMillis ?? 0)
    if (!result.tooLarge) return this.#lose(parts.shift()!, 'rejected')
    // It may have been the notice that was too much: the record goes once more, alone.
    if (part.length === 1 && told > 0) return
    if (part.length === 1) return this.#lose(parts.shift()!, 'record_too_large')
    const half = part.length >> 1
    parts.splice(0, 1, part.slice(0, half), part.slice(half))
  }

  #succeed(parts: Item[][], rejected: number): void {
    const { concurrency, maxExportBatchSize } = this.#bounds
    const isFlushing = this.#flushes().length > this.goneFlushes.length
    const part = parts.shift()!
    const lost = Math.min(rejected, part.length)
    for (const { id } of part) this.#accepted.add(id)
    if (concurrency === 1 && part[0]!.id <= this.#lastSent) fail(`record ${part[0]!.id} after ${this.#lastSent}`)
    this.#lastSent = part.at(-1)!.id
    this.counts.sent += part.length - lost
    this.#drop('rejected', lost)
    this.queue.leave(part)
    this.#failures = 0
    this.#window = Math.min(maxExportBatchSize, this.#window * 2)
    if (this.#isSteady || isFlushing) return
    this.notBefore = Math.max(this.notBefore, this.#now() + SLOW_START_MILLIS)
  }

  #retry(delivery: Delivery, retryAfterMillis: number): void {
    const left = delivery.parts.splice(0).flat()
    if (this.isClosed) return this.#lose(left, 'shutdown')
    this.queue.putBack(left)
    this.counts.retries++
    const backoff = Math.min(MAX_BACKOFF_MILLIS, FIRST_BACKOFF_MILLIS * 2 ** this.#failures)
    const asked = Math.min(retryAfterMillis, MAX_RETRY_AFTER_MILLIS)
    this.#failures++
    this.#window = Math.min(PROBE_RECORDS, this.#bounds.maxExportBatchSize)
    this.#waits.push({ backoff, asked, isOld: delivery.flushes < this.#flushCalls })
  }

  /** The sender has said how long it will wait. A request from before a flush is not the one try that this may have. */
  waits(millis: number): void {
    const { backoff, asked, isOld } = this.#waits.shift() ?? fail('a retry out of nothing')
    const [least, most] = [Math.max(backoff / 2, asked), Math.max(backoff, asked * 1.2)]
    const isWithin = millis >= least - ROUNDING_MILLIS && millis <= most + ROUNDING_MILLIS
    if (!isWithin) fail(`a wait of ${millis} ms, not ${least} to ${most}`)
    if (!isOld) this.notBefore = Math.max(this.notBefore, this.#now() + millis)
  }

  /** The network is closed: nothing goes any more, and what waits is lost. What is in flight still gets its answer. */
  closed(): void {
    this.isClosed = true
    this.#lose(this.queue.ready.splice(0), 'shutdown')
  }

  /** Everything has come to rest: no part of a batch may be forgotten. */
  atRest(): void {
    if (this.queue.deliveries.some(({ request }) => request === undefined)) fail('a part of a batch was not sent')
    if (this.#waits.length > 0) fail('a failure without a wait')
  }

  /** All timers up to now have run: nothing may be left that could have gone. */
  atEaseUntilNow(): void {
    if (this.isClosed || this.queue.ready.length === 0 || this.queue.deliveries.length >= this.#room) return
    const isLate = this.#dueAt <= this.#now() - ROUNDING_MILLIS
    if (isLate) fail(`nothing was sent at ${this.#now()}, and it could have gone at ${this.#dueAt}`)
  }

  #lose(items: Item[], reason: DropReason): void {
    this.#drop(reason, items.length)
    this.queue.leave(items)
  }

  #drop(reason: DropReason, count: number): void {
    if (count > 0) this.dropped[reason] = (this.dropped[reason] ?? 0) + count
  }
}

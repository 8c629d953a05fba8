// The one schedule: when a batch is taken, exported, acked, tried again, parted, or given up; forceFlush; shutdown.
// No other room has a timer, and nothing else takes from the queue.
// - A batch is due when it is full (records or bytes) or `scheduledDelayMillis` after its first record.
// - A retryable failure keeps the batch until the queue's bound says otherwise, never until a number of attempts.
// - While the endpoint fails, one small request at a time asks whether it is back; then batches grow again (slow start),
//   so that many processes that come back at once do not bring it down again.
// - A flush resolves when every record before it has left for good, or its time is over; two at once both hold.
// Every timer is unref'ed, but for the deadline of a flush.

import { Alarm } from './alarm.ts'
import { Backoff } from './backoff.ts'
import { type Clock, MAX_TIMER_MILLIS, systemClock, within } from './clock.ts'
import type { ExportCause, Exporter, ExportResult, Payload, Success } from './export.ts'
import { Flushes } from './flushes.ts'
import { InFlight } from './in-flight.ts'
import { Notices } from './notices.ts'
import { Order } from './order.ts'
import type { Batch, RecordQueue } from './queue.ts'
import type { Counters, DropReason, FlushResult } from './report.ts'
import type { Run } from './slab.ts'
import { takeOver } from './take-over.ts'

export interface SenderOptions {
  queue: RecordQueue
  exporter: Exporter
  counters: Counters
  clock?: Clock | undefined
  maxExportBatchSize: number
  maxExportBatchBytes: number
  scheduledDelayMillis: number
  concurrency: number
  payload(runs: readonly Run[]): Payload
  /** A record about losses, to go with the next request; `undefined` when there is nothing to tell. */
  lossNotice(): Run | undefined
  /** Called after records were counted as lost, or a request failed or succeeded, for diagnostics. */
  onDrop(reason: DropReason, count: number, cause?: ExportCause): void
  onRetry(cause: ExportCause, waitMillis: number): void
  onSuccess(warning: string | undefined): void
}

export class Sender {
  readonly #options: SenderOptions
  readonly #clock: Clock
  readonly #backoff: Backoff
  readonly #order = new Order()
  #closed = false
  #requests = 0
  readonly #deliveries = new Set<Promise<void>>()
  /** What these deliveries have taken and not yet brought to an end. */
  readonly #inFlight = new InFlight()
  /** Those of which the server has the records, though its answer goes on. */
  readonly #accepted = new Set<Batch>()
  /** Records before this one go out now, whether they fill a batch or not. */
  #due = 0
  readonly #flushes = new Flushes()
  #retryAt = 0
  readonly #notices: Notices
  readonly #alarm: Alarm

  constructor(options: SenderOptions) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.#backoff = new Backoff(options.maxExportBatchSize, this.#clock.random)
    this.#notices = new Notices(options.lossNotice)
    this.#alarm = new Alarm(this.#clock, () => this.#pump())
  }

  /** Records were appended. */
  notify(count = 1): void {
    const isFirst = this.#options.queue.ready === count
    this.#order.append(isFirst ? this.#clock.now() : undefined, count)
    if (this.#alarm.isDue || this.#requests >= this.#concurrency) return
    if (isFirst || this.#isFull) this.#arm()
  }

  /** Another process left records: as after an outage, they go out by and by. */
  wake(): void {
    this.#backoff.startSlowly()
    this.#pump()
  }

  /** Records were evicted from the front of the queue, or set aside there. */
  evicted(count: number): void {
    this.#order.take(count, this.#clock.now())
    this.#settle()
  }

  /** Sends what waits. Always resolves; the wait for a failing endpoint is cut short once. 0 means no limit of time. */
  async forceFlush(timeoutMillis: number): Promise<FlushResult> {
    const { queue, exporter, payload } = this.#options
    const endsAt = this.#clock.now() + (timeoutMillis > 0 ? timeoutMillis : MAX_TIMER_MILLIS)
    const secured = queue.secure?.()
    const complete = queue.waiting === 0 || (await this.#flush(endsAt)) || queue.isSafe === true
    await secured
    const time = endsAt - this.#clock.now()
    // Others' records, and what was set aside, go on with each flush: who flushes until nothing waits gets there.
    const isAside = queue.waiting > 0 && Math.min(this.#order.oldest, this.#inFlight.oldest) >= this.#order.next
    if (isAside && this.#deliveries.size > 0) await within(Promise.race(this.#deliveries), time, this.#clock)
    if (queue.waiting === 0 && this.#backoff.failures === 0 && time > 0) {
      await this.#notices.sendAlone((runs) => exporter.export(payload(runs)), time, this.#clock)
    }
    return { complete, waiting: queue.waiting }
  }

  #flush(endsAt: number): Promise<boolean> {
    const flushed = this.#flushes.wait(this.#order.next, endsAt - this.#clock.now(), this.#clock)
    this.#due = this.#order.next
    this.#retryAt = 0
    this.#settle()
    this.#pump()
    return flushed
  }

  /** Flushes, then gives up what is left as `shutdown` and frees the network. 0 means not to wait. */
  async shutdown(timeoutMillis: number): Promise<FlushResult> {
    const { queue, exporter, counters, onDrop } = this.#options
    const nothing = { complete: queue.waiting === 0, waiting: queue.waiting }
    queue.beginEnd?.()
    const result = timeoutMillis > 0 ? await this.forceFlush(timeoutMillis) : nothing
    this.#closed = true
    this.#alarm.clear()
    exporter.close()
    await Promise.all(this.#deliveries)
    const lost = queue.giveUp()
    if (lost > 0) {
      counters.drop('shutdown', lost)
      onDrop('shutdown', lost)
    }
    this.#settle()
    this.#flushes.settle(Number.POSITIVE_INFINITY)
    return result
  }

  /** Stops, and takes out all that waits, for the last moment of a process. The caller accounts for the records. */
  takeOver(): Batch[] {
    this.#closed = true
    this.#alarm.clear()
    for (const batch of this.#accepted) this.#succeed(batch, { kind: 'success', rejected: 0 })
    return takeOver(this.#options.queue, this.#inFlight.batches, this.#options, this.#backoff.failures > 0)
  }

  get #isFull(): boolean {
    const { queue, maxExportBatchSize, maxExportBatchBytes } = this.#options
    return queue.isOverdue === true || queue.ready >= maxExportBatchSize || queue.readyBytes >= maxExportBatchBytes
  }

  /** When the next batch may go. While the endpoint fails, that is when it is asked again, whatever waits. */
  get #dueAt(): number {
    const isDue = this.#backoff.failures > 0 || this.#order.oldest < this.#due || this.#isFull
    return Math.max(this.#retryAt, isDue ? 0 : this.#order.since + this.#options.scheduledDelayMillis)
  }

  #arm(): void {
    if (!this.#closed) this.#alarm.set(this.#dueAt)
  }

  /** Starts as many requests as may run, then sees to it that it is called again when there is more to do. */
  #pump(): void {
    while (this.#maySend()) {
      const batch = this.#take()
      if (batch === undefined) break
      this.#requests++
      const delivery = this.#deliver(batch).then(() => {
        this.#requests--
        this.#deliveries.delete(delivery)
        this.#pump()
      })
      this.#deliveries.add(delivery)
    }
    if (this.#options.queue.ready > 0 && this.#requests < this.#concurrency) this.#arm()
  }

  get #concurrency(): number {
    return this.#backoff.isSteady ? this.#options.concurrency : 1
  }

  #maySend(): boolean {
    if (this.#closed || this.#requests >= this.#concurrency) return false
    return this.#options.queue.ready > 0 && this.#clock.now() >= this.#dueAt
  }

  #take(): Batch | undefined {
    const { queue, maxExportBatchBytes } = this.#options
    // Due by time: all that is there goes along, in as many requests as it takes.
    if (!this.#isFull) this.#due = Math.max(this.#due, this.#order.next)
    const batch = queue.take(this.#backoff.window, maxExportBatchBytes)
    if (batch === undefined) return undefined
    // Those of another process have no place in the order of ours.
    this.#inFlight.add(batch, batch.aside === undefined ? this.#order.take(batch.count, this.#clock.now()) : [])
    return batch
  }

  /** Brings one batch to its end: delivered, dropped, or back in the queue. */
  async #deliver(batch: Batch): Promise<void> {
    const parts = [batch]
    const { calls } = this.#flushes
    for (let part = parts.shift(); part !== undefined; part = parts.shift()) {
      const result = await this.#export(part)
      if (result.kind === 'success') this.#succeed(part, result)
      else if (result.kind === 'failure' && result.tooLarge && part.count > 1) parts.unshift(...this.#part(part))
      else if (result.kind === 'failure') {
        this.#lose(part, result.tooLarge ? 'record_too_large' : 'rejected', result.cause)
      } else {
        // In reverse, as each goes to the very front.
        for (const left of [part, ...parts].toReversed()) this.#release(left)
        this.#retryLater(result, calls)
        return
      }
    }
  }

  #part(batch: Batch): Batch[] {
    const halves = this.#options.queue.split(batch)
    this.#inFlight.part(batch, halves)
    return halves
  }

  async #export(batch: Batch): Promise<ExportResult> {
    let notices = batch.aside === undefined ? this.#notices.take() : []
    try {
      const result = await this.#request(batch, notices)
      if (result.kind === 'success' || notices.length === 0) return result
      this.#notices.putBack(notices)
      notices = []
      // It may have been the notice that was too much.
      if (result.kind !== 'failure' || !result.tooLarge || batch.count > 1) return result
      const again = await this.#request(batch, [])
      // Whether the first request still reads the record, nobody knows.
      return again.kind === 'success' ? { ...again, isPayloadFree: false } : again
    } catch (error) {
      this.#notices.putBack(notices)
      // An exporter does not throw. If it does all the same, the app must not feel it, nor the batch come back for ever.
      return { kind: 'failure', tooLarge: false, cause: { kind: 'internal', what: `internal error: ${String(error)}` } }
    }
  }

  async #request(batch: Batch, notices: readonly Run[]): Promise<ExportResult> {
    const { exporter, counters, payload } = this.#options
    const body = (batch.aside?.payload ?? payload)([...notices, ...batch.runs])
    const result = await exporter.export(body, () => this.#accepted.add(batch))
    counters.add('requests')
    return result
  }

  #succeed(batch: Batch, { rejected, message, cause, isPayloadFree }: Success): void {
    const { queue, counters, onSuccess } = this.#options
    queue.ack(batch, isPayloadFree)
    const lost = Math.min(rejected, batch.count)
    counters.add('sent', batch.count - lost)
    const pause = this.#backoff.succeeded()
    // Who awaits a flush has little time, and much to lose.
    if (pause > 0 && this.#flushes.size === 0) this.#retryAt = Math.max(this.#retryAt, this.#clock.now() + pause)
    if (lost > 0) counters.drop('rejected', lost)
    // Before anybody is told: who looks at the counts then finds them complete.
    this.#settle(batch)
    onSuccess(lost === 0 ? message : undefined)
    if (lost > 0) this.#options.onDrop('rejected', lost, cause)
    // Beside the other parts of a batch there may be room again.
    this.#pump()
  }

  #lose(batch: Batch, reason: DropReason, cause?: ExportCause): void {
    const { queue } = this.#options
    if (reason !== 'shutdown') queue.reject?.(batch)
    queue.ack(batch)
    this.#options.counters.drop(reason, batch.count)
    this.#settle(batch)
    this.#options.onDrop(reason, batch.count, cause)
  }

  #release(batch: Batch): void {
    const { queue } = this.#options
    if (this.#closed && queue.isSafe !== true && batch.aside === undefined) return this.#lose(batch, 'shutdown')
    queue.release(batch)
    this.#order.putBack(this.#inFlight.remove(batch))
  }

  #retryLater({ cause, retryAfterMillis = 0 }: ExportResult & { kind: 'retryable' }, calls: number): void {
    const { counters, onRetry, queue } = this.#options
    if (this.#closed) return
    counters.add('retries')
    const wait = this.#backoff.failed(retryAfterMillis)
    // A request from before a flush is not the one try that the flush may have at once.
    // Of requests side by side, one may have to wait longer.
    if (calls === this.#flushes.calls) this.#retryAt = Math.max(this.#retryAt, this.#clock.now() + wait)
    onRetry(cause, wait)
    // What is on disk needs no second try.
    if (queue.isSafe === true) this.#flushes.settle(Number.POSITIVE_INFINITY)
  }

  /** Some records have left for good: a batch, or what was evicted. */
  #settle(batch?: Batch): void {
    const { counters, queue } = this.#options
    if (batch !== undefined) this.#inFlight.remove(batch)
    if (batch !== undefined) this.#accepted.delete(batch)
    counters.waits(queue)
    if (this.#flushes.size === 0) return
    this.#flushes.settle(Math.min(this.#order.oldest, this.#inFlight.oldest))
  }
}

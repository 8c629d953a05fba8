// One history: the bench and the model side by side, step by step, to an end where everything must be accounted for.
// It knows what a pipeline does around the sender, and what the network does once it is closed.

import { MAX_TIMER_MILLIS } from '../src/clock.ts'
import { DROP_REASONS, type FlushResult } from '../src/report.ts'
import type { Run } from '../src/slab.ts'
import { Bench, DONE, idsOf, noticeOf, RECORD_BYTES, type Request, RETRYABLE, settled } from './sender-bench.ts'
import { bytesOf, expectSame, fail } from './queue-model.ts'
import { type Bounds, type Flush, type Result, ROUNDING_MILLIS, SenderModel } from './sender-model.ts'

export interface Settings extends Bounds {
  slabBytes: number
  /** Where chance begins. */
  chances: number
  /** How a history ends that had no shutdown. */
  end: 'drain' | 'takeOver'
}

export type Step =
  | { do: 'emit'; count: number; bytes: number; scopeId: number }
  | { do: 'answer'; which: number; result: Result }
  | { do: 'advance'; millis: number }
  /** From then on each request has this answer, or none by itself. */
  | { do: 'serve'; result: Result | undefined }
  | { do: 'flush' | 'shutdown'; millis: number }

interface Pending extends Flush {
  result: FlushResult | undefined
}

/** The bench and the model, side by side. */
export class Trial {
  readonly #bench: Bench
  readonly #model: SenderModel
  readonly #settings: Settings
  /** The answer to every request, if there is one. */
  #served: Result | undefined
  /** Those that have not resolved. */
  #flushes: Pending[] = []
  #shutdown: Pending | undefined
  /** What the shutdown must resolve to. */
  #closedWith: FlushResult | undefined
  /** Losses that no notice has taken up. */
  #untold = 0
  /** The process has ended, and with it whoever waited for a flush. */
  #isOver = false
  /** The first thing that was wrong: the sender would swallow what is thrown in its callbacks. */
  #fault: unknown

  constructor(settings: Settings) {
    this.#settings = settings
    this.#bench = new Bench({
      ...settings,
      lossNotice: () => this.#notice(),
      onDrop: (reason, count) => void (this.#untold += reason === 'shutdown' ? 0 : count),
      onRetry: (_cause, waitMillis) => this.#judge(() => this.#model.waits(waitMillis)),
    })
    const { clock } = this.#bench
    this.#model = new SenderModel(
      settings,
      () => clock.millis,
      () => this.#flushes,
    )
    this.#bench.onRequest = (request) => this.#judge(() => this.#model.requested(request))
    this.#bench.onClose = () => this.#judge(() => this.#close())
    let seed = settings.chances
    clock.chance = () => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fff_ffff
      return seed / 0x8000_0000
    }
  }

  async run(history: readonly Step[]): Promise<void> {
    for (const step of history) {
      await this.#step(step)
      this.#check()
    }
    if (this.#shutdown !== undefined) await this.#end(this.#shutdown)
    else if (this.#settings.end === 'drain') await this.#drain()
    else await this.#takeOver()
    this.#bench.checkReaders()
  }

  async #step(step: Step): Promise<void> {
    const { open } = this.#bench
    switch (step.do) {
      case 'emit':
        for (let i = 0; i < step.count; i++) this.#emit(step.bytes, step.scopeId)
        break
      case 'answer':
        if (open.length > 0) this.#answer(open[step.which % open.length]!, step.result)
        break
      case 'advance':
        return this.#advance(step.millis)
      case 'serve':
        this.#served = step.result
        break
      case 'flush':
        if (this.#shutdown === undefined) this.#flush(step.millis)
        break
      case 'shutdown':
        if (this.#shutdown === undefined) this.#shutDown(step.millis)
    }
    await this.#rest()
  }

  #emit(bytes: number, scopeId: number): void {
    // As pipeline.ts has it: what comes after the end never gets near the queue.
    if (this.#shutdown !== undefined) return
    const before = this.#bench.evicted
    const { run, accepted } = this.#bench.append(bytes, scopeId)
    const evicted = this.#bench.evicted - before
    this.#untold += evicted + (accepted ? 0 : 1)
    this.#model.appended(run, accepted, evicted)
  }

  #answer(request: Request, result: Result): void {
    this.#judge(() => request.check())
    this.#model.answered(request, result)
    request.answer(result)
  }

  #flush(timeoutMillis: number): void {
    const endsAt = this.#bench.clock.millis + (timeoutMillis === 0 ? MAX_TIMER_MILLIS : timeoutMillis)
    const flush = this.#expectEnd(endsAt)
    this.#model.flushing()
    this.#watch(flush, this.#bench.sender.forceFlush(timeoutMillis), (result) => {
      if (this.#isOver) return
      const { clock, queue } = this.#bench
      const isGone = this.#model.queue.isGone(flush.before)
      if (result.complete && !isGone) fail('a flush was complete, and records of it wait')
      if (!result.complete && isGone) fail('a flush was not complete, and none of its records waits')
      if (!result.complete && clock.millis < endsAt) fail(`a flush gave up at ${clock.millis}, not at ${endsAt}`)
      if (result.waiting !== queue.waiting) fail(`a flush told of ${result.waiting} waiting, not ${queue.waiting}`)
    })
  }

  #shutDown(timeoutMillis: number): void {
    this.#shutdown = this.#expectEnd(this.#bench.clock.millis + timeoutMillis)
    if (timeoutMillis > 0) this.#model.flushing()
    this.#watch(this.#shutdown, this.#bench.sender.shutdown(timeoutMillis), ({ complete, waiting }) => {
      if (complete !== this.#closedWith?.complete) fail(`a shutdown was ${complete ? '' : 'not '}complete`)
      if (waiting !== this.#closedWith.waiting) fail(`a shutdown told of ${waiting} waiting`)
      if (this.#model.queue.waiting > 0) fail('a shutdown ended, and records wait')
    })
  }

  #close(): void {
    const { clock } = this.#bench
    const { waiting } = this.#model.queue
    if (waiting > 0 && clock.millis < this.#shutdown!.endsAt) fail(`closed at ${clock.millis}, and ${waiting} wait`)
    this.#closedWith = { complete: waiting === 0, waiting }
    this.#model.closed()
  }

  /** It counts as pending from before the call, as requests begin within it. */
  #expectEnd(endsAt: number): Pending {
    const flush = { before: this.#bench.emitted, endsAt, result: undefined }
    this.#flushes.push(flush)
    return flush
  }

  #watch(flush: Pending, promise: Promise<FlushResult>, judge: (result: FlushResult) => void): void {
    promise.then(
      (result) => {
        this.#flushes = this.#flushes.filter((other) => other !== flush)
        flush.result = result
        this.#judge(() => judge(result))
      },
      (error: unknown) => (this.#fault ??= error),
    )
  }

  #judge(rule: () => void): void {
    try {
      rule()
    } catch (error) {
      this.#fault ??= error
    }
  }

  #notice(): Run | undefined {
    const losses = this.#untold
    this.#untold = 0
    return losses > 0 ? noticeOf(losses) : undefined
  }

  /** Lets everything happen that needs no time to pass. */
  async #rest(): Promise<void> {
    await settled()
    const bench = this.#bench
    while (bench.open.length > 0 && this.#fault === undefined) {
      // A network that is closed cuts all that is under way, at once.
      if (bench.closed) for (const request of bench.open) this.#answer(request, RETRYABLE)
      else if (this.#served !== undefined) this.#answer(bench.open[0]!, this.#served)
      else break
      await settled()
    }
    if (this.#fault !== undefined) throw this.#fault
    this.#model.atRest()
  }

  async #advance(millis: number): Promise<void> {
    const { clock } = this.#bench
    const end = clock.millis + millis
    for (;;) {
      await this.#rest()
      const next = clock.nextAt
      if (next === undefined || next > end) break
      await clock.advance(Math.max(0, next - clock.millis))
    }
    clock.millis = end
    this.#model.atEaseUntilNow()
  }

  #check(): void {
    const { counters, queue, clock, open } = this.#bench
    const model = this.#model
    const same = (what: string, is: number, expected: number): void => {
      if (is !== expected) fail(`${what} ${is}, not ${expected}`)
    }
    let dropped = 0
    for (const reason of DROP_REASONS) {
      same(`dropped as ${reason}`, counters.dropped(reason), model.dropped[reason] ?? 0)
      dropped += counters.dropped(reason)
    }
    for (const what of ['received', 'sent', 'requests', 'retries'] as const) {
      same(what, counters.get(what), model.counts[what])
    }
    same('received', counters.get('received'), counters.get('sent') + dropped + counters.get('waiting'))
    same('waiting', counters.get('waiting'), queue.waiting)
    same('waiting bytes', counters.get('waitingBytes'), queue.waitingBytes)
    same('waiting in the queue', queue.waiting, model.queue.waiting)
    same('waiting bytes in the queue', queue.waitingBytes, bytesOf(model.queue.inOrder))
    same('ready', queue.ready, model.queue.ready.length)
    same('ready bytes', queue.readyBytes, bytesOf(model.queue.ready))
    same('held bytes', queue.heldBytes, model.queue.heldBytes)
    if (queue.waiting > this.#settings.maxQueueSize) fail(`${queue.waiting} wait`)
    const onItsWay = open.reduce((sum, { told }) => sum + told, 0)
    const told = model.told + onItsWay + this.#untold
    if (told > model.losses) fail(`${told} losses told, of ${model.losses}`)
    if (this.#flushes.some(({ endsAt }) => clock.millis >= endsAt)) fail('a flush went on after its end')
    // A flush may stay for a notice about losses, alone, at most until its end.
    const notices = model.notices.filter(({ ends }) => ends.some((endsAt) => endsAt > clock.millis))
    if (model.goneFlushes.length > notices.length) fail('a flush went on with none of its records waiting')
  }

  async #drain(): Promise<void> {
    const { clock } = this.#bench
    const { maxExportBatchSize, scheduledDelayMillis } = this.#settings
    this.#served = DONE
    await this.#rest()
    const start = Math.max(clock.millis, this.#model.notBefore) + scheduledDelayMillis
    const end = start + 500 * Math.ceil(Math.log2(Math.max(1, maxExportBatchSize / 64)))
    while (this.#model.queue.waiting > 0) {
      const next = clock.nextAt
      if (next === undefined || next > end + ROUNDING_MILLIS)
        fail(`${this.#model.queue.waiting} still wait for a server that takes them`)
      await this.#advance(Math.max(0, next - clock.millis))
      this.#check()
    }
    // One that arrives, as notices are held back while the endpoint fails. Those that came back may go one by one.
    this.#emit(RECORD_BYTES, 0)
    for (let i = 0; i <= this.#settings.concurrency; i++) {
      this.#flush(1000)
      await this.#rest()
      this.#check()
    }
    const { told, toldInVain, losses } = this.#model
    if (told + toldInVain < losses) fail(`${told + toldInVain} losses told, of ${losses}`)
    await this.#expectSilence()
  }

  async #end({ endsAt }: Flush): Promise<void> {
    await this.#advance(Math.max(0, endsAt - this.#bench.clock.millis))
    this.#check()
    if (this.#shutdown?.result === undefined) fail('a shutdown did not end')
    if (this.#bench.clock.nextAt !== undefined) fail('a timer is left after a shutdown')
    await this.#expectSilence()
  }

  /** Nothing is left that would do something, or keep the process alive. */
  async #expectSilence(): Promise<void> {
    const { clock, requests } = this.#bench
    const before = requests.length
    await this.#advance(600_000)
    this.#check()
    if (requests.length > before) fail('a request out of nothing')
    if (clock.nextAt !== undefined) fail('a timer is left')
  }

  async #takeOver(): Promise<void> {
    const { maxExportBatchSize, maxExportBatchBytes } = this.#settings
    const expected = this.#model.queue.inOrder
    const batches = this.#bench.sender.takeOver().map(({ runs }) => idsOf(runs))
    expectSame(
      batches.flatMap(({ ids }) => ids),
      expected,
    )
    for (const { ids, bytes } of batches) {
      if (ids.length > maxExportBatchSize) fail(`${ids.length} records in a last request`)
      if (ids.length > 1 && bytes > maxExportBatchBytes) fail(`${bytes} bytes in a last request`)
    }
    this.#isOver = true
    this.#model.isClosed = true
    const { clock, open } = this.#bench
    const isDeadline = this.#flushes.some(({ endsAt }) => Math.abs(endsAt - clock.nextAt!) < ROUNDING_MILLIS)
    if (clock.nextAt !== undefined && !isDeadline) fail('a timer is left')
    // Nothing is answered any more where a process ends. If it were, nothing would follow.
    for (const request of open) this.#answer(request, RETRYABLE)
    this.#served = undefined
    await this.#advance(60_000)
  }
}

// A sender between a real queue and a scripted network, with what a pipeline does around it, on a clock that stands still
// until a test moves it. For sender.test.ts, which tells single stories, and sender-model.test.ts, which tells all of them.

import { ManualClock } from '@otlp-logs/test-support'
import type { ExportResult, Payload } from '../src/export.ts'
import { MemoryQueue, type MemoryQueueOptions } from '../src/queue.ts'
import { Counters, type DropReason, type FlushResult } from '../src/report.ts'
import { Sender, type SenderOptions } from '../src/sender.ts'
import { type Run, SlabWriter } from '../src/slab.ts'

/** All promises that can go on have done so. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** The smallest record: its id, its length, its scope. */
export const RECORD_BYTES = 8
const NOTICE_ID = 0xffff_ffff

export const CAUSE = { kind: 'HTTP 503', what: 'HTTP 503' }
export const SUCCESS: ExportResult = { kind: 'success', rejected: 0 }
/** The same, from an exporter that is done with the payload. */
export const DONE: ExportResult = { ...SUCCESS, isPayloadFree: true }
export const RETRYABLE: ExportResult & { kind: 'retryable' } = { kind: 'retryable', cause: CAUSE }
export const REJECTED: ExportResult = {
  kind: 'failure',
  tooLarge: false,
  cause: { kind: 'HTTP 400', what: 'HTTP 400' },
}
export const TOO_LARGE: ExportResult = {
  kind: 'failure',
  tooLarge: true,
  cause: { kind: 'HTTP 413', what: 'HTTP 413' },
}

export interface Request {
  ids: number[]
  bytes: number
  hasNotice: boolean
  /** What the notice tells, where a test gives that. */
  told: number
  at: number
  /** That it can still read what it was given. */
  check(): void
  /** An error is what an exporter throws. */
  answer(result: ExportResult | Error): void
}

/** A flush whose state can be seen. */
interface Watched {
  result: FlushResult | undefined
  promise: Promise<FlushResult>
}

/** Nothing is encoded here. */
interface RunsPayload extends Payload {
  runs: readonly Run[]
  /** What lay in them when the request began. */
  found?: ReturnType<typeof idsOf>
}

type Script = (ids: number[], index: number) => ExportResult | undefined

type BenchOptions = Partial<SenderOptions & MemoryQueueOptions & { slabBytes: number }>

class Records extends SlabWriter {
  constructor(slabBytes: number) {
    super(1e6, slabBytes)
  }

  write(id: number, bytes: number, scopeId: number): Run {
    this.ensure(bytes)
    this.buf.writeUInt32LE(id, this.pos)
    this.buf.writeUInt16LE(bytes, this.pos + 4)
    this.buf.writeUInt16LE(scopeId, this.pos + 6)
    this.pos += bytes
    return this.give(scopeId)
  }
}

/** A notice that tells of so many losses. */
export function noticeOf(losses: number): Run {
  const slab = Buffer.alloc(RECORD_BYTES + 4)
  slab.writeUInt32LE(NOTICE_ID, 0)
  slab.writeUInt16LE(slab.length, 4)
  slab.writeUInt32LE(losses, RECORD_BYTES)
  return { slab, start: 0, end: slab.length, count: 1, scopeId: 0 }
}

export class Bench {
  readonly clock: ManualClock = new ManualClock()
  readonly counters: Counters = new Counters()
  readonly queue: MemoryQueue
  readonly sender: Sender
  /** What requests were given to read, until one says that it is done: what else it says, it may go on reading for ever. */
  readonly #readers = new Set<RunsPayload>()
  /** Every request so far, in order; `open` are those without an answer. */
  readonly requests: Request[] = []
  open: Request[] = []
  mostOpen = 0
  closed = false
  readonly sent: number[] = []
  readonly retries: number[] = []
  readonly drops: [DropReason, number][] = []
  readonly warnings: (string | undefined)[] = []
  notices = 0
  /** Records that left the queue to make room. */
  evicted = 0
  onRequest: ((request: Request) => void) | undefined
  onClose: (() => void) | undefined
  #script: Script = () => undefined
  readonly #records: Records
  #id = 0

  constructor(options: BenchOptions = {}) {
    this.#records = new Records(options.slabBytes ?? 64 * RECORD_BYTES)
    this.queue = new MemoryQueue({
      maxQueueSize: Number.POSITIVE_INFINITY,
      maxQueueBytes: 1e9,
      overflow: 'drop-oldest',
      next,
      onEvict: (count) => {
        this.evicted += count
        this.counters.drop('queue_full', count)
        this.sender.evicted(count)
      },
      onGone: (slab, count) => this.#records.giveBack(slab, count),
      ...options,
    })
    this.sender = new Sender({
      queue: this.queue,
      exporter: { export: (payload) => this.#export(payload), close: () => this.#close() },
      counters: this.counters,
      clock: this.clock,
      maxExportBatchSize: 10,
      maxExportBatchBytes: 1e6,
      scheduledDelayMillis: 1000,
      concurrency: 1,
      // Copies, as slices are: the queue goes on with its runs.
      payload: (runs): RunsPayload => ({ runs: runs.map((run) => ({ ...run })), chunks: [], bytes: 0, count: 0 }),
      lossNotice: () => (this.notices-- > 0 ? noticeOf(1) : undefined),
      onDrop: (reason, count) => void this.drops.push([reason, count]),
      onRetry: (_cause, waitMillis) => void this.retries.push(waitMillis),
      onSuccess: (warning) => void this.warnings.push(warning),
      ...options,
    })
  }

  #export(payload: Payload): Promise<ExportResult> {
    return new Promise((resolve, reject) => {
      const read = payload as RunsPayload
      read.found = idsOf(read.runs)
      this.#readers.add(read)
      const { ids, bytes, told } = read.found
      const request: Request = {
        ids,
        bytes,
        hasNotice: told !== undefined,
        told: told ?? 0,
        at: this.clock.millis,
        check: () => expect(idsOf(read.runs)).toEqual(read.found),
        answer: (result) => {
          this.open = this.open.filter((other) => other !== request)
          if (result instanceof Error) return reject(result)
          if (result.kind === 'success' && result.isPayloadFree === true) this.#readers.delete(read)
          if (result.kind === 'success') this.sent.push(...ids.slice(result.rejected))
          resolve(result)
        },
      }
      this.requests.push(request)
      this.open.push(request)
      this.mostOpen = Math.max(this.mostOpen, this.open.length)
      this.onRequest?.(request)
      const result = this.#script(ids, this.requests.length - 1)
      if (result !== undefined) request.answer(result)
    })
  }

  #close(): void {
    this.closed = true
    this.onClose?.()
  }

  /** From now on requests are answered at once, as the script says. */
  answerBy(script: Script | ExportResult): this {
    this.#script = typeof script === 'function' ? script : () => script
    for (const request of this.open) {
      const result = this.#script(request.ids, this.requests.indexOf(request))
      if (result !== undefined) request.answer(result)
    }
    return this
  }

  emit(count = 1): void {
    for (let i = 0; i < count; i++) this.append()
  }

  append(bytes: number = RECORD_BYTES, scopeId = 0): { run: Run; accepted: boolean } {
    const run = this.#records.write(this.#id++, bytes, scopeId)
    this.counters.add('received')
    const accepted = this.queue.append(run)
    if (!accepted) {
      this.#records.takeBack(run)
      this.counters.drop('queue_full')
      return { run, accepted }
    }
    this.counters.set('waiting', this.queue.waiting)
    this.counters.set('waitingBytes', this.queue.waitingBytes)
    this.sender.notify()
    return { run, accepted }
  }

  get emitted(): number {
    return this.#id
  }

  async answer(result: ExportResult): Promise<void> {
    this.open[0]!.answer(result)
    await settled()
  }

  flush(timeoutMillis = 30_000): Watched {
    const promise = this.sender.forceFlush(timeoutMillis)
    const watched: Watched = { result: undefined, promise }
    void promise.then((result) => (watched.result = result))
    return watched
  }

  get sizes(): number[] {
    return this.requests.map(({ ids }) => ids.length)
  }

  /** Whether every request that may still read what it was given finds what it was given. */
  checkReaders(): void {
    for (const { runs, found } of this.#readers) expect(idsOf(runs)).toEqual(found)
  }

  checkConservation(): void {
    const { received, sent, filtered, dropped, waiting } = this.counters.stats()
    expect(sent + filtered + dropped.total + waiting.records).toBe(received)
    expect(waiting).toEqual({ records: this.queue.waiting, bytes: this.queue.waitingBytes })
  }
}

/** What lies in runs. A record that has got under another scope is none of ours: NaN. */
export function idsOf(runs: readonly Run[]): { ids: number[]; bytes: number; told: number | undefined } {
  const found = { ids: [] as number[], bytes: 0, told: undefined as number | undefined }
  for (const { slab, start, end, scopeId } of runs) {
    for (let at = start; at < end; at = next(slab, at)) {
      const id = slab.readUInt32LE(at)
      if (id === NOTICE_ID) found.told = (found.told ?? 0) + slab.readUInt32LE(at + RECORD_BYTES)
      else {
        found.ids.push(slab.readUInt16LE(at + 6) === scopeId ? id : Number.NaN)
        found.bytes += next(slab, at) - at
      }
    }
  }
  return found
}

function next(slab: Buffer, offset: number): number {
  return offset + slab.readUInt16LE(offset + 4)
}

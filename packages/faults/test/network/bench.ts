// A pipeline with a clock of the test's, a real receiver that answers by a script, and the verdict: criterion C of the
// matrix. Numbered records go in, a Tally says what came out.
// - Time stands still while a request is under way, which takes its own real time: only then has the sender no timer.
// - The counts are checked at every request, at every report and at every step of the clock, not only at the end.
// All that was opened is closed after each test.

import { setTimeout as delay } from 'node:timers/promises'
import {
  type Answer,
  ManualClock,
  type ReceivedRequest,
  type Receiver,
  type ReceiverOptions,
  startReceiver,
  Tally,
  textOf,
} from '@otlp-logs/test-support'
import {
  createPipeline,
  type OtlpOptions,
  type Pipeline,
  type Report,
  resolveOptions,
  type Stats,
} from 'otlp-logs-core'

/** Real time that a whole wait may take on a busy machine. */
const REAL_MILLIS = 10_000
const MINUTE = 60_000
/** Losses that no endpoint has part in, so that a message about them names none. */
const NOWHERE = ['queue_full', 'record_too_large']

/** A request, and when it came on the test's clock. */
export interface Asked {
  at: number
  request: ReceivedRequest
  /** The numbers of its records; a notice about losses is none. */
  seqs: number[]
}

/** Answers in order, of which the last repeats; or by the request and its number. */
export type Script = Answer | readonly Answer[] | ((asked: Asked, index: number) => Answer)

export interface Verdict {
  /** What may be lost, by reason. @default nothing */
  lost?: Record<string, number>
  /** Records that may come twice, at most. @default 0 */
  duplicates?: number
}

const open: (() => unknown)[] = []

afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close()
})

/** To be closed after the test. */
export function closing<T extends { close(): unknown }>(one: T): T {
  open.push(() => one.close())
  return one
}

export class Bench {
  readonly clock: ManualClock = new ManualClock()
  readonly tally: Tally = new Tally()
  readonly pipeline: Pipeline
  readonly reports: (Report & { at: number })[] = []
  readonly asked: Asked[] = []
  /** How long it took to make the pipeline, in real milliseconds. */
  readonly creationMillis: number
  receiver: Receiver | undefined
  emitted = 0
  /** Calls made at each request before it is answered. */
  onAsked: (asked: Asked) => void = () => {}
  readonly #violations: string[] = []
  #script: Script = {}
  #answered = 0

  /** A pipeline to wherever the options say. */
  constructor(options: OtlpOptions) {
    const startedAt = performance.now()
    const { settings, warnings } = resolveOptions({
      diagnostics: 'none',
      closeTimeoutMillis: 0,
      onReport: (report: Report) => void this.reports.push({ ...report, at: this.clock.millis }),
      ...options,
    })
    const host = { package: { name: 'test' }, inProcess: false, clock: this.clock }
    this.pipeline = createPipeline(settings, warnings, host)
    this.creationMillis = performance.now() - startedAt
    open.push(() => Promise.race([this.pipeline.shutdown(0), delay(REAL_MILLIS, undefined, { ref: false })]))
  }

  /** A pipeline to a receiver that answers as the script says. */
  static async start(script: Script = {}, options: OtlpOptions = {}, more: ReceiverOptions = {}): Promise<Bench> {
    // The pipeline needs the port, the receiver the pipeline's bench.
    const cell: { bench?: Bench } = {}
    const receiver = await listen(() => cell.bench!, more)
    const bench = new Bench({ endpoint: receiver.endpoint, ...options })
    bench.receiver = receiver
    bench.answer(script)
    cell.bench = bench
    return bench
  }

  /** Starts a receiver for this bench: where nobody was before, or once more. */
  async listen(options: ReceiverOptions = {}): Promise<Receiver> {
    this.receiver = await listen(() => this, options)
    return this.receiver
  }

  /** From the next request on; a script starts at its first answer. */
  answer(script: Script): void {
    this.#script = script
    this.#answered = 0
  }

  /** Logs so many records, each of about so many bytes. @returns the number of the last */
  emit(count: number, bytes = 60): number {
    for (let i = 0; i < count; i++) {
      const seq = this.emitted++
      const attributes = { seq, text: textOf(seq, bytes) }
      this.pipeline.emit({ observedTimeUnixNano: 1n, severityNumber: 9, body: 'line', attributes })
    }
    this.#check('after a record')
    return this.emitted - 1
  }

  get stats(): Stats {
    return this.pipeline.stats()
  }

  /** Milliseconds between requests, on the test's clock. */
  get gaps(): number[] {
    return this.asked.slice(1).map(({ at }, i) => at - this.asked[i]!.at)
  }

  /** Lets time pass until `done`. */
  async run(done: () => boolean): Promise<void> {
    const end = performance.now() + REAL_MILLIS
    while (!done()) {
      await this.#step()
      const { nextAt, millis } = this.clock
      if (done()) return
      if (nextAt !== undefined) await this.clock.advance(nextAt - millis)
      if (performance.now() > end) {
        throw new Error(
          `Not done after ${REAL_MILLIS} ms, ${millis} on the test's clock: ${JSON.stringify(this.stats)}`,
        )
      }
    }
  }

  /** Lets time pass until everything is sent or dropped. */
  drain(): Promise<void> {
    return this.run(() => this.stats.waiting.records === 0)
  }

  /** Lets so much time pass, but none while a request is under way. */
  async pass(millis: number): Promise<void> {
    const until = this.clock.millis + millis
    await this.run(() => {
      const { nextAt } = this.clock
      return nextAt === undefined ? this.stats.waiting.records === 0 : nextAt > until
    })
    await this.clock.advance(until - this.clock.millis)
  }

  /** The fault has ended: when was the endpoint asked again, and when had a record arrived that was logged right now? */
  async recover(): Promise<{ askedAfterMillis: number; arrivedAfterMillis: number }> {
    const endedAt = this.clock.millis
    const before = this.asked.length
    const fresh = this.emit(1)
    await this.run(() => this.tally.has(fresh))
    const askedAfterMillis = Math.round(this.asked[before]!.at - endedAt)
    return { askedAfterMillis, arrivedAfterMillis: Math.round(this.clock.millis - endedAt) }
  }

  /** Criterion C, once nothing waits any more. */
  async verdict({ lost = {}, duplicates = 0 }: Verdict = {}): Promise<void> {
    await this.drain()
    const { emitted, tally } = this
    const total = Object.values(lost).reduce((sum, count) => sum + count, 0)
    const { received, sent, filtered, dropped, waiting } = this.stats
    expect({ received, sent, filtered, dropped, waiting: waiting.records }).toEqual({
      received: emitted,
      sent: emitted - total,
      filtered: 0,
      dropped: { ...lost, total },
      waiting: 0,
    })
    expect(this.#violations).toEqual([])
    expect(tally.count).toMatchObject({ delivered: emitted - total, mismatches: 0 })
    expect(tally.count.duplicates).toBeLessThanOrEqual(duplicates)
    if (duplicates === 0) expect(tally.count.disordered).toBe(0)
    expect(this.receiver?.problems ?? []).toEqual([])
    this.#checkReports()
  }

  /** The messages of a kind. */
  said(kind: string): string[] {
    return this.reports.filter((report) => report.kind === kind).map(({ message }) => message)
  }

  /** @internal Called by the receiver at each request. */
  ask(request: ReceivedRequest): Answer {
    const { receiver, clock } = this
    const records = receiver!.allRecords.filter(({ requestIndex }) => requestIndex === request.index)
    const seqs = records.filter(({ eventName }) => eventName === '').map(({ attributes }) => Number(attributes['seq']))
    const asked = { at: clock.millis, request, seqs }
    this.asked.push(asked)
    this.#check(`at request ${request.index}`)
    this.onAsked(asked)
    const script = this.#script
    const index = this.#answered++
    if (typeof script === 'function') return script(asked, index)
    return Array.isArray(script) ? script[Math.min(index, script.length - 1)] : (script as Answer)
  }

  async #step(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve))
    this.#check(`at ${this.clock.millis} ms`)
  }

  #check(when: string): void {
    const { received, sent, filtered, dropped, waiting } = this.stats
    const sum = sent + filtered + dropped.total + waiting.records
    if (received === this.emitted && received === sum) return
    this.#violations.push(`${when}: ${this.emitted} emitted, ${received} received, ${sum} accounted for`)
  }

  /** At most one message per kind and minute, each with the place. */
  #checkReports(): void {
    const { reports } = this
    const tooSoon = reports.filter(({ kind, at }, i) =>
      reports.some((earlier, j) => j < i && earlier.kind === kind && at - earlier.at < MINUTE),
    )
    expect(tooSoon).toEqual([])
    const where = /https?:\/\/\S/
    expect(reports.filter(({ kind, message }) => !NOWHERE.includes(kind) && !where.test(message))).toEqual([])
  }
}

async function listen(bench: () => Bench, options: ReceiverOptions): Promise<Receiver> {
  const receiver = await startReceiver({
    answer: (request) => bench().ask(request),
    onAccepted: (records) => bench().tally.add(records),
    ...options,
  })
  return closing(receiver)
}

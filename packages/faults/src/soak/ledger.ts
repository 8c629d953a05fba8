// What arrived in a round, and what the sender can have known of it. A line arrives for sure when its request was answered
// with success in good time; it arrives in doubt when the answer got lost, came too late, or met a process that was about
// to die. Only a line in doubt may come again, and only a line in doubt may be counted as lost although it is here.

import { Tally, type ReceivedRecord, type TallyCount } from '@otlp-logs/test-support'

/** A request that was accepted. Times are milliseconds since the epoch, as the app has them. */
export interface Request {
  askedAt: number
  /** When its answer has ended at the latest. */
  answeredAt: number
  isSure: boolean
}

interface Arrival extends Request {
  /** When it was accepted. */
  at: number
  seqs: number[]
  mayRepeat: boolean
  /** Losses told by `otlp_logs.dropped`. */
  announced: number
}

export interface Arrived extends TallyCount {
  /** Lines that arrived in doubt, and never for sure. */
  doubtful: number
  /** Arrivals of lines that were there for sure. */
  undue: number
  /** The highest number that arrived. */
  last: number
  /** Losses told by `otlp_logs.dropped`, for sure and in doubt. */
  announcedSurely: number
  announcedInDoubt: number
}

export const now = (): number => performance.timeOrigin + performance.now()

export class Ledger {
  readonly #tally = new Tally()
  readonly #arrivals: Arrival[] = []
  readonly #waiters = new Set<() => void>()
  #highest = -1
  /** A line that is not entered when it comes, to see the judge fail. */
  readonly #lose: number | undefined

  constructor(lose?: number) {
    this.#lose = lose
  }

  add(given: readonly ReceivedRecord[], request: Request): void {
    const records = given.filter(({ attributes }) => this.#lose === undefined || attributes['seq'] !== this.#lose)
    const seqs = records.map(({ attributes }) => attributes['seq']).filter((seq) => typeof seq === 'number')
    for (const seq of seqs) this.#highest = Math.max(this.#highest, seq)
    const before = this.#tally.count.announced
    this.#tally.add(records)
    const announced = this.#tally.count.announced - before
    this.#arrivals.push({ ...request, at: now(), seqs, mayRepeat: !request.isSure, announced })
    for (const check of [...this.#waiters]) check()
  }

  /** What arrived from then on may not have been known to the sender. */
  doubt(from: number): void {
    for (const arrival of this.#between(from, Number.POSITIVE_INFINITY)) doubt(arrival)
  }

  /** What was under way in this time may not have been known to a worker that died in it. */
  doubtUnderWay(from: number, to: number = Number.POSITIVE_INFINITY): void {
    for (const arrival of this.#arrivals) if (arrival.askedAt <= to && arrival.answeredAt >= from) doubt(arrival)
  }

  /** What arrived from then on may come again, but not be counted as lost. */
  expectRepeats(from: number): void {
    for (const arrival of this.#between(from, Number.POSITIVE_INFINITY)) arrival.mayRepeat = true
  }

  /** Distinct lines below `end` that arrived until then. */
  countUntil(at: number, end: number): number {
    const seqs = this.#between(0, at).flatMap((arrival) => arrival.seqs)
    return new Set(seqs.filter((seq) => seq < end)).size
  }

  /** Whether a line from number `seq` on arrives within the time. */
  arrivesFrom(seq: number, timeoutMillis: number): Promise<boolean> {
    return new Promise((resolve) => {
      const settle = (arrived: boolean): void => {
        clearTimeout(timer)
        this.#waiters.delete(check)
        resolve(arrived)
      }
      const timer = setTimeout(() => settle(false), timeoutMillis)
      const check = (): void => void (this.#highest >= seq && settle(true))
      this.#waiters.add(check)
      check()
    })
  }

  close(): Arrived {
    const sure = new Set<number>()
    const closed = new Set<number>()
    const doubtful = new Set<number>()
    const announced = { sure: 0, inDoubt: 0 }
    let undue = 0
    for (const { seqs, isSure, mayRepeat, ...arrival } of this.#arrivals) {
      announced[isSure ? 'sure' : 'inDoubt'] += arrival.announced
      for (const seq of seqs) {
        if (closed.has(seq)) undue++
        if (isSure) sure.add(seq)
        else doubtful.add(seq)
        if (!mayRepeat) closed.add(seq)
      }
    }
    for (const seq of sure) doubtful.delete(seq)
    return {
      ...this.#tally.count,
      doubtful: doubtful.size,
      undue,
      last: this.#highest,
      announcedSurely: announced.sure,
      announcedInDoubt: announced.inDoubt,
    }
  }

  #between(from: number, to: number): Arrival[] {
    return this.#arrivals.filter(({ at }) => at >= from && at <= to)
  }
}

function doubt(arrival: Arrival): void {
  arrival.isSure = false
  arrival.mayRepeat = true
}

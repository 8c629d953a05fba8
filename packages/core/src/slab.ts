// Memory for encoded records: slabs of 256 KiB, filled from the front, shared by the runs of records that lie in them.
// A Buffer for each record would cost 150 MiB of overhead at 64 MiB of records; slabs cost 9 MiB.
// - A record lies in one slab, whole. One that does not fit any more moves to the next slab; a larger one has its own.
// - Bytes once given out as a Run are not written again, until every record of their slab has come back (slab-pool.ts).
// - No pages of Node's own pool: they are shared with the app and would be kept alive by one log line.

import { type Loan, SlabPool } from './slab-pool.ts'

/** A stretch of encoded records in one slab, all of one scope. */
export interface Run {
  readonly slab: Buffer
  start: number
  end: number
  count: number
  readonly scopeId: number
}

/** Thrown while a record is written that outgrows its bound. Has no stack: it is a signal, not an error. */
export const RECORD_TOO_LARGE: unique symbol = Symbol('record too large')

export const DEFAULT_SLAB_BYTES: number = 256 * 1024

/** What one batch of a full size gives back, and what is written until the next. */
const MAX_FREE = 8

/** The place where records are written. Subclasses add the format. */
export class SlabWriter {
  protected buf: Buffer
  protected pos = 0
  protected start = 0
  readonly #slabBytes: number
  readonly #maxRecordBytes: number
  readonly #pool = new SlabPool(MAX_FREE)
  /** That of `buf`, where it is a slab of the usual size. */
  #loan: Loan | undefined

  constructor(maxRecordBytes: number, slabBytes: number = DEFAULT_SLAB_BYTES) {
    this.#slabBytes = slabBytes
    this.#maxRecordBytes = maxRecordBytes
    this.buf = Buffer.alloc(0)
  }

  /** Encoded bytes of the record so far. */
  get size(): number {
    return this.pos - this.start
  }

  /** Makes room for `bytes` more. Throws RECORD_TOO_LARGE when the record would outgrow its bound. */
  protected ensure(bytes: number): void {
    if (this.pos + bytes > this.buf.length) this.#grow(bytes)
  }

  #grow(bytes: number): void {
    const used = this.pos - this.start
    if (used + bytes > this.#maxRecordBytes + 64) throw RECORD_TOO_LARGE
    let size = this.#slabBytes
    while (size < used + bytes) size *= 2
    const loan = size === this.#slabBytes ? this.#pool.take(size) : undefined
    const next = loan?.slab ?? Buffer.allocUnsafeSlow(size)
    this.buf.copy(next, 0, this.start, this.pos)
    if (this.#loan !== undefined) this.#pool.close(this.#loan)
    this.#loan = loan
    this.buf = next
    this.start = 0
    this.pos = used
  }

  /** Takes back so many records of a slab, which nothing reads any more, nor ever will. */
  giveBack(slab: Buffer, count: number): void {
    this.#pool.giveBack(slab, count)
  }

  /** Forgets what was written since the last record. */
  rewind(): void {
    this.pos = this.start
  }

  /** Ends the record and gives out its bytes. Throws RECORD_TOO_LARGE, and forgets it, when it outgrew its bound. */
  protected give(scopeId: number): Run {
    if (this.size > this.#maxRecordBytes) {
      this.rewind()
      throw RECORD_TOO_LARGE
    }
    const run: Run = { slab: this.buf, start: this.start, end: this.pos, count: 1, scopeId }
    this.start = this.pos
    if (this.#loan !== undefined) {
      this.#loan.out++
      return run
    }
    // A slab of its own holds exactly its record, so that the queue's bound counts no empty room.
    const own = Buffer.allocUnsafeSlow(run.end - run.start)
    this.buf.copy(own, 0, run.start, run.end)
    this.buf = Buffer.alloc(0)
    this.pos = 0
    this.start = 0
    return { slab: own, start: 0, end: own.length, count: 1, scopeId }
  }

  /** Takes back the last record given out, when nobody kept it. */
  takeBack(run: Run): void {
    this.giveBack(run.slab, run.count)
    if (run.slab !== this.buf || run.end !== this.pos) return
    this.pos = run.start
    this.start = run.start
  }
}

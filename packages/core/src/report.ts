// The words for what became of the records: every loss has exactly one DropReason, and every record is counted once.
// Invariant, at any moment: received + adopted = sent + filtered + dropped + waiting.
// Counters may lie in shared memory, so that a thread can read, and outlive, the counters of another. One writer only.

/** Why a record was not delivered. The list is closed: no record is lost without one of these names. */
export const DROP_REASONS = [
  'queue_full',
  'rejected',
  'record_too_large',
  'invalid_line',
  'encode_failed',
  'hook_failed',
  'journal_full',
  'expired',
  'worker_died',
  'shutdown',
] as const
export type DropReason = (typeof DROP_REASONS)[number]

/** What a transport has done so far. All numbers only grow, except `waiting`. */
export interface Stats {
  /** Records that the transport was given. */
  received: number
  /** Records taken over from a dead process's journal. */
  adopted: number
  /** Records that the server accepted. */
  sent: number
  /** Records that `minimumSeverity` or `filter` left out. */
  filtered: number
  /** Records that were lost, by reason; reasons that never occurred are absent. */
  dropped: { total: number } & Partial<Record<DropReason, number>>
  /** Records on their way: queued or in flight. */
  waiting: { records: number; bytes: number }
  /** Requests that were answered or failed, each try counted. */
  requests: number
  /** Requests that will be tried again. */
  retries: number
  /** Records that were sent with a part cut off: nested deeper than 30 levels or longer than `maxRecordBytes`. */
  truncated: number
}

const PLAIN = ['received', 'adopted', 'sent', 'filtered', 'requests', 'retries', 'truncated', 'waiting', 'waitingBytes'] as const
type Plain = (typeof PLAIN)[number]

/** The numbers behind `stats()`. One thread writes; any thread that shares the buffer may read. */
export class Counters {
  readonly buffer: SharedArrayBuffer
  readonly #cells: Float64Array

  /** @param buffer from another `Counters`, to count on in the same cells */
  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer((PLAIN.length + DROP_REASONS.length) * 8)) {
    this.buffer = buffer
    this.#cells = new Float64Array(buffer)
  }

  add(what: Plain, n = 1): void {
    this.#cells[PLAIN.indexOf(what)]! += n
  }

  get(what: Plain): number {
    return this.#cells[PLAIN.indexOf(what)]!
  }

  drop(reason: DropReason, n = 1): void {
    this.#cells[PLAIN.length + DROP_REASONS.indexOf(reason)]! += n
  }

  dropped(reason: DropReason): number {
    return this.#cells[PLAIN.length + DROP_REASONS.indexOf(reason)]!
  }

  stats(): Stats {
    const dropped: Stats['dropped'] = { total: 0 }
    for (const reason of DROP_REASONS) {
      const n = this.dropped(reason)
      if (n > 0) dropped[reason] = n
      dropped.total += n
    }
    return {
      received: this.get('received'),
      adopted: this.get('adopted'),
      sent: this.get('sent'),
      filtered: this.get('filtered'),
      dropped,
      waiting: { records: this.get('waiting'), bytes: this.get('waitingBytes') },
      requests: this.get('requests'),
      retries: this.get('retries'),
      truncated: this.get('truncated'),
    }
  }
}

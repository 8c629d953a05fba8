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
  'journal_lost',
  'expired',
  'worker_died',
  'no_provider',
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
  /** What lies on disk; absent without the option `journal`. */
  journal?: JournalStats
  /** Records that were sent with a part cut off: nested deeper than 30 levels or longer than `maxRecordBytes`. */
  truncated: number
}

/** What this process holds of a journal, with what it adopted of dead processes. */
export interface JournalStats {
  bytes: number
  /** Files. */
  segments: number
  /** Age of the oldest file; 0 when there is none. */
  oldestAgeMillis: number
  /** Frames that a crash had cut, found so far. */
  torn: number
  /** Frames that were damaged, found so far. */
  corrupt: number
}

/** What a flush or a shutdown came to. */
export interface FlushResult {
  /** Whether every record emitted before the call was sent, counted as dropped, or is safe in the journal within the time. */
  complete: boolean
  /** Records that still wait. */
  waiting: number
}

/** One thing that a transport has to say about its own work. */
export interface Report {
  /** The kind of event, stable, so that a program can tell them apart: `ECONNREFUSED`, `HTTP 401`, `queue_full`. */
  kind: string
  level: 'info' | 'warn'
  /** What, where, and what to do, in one line. Header values and URL userinfo are masked. */
  message: string
}

const CELLS = {
  received: 0,
  adopted: 1,
  sent: 2,
  filtered: 3,
  requests: 4,
  retries: 5,
  truncated: 6,
  waiting: 7,
  waitingBytes: 8,
  journalBytes: 9,
  journalSegments: 10,
  journalOldest: 11,
  journalTorn: 12,
  journalCorrupt: 13,
  /** Of those that wait, the records that the journal has in memory only. */
  journalUnsafe: 14,
} as const
type Cell = keyof typeof CELLS
const FIRST_REASON = Object.keys(CELLS).length

/** The numbers behind `stats()`. One thread writes; any thread that shares the buffer may read. */
export class Counters {
  readonly buffer: SharedArrayBuffer
  readonly #cells: Float64Array
  /** Whether `stats()` tells about a journal. */
  hasJournal = false

  /** @param buffer from another `Counters`, to go on in the same cells */
  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer((FIRST_REASON + DROP_REASONS.length) * 8)) {
    this.buffer = buffer
    this.#cells = new Float64Array(buffer)
  }

  add(what: Cell, n = 1): void {
    this.#cells[CELLS[what]]! += n
  }

  set(what: Cell, n: number): void {
    this.#cells[CELLS[what]] = n
  }

  get(what: Cell): number {
    return this.#cells[CELLS[what]]!
  }

  /** What waits, as the queue tells. */
  waits({ waiting, waitingBytes }: { readonly waiting: number; readonly waitingBytes: number }): void {
    this.set('waiting', waiting)
    this.set('waitingBytes', waitingBytes)
  }

  drop(reason: DropReason, n = 1): void {
    this.#cells[FIRST_REASON + DROP_REASONS.indexOf(reason)]! += n
  }

  dropped(reason: DropReason): number {
    return this.#cells[FIRST_REASON + DROP_REASONS.indexOf(reason)]!
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
      ...(this.hasJournal && { journal: this.#journal() }),
    }
  }

  #journal(): JournalStats {
    const oldest = this.get('journalOldest')
    return {
      bytes: this.get('journalBytes'),
      segments: this.get('journalSegments'),
      oldestAgeMillis: oldest === 0 ? 0 : Math.max(0, Date.now() - oldest),
      torn: this.get('journalTorn'),
      corrupt: this.get('journalCorrupt'),
    }
  }
}

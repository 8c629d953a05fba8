// What became of numbered lines, seen from the receiver: which arrived, how often, in which order, and whether each says
// what was logged. A line carries its number `seq` and a `text` that follows from it, so that a changed payload shows.
// The app that logs them is made by logging-app.ts, which uses `textOf`, too.

export interface TallyCount {
  /** Distinct lines. */
  delivered: number
  /** Lines that came once more. */
  duplicates: number
  /** Lines whose text is not what was logged, and records that carry no number. */
  mismatches: number
  /** Lines that came after a later one, not counting those that came once more. */
  disordered: number
  /** Losses that records `otlp_logs.dropped` told about. */
  announced: number
  /** Records `otlp_logs.dropped`. */
  announcements: number
}

export interface TalliedRecord {
  eventName: string
  attributes: Record<string, unknown>
}

/** The text of line `seq`, of about so many bytes. @param bytes at least 1 */
export function textOf(seq: number, bytes: number): string {
  // Of more than one byte each, so that a length in the wrong unit shows.
  const filler = '0123456789abcdefgéß漢'
  const start = (seq * 7) % 16
  return `${seq}/${bytes}/🙂${filler.slice(start).padEnd(bytes, filler)}`
}

export class Tally {
  readonly #seen = new Set<number>()
  readonly #count: TallyCount = {
    delivered: 0,
    duplicates: 0,
    mismatches: 0,
    disordered: 0,
    announced: 0,
    announcements: 0,
  }
  #last = -1

  add(records: Iterable<TalliedRecord>): void {
    for (const record of records) this.#addOne(record)
  }

  get count(): TallyCount {
    return { ...this.#count }
  }

  has(seq: number): boolean {
    return this.#seen.has(seq)
  }

  /** The numbers below `end` that have not come, at most the first 20. */
  missing(end: number): number[] {
    const missing: number[] = []
    for (let seq = 0; seq < end && missing.length < 20; seq++) if (!this.#seen.has(seq)) missing.push(seq)
    return missing
  }

  #addOne({ eventName, attributes }: TalliedRecord): void {
    const count = this.#count
    if (eventName === 'otlp_logs.dropped') {
      count.announcements++
      for (const [name, n] of Object.entries(attributes))
        if (name.startsWith('otlp_logs.dropped.')) count.announced += Number(n)
      return
    }
    const { seq, text } = attributes
    const bytes = Number(String(text).split('/', 2)[1])
    if (typeof seq !== 'number' || text !== textOf(seq, bytes)) return void count.mismatches++
    if (this.#seen.has(seq)) return void count.duplicates++
    this.#seen.add(seq)
    count.delivered++
    if (seq < this.#last) count.disordered++
    else this.#last = seq
  }
}

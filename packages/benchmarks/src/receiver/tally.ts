// Counts numbered lines in bytes of any encoding, without decoding: what the lines say is judged by other tests.
// A line's number stands behind a `~`; where no nine digits follow one, it was something else.

const MARK = 0x7e
const ZERO = 0x30
const DIGITS = 9
const FIRST_CAPACITY = 1 << 20

export class Tally {
  /** Distinct numbers so far. */
  distinct = 0
  /** Numbers that came once more. */
  duplicates = 0
  #seen = new Uint8Array(FIRST_CAPACITY)

  add(bytes: Uint8Array): void {
    for (let at = bytes.indexOf(MARK); at !== -1; at = bytes.indexOf(MARK, at + 1)) {
      const seq = numberAt(bytes, at + 1)
      if (seq === -1) continue
      at += DIGITS
      this.#addOne(seq)
    }
  }

  /** How many of `count` numbers from `first` have come. */
  within(first: number, count: number): number {
    let found = 0
    const end = Math.min(first + count, this.#seen.length)
    for (let seq = first; seq < end; seq++) found += this.#seen[seq]!
    return found
  }

  #addOne(seq: number): void {
    if (seq >= this.#seen.length) this.#grow(seq)
    if (this.#seen[seq] === 1) {
      this.duplicates++
      return
    }
    this.#seen[seq] = 1
    this.distinct++
  }

  #grow(seq: number): void {
    let capacity = this.#seen.length
    while (capacity <= seq) capacity *= 2
    const seen = new Uint8Array(capacity)
    seen.set(this.#seen)
    this.#seen = seen
  }
}

/** -1 where no number stands. */
function numberAt(bytes: Uint8Array, start: number): number {
  let seq = 0
  for (let at = start; at < start + DIGITS; at++) {
    const digit = bytes[at]! - ZERO
    // Also past the end, where it is not a number.
    if (!(digit >= 0 && digit <= 9)) return -1
    seq = seq * 10 + digit
  }
  return seq
}

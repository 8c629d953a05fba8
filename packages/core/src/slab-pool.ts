// Memory that is written again. As garbage, slabs that were delivered would stay until V8 looks for it, which at full speed
// is hundreds of MiB.
// - A slab is written again when every record that was given out of it has come back, and nothing more comes: what nobody
//   gives back is never overwritten, and whoever has a record gives it back once.
// - Giving back says that nothing reads the record, nor ever will. In doubt it is kept, and its slab is left to V8.
// - Memory that is written again is another Buffer: who still has the one before has no say over it.
// Callers: slab.ts, which encodes into slabs, and lane-files.ts, which reads files into them. queue.ts gives records back.

/** A slab that was taken from a pool. */
export interface Loan {
  readonly slab: Buffer
  /** Records that were given out of it and have not come back. */
  out: number
  /** Whether more may be given out. */
  isOpen: boolean
}

export class SlabPool {
  readonly #maxFree: number
  readonly #free: ArrayBuffer[] = []
  readonly #loans = new WeakMap<Buffer, Loan>()

  /** @param maxFree slabs that are kept while nobody needs them */
  constructor(maxFree: number) {
    this.#maxFree = maxFree
  }

  /** A slab of so many bytes. @param room what its memory holds at least, so that it may hold others later */
  take(bytes: number, room: number = bytes): Loan {
    const at = this.#free.findIndex(({ byteLength }) => byteLength >= room)
    // Not of Node's own pool, whose pages are shared with the app.
    const [memory = Buffer.allocUnsafeSlow(room).buffer] = at === -1 ? [] : this.#free.splice(at, 1)
    const loan: Loan = { slab: Buffer.from(memory, 0, bytes), out: 0, isOpen: true }
    this.#loans.set(loan.slab, loan)
    return loan
  }

  /** Nothing more is given out of it. */
  close(loan: Loan): void {
    loan.isOpen = false
    this.#settle(loan)
  }

  /** So many records of a slab are back. Slabs of others are left alone. */
  giveBack(slab: Buffer, count: number): void {
    const loan = this.#loans.get(slab)
    if (loan === undefined) return
    loan.out -= count
    this.#settle(loan)
  }

  #settle(loan: Loan): void {
    if (loan.isOpen || loan.out !== 0) return
    this.#loans.delete(loan.slab)
    this.keep(loan.slab.buffer as ArrayBuffer)
  }

  /** Keeps memory that nothing reads. */
  protected keep(memory: ArrayBuffer): void {
    this.#free.push(memory)
    if (this.#free.length > this.#maxFree) this.#free.shift()
  }

  /** Keeps nothing of what is free now. */
  clear(): void {
    this.#free.length = 0
  }
}

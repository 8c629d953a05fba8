// What must hold of a journal, written as plainly as it goes: lists of records, and counts. It is told what is asked of the
// journal and what that tells in turn, and judges what is taken, what is found again, and every count.
// Which records a loss hits is not always said: then the loss is a debt, to be paid by records that never come.

import type { DropReason } from '../src/report.ts'

export interface Item {
  id: number
  /** Its place in the order of its process; NaN until it is given free. */
  number: number
  isInFlight: boolean
  /** Whether it must survive its process, or the one that adopts it. */
  isSafe: boolean
  /** Whether it ever was in flight: then its file may have been given up without a word. */
  wasTaken: boolean
  /** Whether it has been delivered, or lost: then it may come once more, and need not. */
  isDelivered: boolean
}

/** The records of one folder, until they are delivered or lost. */
export class Source {
  readonly name: string
  /** The number of the first. */
  readonly first: number
  /** In their order. */
  items: Item[] = []
  /** Delivered or lost, and not behind the cursor yet: they come again when the process that sent them dies. */
  acked: Item[] = []
  /** The number that the next record gets. */
  next: number

  constructor(name: string, first = 0) {
    this.name = name
    this.first = first
    this.next = first
  }

  get ready(): Item[] {
    return this.items.filter(({ isInFlight }) => !isInFlight)
  }

  /** These were taken together: they must be the first that are ready, but for those that `miss` finds an excuse for. */
  take(ids: readonly number[], miss: (item: Item) => void): Item[] {
    const taken: Item[] = []
    const { ready } = this
    let at = 0
    for (const id of ids) {
      while (at < ready.length && ready[at]!.id !== id) {
        miss(ready[at]!)
        this.remove(ready[at++]!)
      }
      const item = ready[at++]
      if (item === undefined) fail(`record ${id} came out of its order, or is none of ${this.name}`)
      item.isInFlight = true
      item.wasTaken = true
      taken.push(item)
    }
    return taken
  }

  remove(item: Item): void {
    this.items = this.items.filter((other) => other !== item)
  }

  ack(taken: readonly Item[]): void {
    for (const item of taken) {
      this.remove(item)
      item.isDelivered = true
      this.acked.push(item)
    }
  }

  release(taken: readonly Item[]): void {
    for (const item of taken) item.isInFlight = false
  }

  /** The records from number `first` on have a folder of their own from now on. */
  splitAt(first: number, name: string): Source {
    const rest = new Source(name, first)
    rest.next = this.next
    rest.items = this.items.filter(({ number }) => number >= first)
    rest.acked = this.acked.filter(({ number }) => number >= first)
    this.items = this.items.filter(({ number }) => number < first)
    this.acked = this.acked.filter(({ number }) => number < first)
    this.next = first
    return rest
  }

  /** The cursor says so. */
  isBehind(delivered: number): void {
    this.acked = this.acked.filter(({ number }) => number >= delivered)
  }

  /** Its process is dead, or the one that had adopted it: all is to be sent again that is not behind the cursor. */
  die(mayHaveLostTaken: boolean): void {
    this.items = [...this.items, ...this.acked].toSorted((a, b) => a.number - b.number)
    this.acked = []
    for (const item of this.items) {
      item.isInFlight = false
      if (item.wasTaken && mayHaveLostTaken) item.isSafe = false
      item.wasTaken = false
    }
  }
}

export class JournalModel {
  own: Source
  /** Of this process, and set aside. Which losses are theirs, and which those of dead processes, is not said. */
  setAside: Source[] = []
  /** Of dead processes. */
  others: Source[] = []
  /** Appended, not committed. */
  pending: Item[] = []
  committing: Item[] = []
  /** Of others' records, how many are known to the process, and are neither delivered nor lost. */
  adopted = 0
  /** How many of the own that are ready are lost: which ones will be seen. */
  debt = 0
  /** Whether no process has died that had records which might survive it, or might not. */
  isExact = true
  readonly #evict: 'oldest' | 'newest'
  /** Of others' records: how many are counted as lost, and how many did not come; those that had to, and not once more. */
  readonly #others = { lost: 0, missed: 0, missedSafe: 0, missedAgain: 0 }

  constructor(name: string, evict: 'oldest' | 'newest') {
    this.own = new Source(name)
    this.#evict = evict
  }

  get waiting(): number {
    const ours = this.own.items.length - this.debt + this.setAside.reduce((sum, { items }) => sum + items.length, 0)
    return this.pending.length + this.committing.length + ours + this.adopted
  }

  /** Whether all that a process had is still to be delivered, or was. */
  get hasLostNone(): boolean {
    return this.debt === 0 && this.#others.lost === 0
  }

  get ready(): number {
    return this.own.ready.length - this.debt + this.setAside.reduce((sum, { ready }) => sum + ready.length, 0)
  }

  /** Records with a smaller number have left for good, if the losses are theirs. */
  floorOf(source: Source): number {
    const isOwn = source === this.own
    const isOurs = isOwn || this.setAside.includes(source)
    const due = source.items.filter(({ isSafe, isDelivered }) => isOurs || (isSafe && !isDelivered))
    const lost = isOwn ? this.debt : Math.max(0, this.#others.lost - this.#others.missedSafe)
    return due[lost]?.number ?? source.next
  }

  append(id: number): void {
    const fresh = { number: Number.NaN, isInFlight: false, isSafe: false, wasTaken: false, isDelivered: false }
    this.pending.push({ id, ...fresh })
  }

  commit(): void {
    this.committing = this.pending
    this.pending = []
  }

  committed(count: number): void {
    for (const item of this.committing.splice(0, count)) {
      item.number = this.own.next++
      this.own.items.push(item)
    }
  }

  /** Own records are lost. */
  evicted(reason: DropReason, count: number): void {
    const { ready } = this.own
    const areOldest = reason === 'journal_full' || reason === 'expired'
    if (count < 1 || this.debt + count > ready.length) fail(`${count} of ${ready.length} records lost as ${reason}`)
    if (areOldest && this.debt === 0) for (const item of ready.slice(0, count)) this.own.remove(item)
    else this.debt += count
  }

  /** Records are lost that are refused, or another process's. @param isKilled whether by a process that is no more */
  lost(reason: DropReason, count: number, isKilled = false): void {
    if (count < 1) fail(`${count} records lost as ${reason}`)
    if (reason === 'queue_full' || (reason === 'journal_full' && this.#evict === 'newest')) {
      // What the disk took in the write that killed it may be all of the record, and nobody counts it any more.
      if (isKilled) return this.committed(count)
      if (this.committing.splice(0, count).length < count) fail(`${count} records refused that nobody appended`)
      return
    }
    this.#loseOthers(count)
    const known = this.adopted + this.setAside.reduce((sum, { items }) => sum + items.length, 0)
    if (known < 0) fail(`${-known} records of others lost that nobody knew`)
  }

  #loseOthers(count: number): void {
    this.adopted -= count
    this.#others.lost += count
  }

  /**
   * The own records before number `first` go out in turn with what comes, which is written to a folder of its own.
   * @param count how many are left of them
   */
  setsAside(count: number, name: string, first: number): void {
    const { own } = this
    if (own.ready.length < own.items.length) fail('records are set aside while others are in flight')
    // It is to be read back from disk.
    for (const item of own.items) item.isSafe = true
    this.own = own.splitAt(first, name)
    this.setAside.push(own)
    const lost = own.items.length - count
    if (lost < 0 || lost > this.debt) fail(`${count} records set aside, of ${own.items.length}`)
    this.#loseOthers(lost)
    this.debt -= lost
  }

  /** @returns whose records these are, and which */
  take(ids: readonly number[], isAside: boolean): { source: Source; items: Item[] } {
    const isHere = ({ items }: Source): boolean => items.some((item) => item.id === ids[0])
    const source = isAside ? [...this.setAside, ...this.others].find(isHere) : this.own
    if (source === undefined) fail(`record ${ids[0]} came, and nobody has it waiting`)
    const isOurs = !this.others.includes(source)
    const miss = (item: Item): void => (isOurs ? this.#miss(source, item) : this.#missForeign(item))
    return { source, items: source.take(ids, miss) }
  }

  #miss(source: Source, item: Item): void {
    if (source === this.own) this.debt--
    else this.#loseOthers(-1)
    if (this.debt < 0 || this.#others.lost < 0) {
      fail(`record ${item.id} did not come in its turn, and is not counted as lost`)
    }
    // It may be on disk all the same, where memory had no room for it and the disk took nothing for a while.
    source.acked.push({ ...item, isDelivered: true })
  }

  #missForeign({ id, isDelivered, isSafe }: Item): void {
    if (isDelivered) return void this.#others.missedAgain++
    this.#others.missed++
    if (isSafe && ++this.#others.missedSafe > this.#others.lost) {
      fail(`record ${id} of another process did not come in its turn, and is not counted as lost`)
    }
  }

  /** From now on nothing is sure to survive the process that is not again. */
  forgetSafety(ofOthers: boolean): void {
    for (const { items } of ofOthers ? [this.own, ...this.setAside, ...this.others] : [this.own])
      for (const item of items) item.isSafe = false
    if (ofOthers) this.isExact = false
  }

  /**
   * The process is over, and another one adopts all.
   * @param mayHaveLostTaken whether files may have been given up while what was in them was in flight
   */
  pass(name: string, wasKilled: boolean, mayHaveLostTaken: boolean): void {
    const sources = [...this.others, ...this.setAside, this.own]
    for (const source of sources) source.die(wasKilled && mayHaveLostTaken)
    const areSafe = sources.every(({ items }) => items.every(({ isSafe, isDelivered }) => isSafe || isDelivered))
    if (this.debt > 0 || (wasKilled && !areSafe)) this.isExact = false
    this.#others.lost += this.debt
    this.others = sources
    this.own = new Source(name)
    this.setAside = []
    this.debt = 0
    this.adopted = 0
    this.pending = []
    this.committing = []
  }

  /** All has been delivered that could be. */
  end(): void {
    if (this.own.items.length !== this.debt) {
      fail(`${this.own.items.length} records never came, ${this.debt} are counted as lost: ${idsIn(this.own)}`)
    }
    for (const source of this.setAside) for (const item of source.items.splice(0)) this.#miss(source, item)
    for (const { items } of this.others) for (const item of items) this.#missForeign(item)
    const { lost, missed, missedAgain } = this.#others
    if (this.isExact && (lost < missed || lost > missed + missedAgain)) {
      fail(`${missed} records of others never came, ${lost} are counted as lost`)
    }
    if (this.adopted !== 0) fail(`${this.adopted} records of others are still to come`)
  }
}

function idsIn({ items }: Source): string {
  return items.map(({ id }) => id).join(', ')
}

export function fail(message: string): never {
  throw new Error(message)
}

// What must hold of a queue, written as plainly as it goes: a list of what is ready, and what each batch on its way carries.
// It says which records are taken, dropped and refused, and what is held in memory for those that wait.

import type { MemoryQueueOptions } from '../src/queue.ts'
import type { Run } from '../src/slab.ts'
import type { Request } from './sender-bench.ts'

export type QueueBounds = Pick<MemoryQueueOptions, 'maxQueueSize' | 'maxQueueBytes' | 'overflow'>

export interface Item {
  id: number
  bytes: number
  slab: Buffer
  /** When it began to wait: when it came, or came back. */
  since: number
}

/** A batch on its way; its parts are tried one after the other, the first now. */
export interface Delivery {
  parts: Item[][]
  request: Request | undefined
  /** How many flushes there had been when it started. */
  flushes: number
}

export class QueueModel {
  readonly #bounds: QueueBounds
  readonly #now: () => number
  /** The next of these is the next to go. */
  ready: Item[] = []
  deliveries: Delivery[] = []
  /** The next record's. */
  next = 0
  /** When the oldest that is ready came, or a little earlier: a request that need not be sooner is not. */
  since = 0
  /** The records from `id` on came after `at`. */
  #mark = { id: 0, at: 0 }
  readonly #slabs = new Map<Buffer, number>()
  heldBytes = 0

  constructor(bounds: QueueBounds, now: () => number) {
    this.#bounds = bounds
    this.#now = now
  }

  get inFlight(): Item[] {
    return this.deliveries.flatMap(({ parts }) => parts.flat())
  }

  get waiting(): number {
    const inFlight = this.deliveries.flatMap(({ parts }) => parts.map(({ length }) => length))
    return inFlight.reduce((sum, count) => sum + count, this.ready.length)
  }

  /** All that waits, as it must be handed over at the end: what is in flight first, the oldest first. */
  get inOrder(): Item[] {
    const parts = this.deliveries.flatMap((delivery) => delivery.parts)
    return [...parts.toSorted((a, b) => oldestOf(a).id - oldestOf(b).id).flat(), ...this.ready]
  }

  /** Whether all records before this one have left for good. */
  isGone(before: number): boolean {
    return this.ready.every(({ id }) => id >= before) && this.inFlight.every(({ id }) => id >= before)
  }

  /** A record came: whether it is taken, and how many are dropped for it. */
  append({ slab, start, end }: Run): { isTaken: boolean; evicted: number } {
    const evicted = this.#makeRoom(slab)
    const id = this.next++
    if (evicted === undefined) return { isTaken: false, evicted: 0 }
    if (this.ready.length === 0) this.since = this.#now()
    this.ready.push({ id, bytes: end - start, slab, since: this.#now() })
    const items = this.#slabs.get(slab) ?? 0
    this.#slabs.set(slab, items + 1)
    if (items === 0) this.heldBytes += slab.length
    return { isTaken: true, evicted }
  }

  /** Drops the fewest of the oldest that let one more in, but none where that would not do: then `undefined`. */
  #makeRoom(slab: Buffer): number | undefined {
    const { maxQueueSize, maxQueueBytes, overflow } = this.#bounds
    const more = this.#slabs.has(slab) ? 0 : slab.length
    const fits = (): boolean => this.waiting < maxQueueSize && (more === 0 || this.heldBytes + more <= maxQueueBytes)
    if (fits()) return 0
    // A queue that is empty takes one record, whatever its slab.
    if (overflow === 'drop-newest') return this.waiting === 0 ? 0 : undefined
    const { inFlight } = this
    const staying = [...new Set(inFlight.map((item) => item.slab))].reduce((sum, { length }) => sum + length, 0)
    if (inFlight.length >= maxQueueSize) return undefined
    if (more > 0 && staying > 0 && staying + more > maxQueueBytes) return undefined
    let evicted = 0
    for (; this.ready.length > 0 && !fits(); evicted++) this.leave(this.ready.splice(0, 1))
    this.#mind()
    return evicted
  }

  /** The first that are ready, within both limits, but one at least. */
  take(maxRecords: number, maxBytes: number): Item[] {
    let count = 0
    for (let bytes = 0; count < this.ready.length && count < maxRecords; count++) {
      bytes += this.ready[count]!.bytes
      if (count > 0 && bytes > maxBytes) break
    }
    const items = this.ready.splice(0, count)
    this.#mind()
    return items
  }

  /** Some left the front: when the oldest of the others came is known by what came between two such times. */
  #mind(): void {
    if (this.ready.length > 0 && oldestOf(this.ready).id < this.#mark.id) return
    this.since = Math.max(this.since, this.#mark.at)
    this.#mark = { id: this.next, at: this.#now() }
  }

  putBack(items: readonly Item[]): void {
    for (const item of items) item.since = this.#now()
    this.ready.unshift(...items)
  }

  /** These are gone for good; a slab is held as long as one of its records waits. */
  leave(items: readonly Item[]): void {
    for (const { slab } of items) {
      const left = this.#slabs.get(slab)! - 1
      this.#slabs.set(slab, left)
      if (left > 0) continue
      this.#slabs.delete(slab)
      this.heldBytes -= slab.length
    }
  }
}

export function oldestOf(items: readonly Item[]): Item {
  return items.reduce((oldest, item) => (item.id < oldest.id ? item : oldest))
}

export function bytesOf(items: readonly Item[]): number {
  return items.reduce((sum, { bytes }) => sum + bytes, 0)
}

export function expectSame(ids: readonly number[], items: readonly Item[]): void {
  if (ids.length === items.length && items.every(({ id }, i) => id === ids[i])) return
  fail(`records ${ids.join()}, not ${items.map(({ id }) => id).join()}`)
}

export function fail(message: string): never {
  throw new Error(message)
}

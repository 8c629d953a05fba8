import * as fc from 'fast-check'
import { type Batch, MemoryQueue, type MemoryQueueOptions } from './queue.ts'
import type { Run } from './slab.ts'

interface Item {
  id: number
  slab: Buffer
  bytes: string
  scopeId: number
}

/** A record here: one byte of length, then two of its number, then filling. */
const next = (slab: Buffer, offset: number): number => offset + slab[offset]!

/** Lays records out as the encoder does: end to end in a slab, in a new one when they do not fit. */
class Records {
  #slab = Buffer.alloc(0)
  #at = 0
  #id = 0
  readonly #slabBytes: number

  constructor(slabBytes: number) {
    this.#slabBytes = slabBytes
  }

  make(length: number, scopeId = 0): { run: Run; item: Item } {
    if (this.#at + length > this.#slab.length) {
      this.#slab = Buffer.alloc(Math.max(length, this.#slabBytes))
      this.#at = 0
    }
    const slab = this.#slab
    const start = this.#at
    this.#at += length
    const id = this.#id++
    slab.fill(id, start, this.#at)
    slab[start] = length
    slab.writeUInt16LE(id, start + 1)
    const item = { id, slab, scopeId, bytes: slab.toString('latin1', start, this.#at) }
    return { run: { slab, start, end: this.#at, count: 1, scopeId }, item }
  }
}

/** The queue as it is meant: arrays. What it may evict is left to the queue; that it was right is checked. */
class Model {
  ready: Item[] = []
  inFlight: { batch: Batch; items: Item[] }[] = []
  acked = 0
  evicted = 0
  refused = 0
  appended = 0

  get waiting(): Item[] {
    return [...this.inFlight.flatMap(({ items }) => items), ...this.ready]
  }

  /** Whether a record fits beside these; beside none, it always does. */
  hasRoom(item: Item, { maxQueueSize, maxQueueBytes }: Bounds, waiting = this.waiting): boolean {
    if (waiting.length === 0) return true
    const isNew = !waiting.some(({ slab }) => slab === item.slab)
    return waiting.length < maxQueueSize && (!isNew || heldBytes(waiting) + item.slab.length <= maxQueueBytes)
  }

  /** As many of the first as fit, but one at least. */
  take(maxRecords: number, maxBytes: number): Item[] {
    let count = 0
    for (let bytes = 0; count < Math.min(maxRecords, this.ready.length); count++) {
      bytes += this.ready[count]!.bytes.length
      if (bytes > maxBytes && count > 0) break
    }
    return this.ready.splice(0, count)
  }
}

type Bounds = Pick<MemoryQueueOptions, 'maxQueueSize' | 'maxQueueBytes' | 'overflow'>

function itemsIn(batch: Batch): { bytes: string; scopeId: number }[] {
  const items = []
  for (const { slab, start, end, count, scopeId } of batch.runs) {
    let found = 0
    for (let at = start; at < end; at = next(slab, at), found++) {
      items.push({ bytes: slab.toString('latin1', at, next(slab, at)), scopeId })
    }
    expect(found).toBe(count)
  }
  return items
}

const shownOf = (items: Item[]): { bytes: string; scopeId: number }[] =>
  items.map(({ bytes, scopeId }) => ({ bytes, scopeId }))

/** A queue and its model, held side by side after every step. */
class Pair {
  readonly queue: MemoryQueue
  readonly model = new Model()
  readonly #records: Records
  readonly #bounds: Bounds
  #evicting = 0

  constructor(bounds: Bounds, slabBytes: number) {
    this.#bounds = bounds
    this.#records = new Records(slabBytes)
    this.queue = new MemoryQueue({ ...bounds, next, onEvict: (count) => (this.#evicting += count) })
  }

  append(length: number, scopeId: number): void {
    const { model, queue } = this
    const { run, item } = this.#records.make(length, scopeId)
    const hadRoom = model.hasRoom(item, this.#bounds)
    this.#evicting = 0
    const taken = queue.append(run)
    model.appended++
    model.evicted += this.#evicting
    model.ready.splice(0, this.#evicting)
    if (hadRoom) expect({ taken, evicted: this.#evicting }).toEqual({ taken: true, evicted: 0 })
    else if (this.#bounds.overflow === 'drop-newest')
      expect({ taken, evicted: this.#evicting }).toEqual({ taken: false, evicted: 0 })
    else {
      const inFlight = model.inFlight.flatMap(({ items }) => items)
      expect(taken).toBe(model.hasRoom(item, this.#bounds, inFlight))
      if (!taken) expect(this.#evicting).toBe(0)
    }
    if (taken) model.ready.push(item)
    else model.refused++
  }

  take(maxRecords: number, maxBytes: number): void {
    const batch = this.queue.take(maxRecords, maxBytes)
    const items = this.model.take(maxRecords, maxBytes)
    if (batch === undefined) return expect(items).toEqual([])
    this.#holds(batch, items)
    this.model.inFlight.push({ batch, items })
  }

  ack(which: number): void {
    const { inFlight } = this.model
    if (inFlight.length === 0) return
    const [{ batch, items }] = inFlight.splice(which % inFlight.length, 1) as [(typeof inFlight)[number]]
    this.queue.ack(batch)
    this.model.acked += items.length
  }

  release(which: number): void {
    const { inFlight } = this.model
    if (inFlight.length === 0) return
    const [{ batch, items }] = inFlight.splice(which % inFlight.length, 1) as [(typeof inFlight)[number]]
    this.queue.release(batch)
    this.model.ready.unshift(...items)
  }

  split(which: number): void {
    const { inFlight } = this.model
    if (inFlight.length === 0) return
    const [{ batch, items }] = inFlight.splice(which % inFlight.length, 1) as [(typeof inFlight)[number]]
    const parts = this.queue.split(batch)
    expect(parts).toHaveLength(items.length < 2 ? 1 : 2)
    const half = items.length < 2 ? items.length : items.length >> 1
    const halves = [items.slice(0, half), items.slice(half)]
    for (const [i, part] of parts.entries()) {
      this.#holds(part, halves[i]!)
      inFlight.push({ batch: part, items: halves[i]! })
    }
  }

  #holds(batch: Batch, items: Item[]): void {
    expect(itemsIn(batch)).toEqual(shownOf(items))
    expect(batch.count).toBe(items.length)
    expect(batch.bytes).toBe(bytesOf(items))
  }

  check(): void {
    const { queue, model } = this
    const { waiting, ready } = model
    const numbers = {
      waiting: queue.waiting,
      waitingBytes: queue.waitingBytes,
      ready: queue.ready,
      readyBytes: queue.readyBytes,
      heldBytes: queue.heldBytes,
    }
    expect(numbers).toEqual({
      waiting: waiting.length,
      waitingBytes: bytesOf(waiting),
      ready: ready.length,
      readyBytes: bytesOf(ready),
      heldBytes: heldBytes(waiting),
    })
    expect(model.appended).toBe(model.acked + model.evicted + model.refused + waiting.length)
    expect(waiting.length).toBeLessThanOrEqual(this.#bounds.maxQueueSize)
    const slabs = new Set(waiting.map(({ slab }) => slab))
    if (slabs.size > 1) expect(queue.heldBytes).toBeLessThanOrEqual(this.#bounds.maxQueueBytes)
  }
}

/** Slabs count once, and as a whole. */
function heldBytes(items: Item[]): number {
  return [...new Set(items.map(({ slab }) => slab))].reduce((sum, slab) => sum + slab.length, 0)
}

function bytesOf(items: Item[]): number {
  return items.reduce((sum, { bytes }) => sum + bytes.length, 0)
}

const which = fc.nat(5)
const action = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('append' as const),
      length: fc.integer({ min: 3, max: 90 }),
      scopeId: fc.nat(2),
      times: fc.integer({ min: 1, max: 6 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('take' as const),
      records: fc.integer({ min: 1, max: 12 }),
      bytes: fc.integer({ min: 1, max: 300 }),
    }),
  },
  fc.record({ do: fc.constantFrom('ack' as const, 'release' as const, 'split' as const), which }),
)

const bounds = fc.record({
  maxQueueSize: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.constant(Number.POSITIVE_INFINITY)),
  maxQueueBytes: fc.integer({ min: 64, max: 1000 }),
  overflow: fc.constantFrom('drop-oldest' as const, 'drop-newest' as const),
})

describe('MemoryQueue', () => {
  it('keeps order, bytes, bounds and counts whatever is done to it, in any order', () => {
    fc.assert(
      fc.property(
        bounds,
        fc.integer({ min: 32, max: 200 }),
        fc.array(action, { maxLength: 60 }),
        (limits, slabBytes, actions) => {
          const pair = new Pair(limits, slabBytes)
          for (const step of actions) {
            if (step.do === 'append') for (let i = 0; i < step.times; i++) pair.append(step.length, step.scopeId)
            else if (step.do === 'take') pair.take(step.records, step.bytes)
            else pair[step.do](step.which)
            pair.check()
          }
          while (pair.model.inFlight.length > 0) pair.ack(0)
          while (pair.queue.ready > 0) {
            pair.take(7, 500)
            pair.ack(0)
          }
          pair.check()
          expect(pair.queue.heldBytes).toBe(0)
        },
      ),
      { numRuns: 300 },
    )
  })

  const LOTS = { maxQueueSize: Number.POSITIVE_INFINITY, maxQueueBytes: 1e9 }

  function queueOf(options: Partial<MemoryQueueOptions> = {}): MemoryQueue {
    return new MemoryQueue({ ...LOTS, overflow: 'drop-oldest', next, onEvict() {}, ...options })
  }

  it('keeps order over thousands of runs, taken, released and taken again', () => {
    const records = new Records(4096)
    const queue = queueOf()
    const expected: string[] = []
    const seen: string[] = []
    for (let i = 0; i < 6000; i++) {
      // Another scope each time, so that each record is a run.
      const { run, item } = records.make(8, i % 2)
      queue.append(run)
      expected.push(item.bytes)
      if (i % 7 !== 0) continue
      const batch = queue.take(5, 1000)!
      if (i % 3 === 0) queue.release(batch)
      else {
        seen.push(...itemsIn(batch).map(({ bytes }) => bytes))
        queue.ack(batch)
      }
    }
    for (let batch = queue.take(900, 1e6); batch !== undefined; batch = queue.take(900, 1e6)) {
      seen.push(...itemsIn(batch).map(({ bytes }) => bytes))
      queue.ack(batch)
    }
    expect(seen).toEqual(expected)
  })

  it('joins neighbours of one scope in one slab to one run', () => {
    const records = new Records(4096)
    const queue = queueOf()
    for (const scopeId of [0, 0, 0, 1, 1, 0]) queue.append(records.make(10, scopeId).run)
    const { runs } = queue.take(100, 1000)!
    expect(runs.map(({ count, scopeId }) => [scopeId, count])).toEqual([
      [0, 3],
      [1, 2],
      [0, 1],
    ])
  })

  it('counts a slab once, as a whole, until its last record has gone', () => {
    const records = new Records(100)
    const queue = queueOf()
    for (let i = 0; i < 10; i++) queue.append(records.make(10).run)
    expect(queue.heldBytes).toBe(100)
    const [first, rest] = [queue.take(1, 100)!, queue.take(9, 100)!]
    queue.ack(rest)
    expect(queue.heldBytes).toBe(100)
    queue.ack(first)
    expect(queue.heldBytes).toBe(0)
  })

  it('gives a batch of one record, however long that is', () => {
    const records = new Records(200)
    const queue = queueOf()
    for (const length of [150, 20, 20]) queue.append(records.make(length).run)
    expect(queue.take(10, 50)).toMatchObject({ count: 1, bytes: 150 })
    expect(queue.take(10, 50)).toMatchObject({ count: 2, bytes: 40 })
    expect(queue.take(10, 50)).toBeUndefined()
  })

  it('drops the oldest one by one when records are bounded, and tells each', () => {
    const evicted: number[] = []
    const records = new Records(1000)
    const queue = queueOf({ maxQueueSize: 3, onEvict: (count) => evicted.push(count) })
    const items = Array.from({ length: 5 }, () => {
      const { run, item } = records.make(10)
      expect(queue.append(run)).toBe(true)
      return item
    })
    expect(evicted).toEqual([1, 1])
    expect(itemsIn(queue.take(10, 1000)!)).toEqual(shownOf(items.slice(2)))
  })

  it('drops no record in flight to make room', () => {
    const evicted: number[] = []
    const records = new Records(1000)
    const queue = queueOf({ maxQueueSize: 2, onEvict: (count) => evicted.push(count) })
    queue.append(records.make(10).run)
    queue.append(records.make(10).run)
    const batch = queue.take(2, 1000)!
    expect(queue.append(records.make(10).run)).toBe(false)
    expect(evicted).toEqual([])
    queue.release(batch)
    expect(queue.ready).toBe(2)
  })

  it.each(['drop-oldest', 'drop-newest'] as const)(
    'takes one record while it is empty, however large its slab (%s)',
    (overflow) => {
      const queue = queueOf({ maxQueueBytes: 50, overflow })
      const records = new Records(10)
      expect(queue.append(records.make(100).run)).toBe(true)
      expect(queue.take(1, 1)).toMatchObject({ count: 1, bytes: 100 })
    },
  )

  it('gives up nothing for a record that would not fit even then', () => {
    const evicted: number[] = []
    const queue = queueOf({ maxQueueBytes: 100, onEvict: (count) => evicted.push(count) })
    const records = new Records(40)
    queue.append(records.make(40).run)
    const inFlight = queue.take(1, 100)!
    queue.append(records.make(40).run)
    expect(queue.append(records.make(90).run)).toBe(false)
    expect(evicted).toEqual([])
    queue.ack(inFlight)
    expect(queue.waiting).toBe(1)
  })

  describe('tells of records that nothing reads any more', () => {
    function fill(more: Partial<MemoryQueueOptions> = {}): { queue: MemoryQueue; gone: number[]; run: Run } {
      const gone: number[] = []
      const queue = queueOf({ onGone: (_slab, count) => gone.push(count), ...more })
      const records = new Records(100)
      const runs = Array.from({ length: 10 }, () => records.make(10).run)
      for (const run of runs) queue.append(run)
      return { queue, gone, run: records.make(10).run }
    }

    it('when a batch is acked whose request is done with them', () => {
      const { queue, gone } = fill()
      queue.ack(queue.take(3, 1000)!, true)
      expect(gone).toEqual([3])
    })

    it('and not when it is acked without a word about that', () => {
      const { queue, gone } = fill()
      queue.ack(queue.take(3, 1000)!)
      expect(gone).toEqual([])
    })

    it('and never again of a slab with records that came back, or were parted: an earlier request may still read', () => {
      for (const act of ['release', 'split'] as const) {
        const { queue, gone } = fill()
        const batch = queue.take(3, 1000)!
        const halves = act === 'split' ? queue.split(batch) : []
        if (act === 'release') queue.release(batch)
        for (const half of halves) queue.ack(half, true)
        queue.ack(queue.take(10, 1000)!, true)
        queue.drop(10)
        expect(gone).toEqual([])
      }
    })

    it('when they are given up, and were in no request', () => {
      const { queue, gone } = fill()
      const batch = queue.take(3, 1000)!
      queue.drop(2)
      expect(gone).toEqual([2])
      queue.ack(batch)
      queue.drop(10)
      expect(gone).toEqual([2, 5])
    })

    it('when they are evicted', () => {
      const { queue, gone, run } = fill({ maxQueueSize: 10 })
      queue.append(run)
      expect(gone).toEqual([1])
    })
  })
})

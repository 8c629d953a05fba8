// What goes out in turn with the records that come, not before them, folder by folder:
// - What dead processes left behind: folders are claimed at the start and every minute. Their records go with the resource,
//   scope and encoding that they were written with.
// - What piled up in this process while the endpoint failed, and was set aside.
// Caller: journal.ts.

import type { Clock } from './clock.ts'
import type { Disk } from './disk.ts'
import type { Payload } from './export.ts'
import { createJsonEnvelope, createProtobufEnvelope, type Envelope } from './envelope.ts'
import type { Instances } from './instances.ts'
import { Lane } from './lane.ts'
import type { Batch } from './queue.ts'
import type { Scope } from './record.ts'
import type { DropReason } from './report.ts'
import type { SegmentEncoding, SegmentHeader } from './segment.ts'
import type { Run } from './slab.ts'

export interface BacklogOptions {
  instances: Instances
  disk: Disk
  clock: Clock
  onLost(reason: DropReason, count: number): void
  /** Records of another process became known. */
  onAdopted(count: number): void
  onDamage(what: 'torn' | 'corrupt'): void
  /** There is something to send. */
  onReady(): void
}

const ADOPT_MILLIS = 60_000
const NO_SCOPE: Scope = { name: '' }

/** How the records were written: what sending them needs, and a copy that is to be read again. */
export interface Source {
  encoding: SegmentEncoding
  resource: Buffer
  scope(scopeId: number): Scope
}

interface Heap {
  lane: Lane
  source: Source | undefined
  /** How the records are to be sent; undefined for those of this process, which go as all others of it do. */
  payload: ((runs: readonly Run[]) => Payload) | undefined
}

export class Backlog {
  readonly #options: BacklogOptions
  /** In the order in which they are emptied. */
  #heaps: Heap[] = []
  /** Claimed folders that could not be looked at. */
  #unopened: string[] = []
  #cancel: (() => void) | undefined
  #closed = false

  constructor(options: BacklogOptions) {
    this.#options = options
  }

  /** Claims what is there now, and looks again every minute. Never rejects. */
  async start(): Promise<void> {
    const { clock, instances, onReady } = this.#options
    const claimed = await instances.adopt()
    if (this.#closed) return
    for (const folder of [...this.#unopened.splice(0), ...claimed]) this.#open(folder)
    // Not all processes of a fleet at once.
    this.#cancel = clock.after(ADOPT_MILLIS * (1 + clock.random() / 4), () => void this.start())
    this.#prepare()
    if (this.ready > 0) onReady()
  }

  /** Takes over records of this process, of which nothing is in flight. */
  add(lane: Lane, source: Source): void {
    this.#heaps.push({ lane, source, payload: undefined })
    this.#prepare()
  }

  /** Those of this process, in the order in which they were added. */
  get setAside(): readonly Lane[] {
    return this.#heaps.filter(({ payload }) => payload === undefined).map(({ lane }) => lane)
  }

  get lanes(): readonly Lane[] {
    return this.#heaps.map(({ lane }) => lane)
  }

  get waiting(): number {
    let sum = 0
    for (const { lane } of this.#heaps) sum += lane.waiting
    return sum
  }

  get waitingBytes(): number {
    let sum = 0
    for (const { lane } of this.#heaps) sum += lane.waitingBytes
    return sum
  }

  /** Records that are read, and not in flight. */
  get ready(): number {
    return this.#heaps[0]?.lane.ready ?? 0
  }

  get readyBytes(): number {
    return this.#heaps[0]?.lane.readyBytes ?? 0
  }

  take(maxRecords: number, maxBytes: number): Batch | undefined {
    const heap = this.#heaps[0]
    const batch = heap?.lane.take(maxRecords, maxBytes)
    if (heap === undefined || batch === undefined) return undefined
    batch.aside = heap.payload === undefined ? {} : { payload: heap.payload }
    heap.lane.prime()
    return batch
  }

  /** The lane that a batch was taken from; undefined when it was none of these. */
  laneOf(batch: Batch): Lane | undefined {
    return this.lanes.find((lane) => lane.has(batch))
  }

  /** How the records of a batch are written. */
  sourceOf(batch: Batch): Source | undefined {
    return this.#heaps.find(({ lane }) => lane.has(batch))?.source
  }

  /** Leaves behind what is empty, and begins with the next. */
  goOn(): void {
    this.#prepare()
  }

  /** What is still there is for the next process. */
  close(): void {
    this.#closed = true
    this.#cancel?.()
    for (const { lane } of this.#heaps) lane.close()
  }

  #open(folder: string): void {
    const { disk, clock, onLost, onAdopted, onDamage, onReady } = this.#options
    const scopes: Scope[] = []
    const scope = (scopeId: number): Scope => scopes[scopeId] ?? NO_SCOPE
    let envelope: Envelope
    let contentType = 'application/x-protobuf'
    const heap: Heap = {
      source: undefined,
      payload: (runs) => ({ ...envelope.payload(runs), contentType }),
      lane: new Lane({
        folder,
        disk,
        clock,
        adopted: true,
        memory: {
          maxQueueSize: Number.POSITIVE_INFINITY,
          maxQueueBytes: Number.POSITIVE_INFINITY,
          next: (slab, offset) => envelope.next(slab, offset),
        },
        onLost,
        onFound: onAdopted,
        onReady,
        onDamage,
        onHeader: (found: SegmentHeader) => {
          heap.source = { ...found, scope }
          if (found.encoding === 'json') contentType = 'application/json'
          envelope = envelopeOf(heap.source)
        },
        onScope: (scopeId, found) => {
          scopes[scopeId] = found
          // An envelope keeps what it has once asked for.
          envelope = envelopeOf(heap.source!)
        },
      }),
    }
    try {
      heap.lane.open()
      this.#heaps.push(heap)
    } catch {
      this.#unopened.push(folder)
    }
  }

  /** Until the first has something to send, or something in flight. */
  #prepare(): void {
    for (let heap = this.#heaps[0]; heap !== undefined; heap = this.#heaps[0]) {
      heap.lane.prime()
      if (heap.lane.segments.length + heap.lane.waiting > 0) return
      heap.lane.close()
      this.#options.instances.forget(heap.lane.folder)
      this.#heaps.shift()
    }
  }
}

function envelopeOf({ encoding, resource, scope }: Source): Envelope {
  return encoding === 'json' ? createJsonEnvelope(resource.toString(), scope) : createProtobufEnvelope(resource, scope)
}

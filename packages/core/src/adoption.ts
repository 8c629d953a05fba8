// What dead processes left behind, on its way out: folders are claimed at the start and every minute, and emptied one after
// the other, oldest first. Records go with the resource, scope and encoding that they were written with.
// Callers: journal.ts, which takes from here in turn with its own records.

import type { Clock } from './clock.ts'
import type { Disk } from './disk.ts'
import { createJsonEnvelope, createProtobufEnvelope, type Envelope } from './envelope.ts'
import type { Instances } from './instances.ts'
import { Lane } from './lane.ts'
import type { Batch } from './queue.ts'
import type { Scope } from './record.ts'
import type { DropReason } from './report.ts'
import type { SegmentEncoding, SegmentHeader } from './segment.ts'

export interface AdoptionOptions {
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
interface Source {
  encoding: SegmentEncoding
  resource: Buffer
  scope(scopeId: number): Scope
}

interface Orphan {
  lane: Lane
  source: Source | undefined
  envelope: Envelope | undefined
  contentType: string
}

export class Adoption {
  readonly #options: AdoptionOptions
  #orphans: Orphan[] = []
  /** Claimed folders that could not be looked at. */
  #unopened: string[] = []
  #cancel: (() => void) | undefined
  #closed = false

  constructor(options: AdoptionOptions) {
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

  get lanes(): readonly Lane[] {
    return this.#orphans.map(({ lane }) => lane)
  }

  get waiting(): number {
    return this.#orphans.reduce((sum, { lane }) => sum + lane.waiting, 0)
  }

  get waitingBytes(): number {
    return this.#orphans.reduce((sum, { lane }) => sum + lane.waitingBytes, 0)
  }

  /** Records that are read, and not in flight. */
  get ready(): number {
    return this.#orphans[0]?.lane.ready ?? 0
  }

  get readyBytes(): number {
    return this.#orphans[0]?.lane.readyBytes ?? 0
  }

  take(maxRecords: number, maxBytes: number): Batch | undefined {
    const orphan = this.#orphans[0]
    const batch = orphan?.lane.take(maxRecords, maxBytes)
    if (orphan === undefined || batch === undefined) return undefined
    batch.foreign = {
      payload: (runs) => ({ ...orphan.envelope!.payload(runs), contentType: orphan.contentType }),
    }
    orphan.lane.prime()
    return batch
  }

  /** The lane that a batch was taken from; undefined when it was none of these. */
  laneOf(batch: Batch): Lane | undefined {
    return this.lanes.find((lane) => lane.has(batch))
  }

  /** How the records of a batch are written. */
  sourceOf(batch: Batch): Source | undefined {
    return this.#orphans.find(({ lane }) => lane.has(batch))?.source
  }

  /** Leaves behind what is empty, and begins with the next. */
  goOn(): void {
    this.#prepare()
  }

  /** What is still there is for the next process. */
  close(): void {
    this.#closed = true
    this.#cancel?.()
    for (const { lane } of this.#orphans) lane.close()
  }

  #open(folder: string): void {
    const { disk, clock, onLost, onAdopted, onDamage, onReady } = this.#options
    const scopes: Scope[] = []
    const scope = (scopeId: number): Scope => scopes[scopeId] ?? NO_SCOPE
    const orphan: Orphan = {
      source: undefined,
      envelope: undefined,
      contentType: 'application/x-protobuf',
      lane: new Lane({
        folder,
        disk,
        clock,
        adopted: true,
        memory: {
          maxQueueSize: Number.POSITIVE_INFINITY,
          maxQueueBytes: Number.POSITIVE_INFINITY,
          next: (slab, offset) => orphan.envelope!.next(slab, offset),
        },
        onLost,
        onFound: onAdopted,
        onReady,
        onDamage,
        onHeader: (found: SegmentHeader) => {
          orphan.source = { ...found, scope }
          orphan.contentType = found.encoding === 'json' ? 'application/json' : 'application/x-protobuf'
          orphan.envelope = envelopeOf(orphan.source)
        },
        onScope: (scopeId, found) => {
          scopes[scopeId] = found
          // An envelope keeps what it has once asked for.
          orphan.envelope = envelopeOf(orphan.source!)
        },
      }),
    }
    try {
      orphan.lane.open()
      this.#orphans.push(orphan)
    } catch {
      this.#unopened.push(folder)
    }
  }

  /** Until the first has something to send, or something in flight. */
  #prepare(): void {
    for (let orphan = this.#orphans[0]; orphan !== undefined; orphan = this.#orphans[0]) {
      orphan.lane.prime()
      if (!orphan.lane.isEmpty) return
      orphan.lane.close()
      this.#options.instances.forget(orphan.lane.folder)
      this.#orphans.shift()
    }
  }
}

function envelopeOf({ encoding, resource, scope }: Source): Envelope {
  return encoding === 'json' ? createJsonEnvelope(resource.toString(), scope) : createProtobufEnvelope(resource, scope)
}

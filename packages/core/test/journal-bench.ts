// One process with a journal on a disk in memory, and a clock that stands still until a test moves it: for journal.test.ts,
// which tells single stories, and for the histories of journal-model.test.ts and journal-power.test.ts.
// Processes that share a disk share a `World`, which knows who lives.

import { basename, join } from 'node:path'
import { ManualClock } from '@otlp-logs/test-support'
import type { Identity } from '../src/instances.ts'
import { Journal } from '../src/journal.ts'
import type { JournalOptions } from '../src/journal-setup.ts'
import type { Batch } from '../src/queue.ts'
import type { DropReason } from '../src/report.ts'
import type { Run } from '../src/slab.ts'
import { MemoryDisk } from './journal-disk.ts'
import { idsOf, next, RECORD_BYTES, Records, RESOURCE, SCOPES } from './journal-records.ts'

export const DIRECTORY = '/var/journal'
const KEY = '0123456789abcdef'
export const KEY_FOLDER: string = join(DIRECTORY, 'v1', KEY)

/** All promises that can go on have done so. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Who lives, by name. */
export class World {
  readonly #alive = new Set<string>()
  #count: number

  /** @param count how many there were before, of whom nobody lives */
  constructor(count = 0) {
    this.#count = count
  }

  identity(disk: MemoryDisk): Identity {
    return {
      newName: () => (++this.#count).toString(16).padStart(16, '0'),
      announceLife: (folder) => {
        disk.close(disk.open(join(folder, 'l')))
        this.#alive.add(basename(folder))
        return () => {
          this.#alive.delete(basename(folder))
          disk.remove(join(folder, 'l'))
        }
      },
      isDead: (folder) => Promise.resolve(!this.#alive.has(basename(folder))),
    }
  }

  kill(names: readonly string[]): void {
    for (const name of names) this.#alive.delete(name)
  }
}

/** What a journal tells, in order. */
export type Told =
  | { what: 'evicted' | 'lost'; reason: DropReason; count: number }
  | { what: 'committed' | 'adopted' | 'setAside'; count: number }
  | { what: 'damage'; kind: 'torn' | 'corrupt' }
  | { what: 'trouble'; message: string }

export interface BenchOptions extends Partial<JournalOptions> {
  world?: World
  disk?: MemoryDisk
  clock?: ManualClock
  slabBytes?: number
  onTold?: (told: Told) => void
}

export class JournalBench {
  readonly world: World
  readonly disk: MemoryDisk
  readonly clock: ManualClock
  /** All that the process has asked for. */
  readonly names: string[] = []
  /** Of the folder that is written to. */
  name: string
  readonly journal: Journal
  readonly told: Told[] = []
  ready = 0
  readonly #records: Records
  #id = 0

  constructor({ world, disk, clock, slabBytes, onTold, ...options }: BenchOptions = {}) {
    this.world = world ?? new World()
    this.disk = disk ?? new MemoryDisk()
    this.clock = clock ?? new ManualClock()
    this.#records = new Records(slabBytes)
    const own = this.world.identity(this.disk)
    const identity: Identity = {
      ...own,
      newName: () => {
        const name = own.newName()
        this.names.push(name)
        return name
      },
    }
    const tell = (told: Told): void => {
      this.told.push(told)
      onTold?.(told)
    }
    this.journal = new Journal({
      directory: DIRECTORY,
      key: KEY,
      identity,
      maxBytes: 1e6,
      maxAgeMillis: 48 * 3_600_000,
      segmentBytes: 4096,
      fsync: 'interval',
      evict: 'oldest',
      minFreeBytes: 0,
      maxQueueBytes: 1e6,
      maxQueueSize: Number.POSITIVE_INFINITY,
      overflow: 'drop-oldest',
      syncMillis: 1500,
      encoding: 'protobuf',
      resource: RESOURCE,
      next,
      scope: (scopeId) => SCOPES[scopeId]!,
      disk: this.disk,
      clock: this.clock,
      onEvict: (reason, count) => tell({ what: 'evicted', reason, count }),
      onLost: (reason, count) => tell({ what: 'lost', reason, count }),
      onCommitted: (count) => tell({ what: 'committed', count }),
      onSetAside: (count) => {
        this.name = this.names.at(-1)!
        tell({ what: 'setAside', count })
      },
      onAdopted: (count) => tell({ what: 'adopted', count }),
      onDamage: (kind) => tell({ what: 'damage', kind }),
      onTrouble: (message) => tell({ what: 'trouble', message }),
      onReady: () => void this.ready++,
      onHeld: () => {},
      onGone: (slab, count) => this.#records.giveBack(slab, count),
      ...options,
    })
    this.name = this.home
  }

  /** The first of its names, which what it adopts is named after. */
  get home(): string {
    return this.names[0]!
  }

  /** The folder that is written to. */
  get folder(): string {
    return join(KEY_FOLDER, this.name)
  }

  /** A record with the next id. */
  record(bytes: number = RECORD_BYTES, scopeId = 0, id: number = this.#id++): Run {
    return this.#records.make(id, bytes, scopeId)
  }

  /** Appends so many records, and commits each by itself, or all together. */
  write(count: number, bytes: number = RECORD_BYTES, options: { together?: boolean; scopeId?: number } = {}): void {
    const { together = false, scopeId = 0 } = options
    for (let i = 0; i < count; i++) {
      this.journal.append(this.record(bytes, scopeId))
      if (!together) this.journal.commit()
    }
    if (together) this.journal.commit()
  }

  take(maxRecords: number = Number.POSITIVE_INFINITY, maxBytes: number = Number.POSITIVE_INFINITY): Batch {
    return this.journal.take(maxRecords, maxBytes)!
  }

  /** Takes and acks, and gives the ids. */
  deliver(maxRecords?: number): number[] {
    const batch = this.take(maxRecords)
    this.journal.ack(batch)
    return idsOf(batch.runs)
  }

  /** Takes and acks all there is, whoever wrote it. */
  deliverAll(): number[] {
    const ids: number[] = []
    for (let batch = this.journal.take(100, 1e6); batch !== undefined; batch = this.journal.take(100, 1e6)) {
      ids.push(...idsOf(batch.runs))
      this.journal.ack(batch)
    }
    return ids
  }

  /** How many were told of, by what and why. */
  count(what: Told['what'], reason?: DropReason): number {
    let sum = 0
    for (const told of this.told) {
      if (told.what !== what || (reason !== undefined && 'reason' in told && told.reason !== reason)) continue
      sum += 'count' in told ? told.count : 1
    }
    return sum
  }

  /** The process dies, as by SIGKILL. */
  kill(): void {
    this.disk.kill()
    this.world.kill(this.names)
  }

  /** Another process on the same disk, a minute later: it has adopted what was there. */
  async successor(options: BenchOptions = {}): Promise<JournalBench> {
    const heir = new JournalBench({ world: this.world, disk: this.disk.forNextProcess(), ...options })
    await settled()
    return heir
  }
}

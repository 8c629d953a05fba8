// F19: the power goes, at any operation of the disk, and takes with it what it likes of all that was not synced. Whatever
// is left, the next process opens it, and finds every record that was promised to be on the device.
// Promised is a record that waits for longer than `syncMillis`, or that a flush has secured.
// FC_RUNS=... makes more histories, FC_SEED=... begins with another one.

import { dirname } from 'node:path'
import { ManualClock } from '@otlp-logs/test-support'
import type { Batch } from '../src/queue.ts'
import { DIRECTORY, JournalBench, settled, World } from './journal-bench.ts'
import { MemoryDisk } from './journal-disk.ts'
import { type FolderNode, PowerLog } from './journal-power.ts'
import { randomOf } from './journal-random.ts'
import { idsOf } from './journal-records.ts'

const HISTORIES = Number(process.env['FC_RUNS'] ?? 400)
const FIRST_SEED = Number(process.env['FC_SEED'] ?? 1)
const STEPS = 40
const SYNC_MILLIS = 1500
/** More processes than a history has. */
const MANY = 1000

/** What a device holds after a loss of power, and what must be found on it. */
interface Lost {
  at: string
  root: FolderNode
  promised: number[]
  written: number
}

/** One after the other, processes on one disk, one of which has the power cut. */
class History {
  readonly #random: () => number
  readonly #fsync: 'interval' | 'batch' | 'none'
  /** Whether records may have to wait in memory, of which there is enough then. */
  readonly #mayBreak: boolean
  readonly #world = new World()
  readonly #power: PowerLog
  #bench!: JournalBench
  #batch: Batch | undefined
  /** When each record that waits was written; its place is its id. */
  readonly #writtenAt: (number | undefined)[] = []
  readonly #promised = new Set<number>()
  /** The first record of this process: those of others are promised nothing more. */
  #first = 0
  #now = 0
  #step = 0
  readonly states: Lost[] = []

  constructor(seed: number) {
    this.#random = randomOf(seed)
    this.#fsync = this.#pick('interval', 'interval', 'batch', 'none')
    this.#mayBreak = this.#pick(true, false)
    const { root } = new MemoryDisk()
    this.#power = new PowerLog(root)
    const disk = new MemoryDisk({ root, power: this.#power })
    disk.makeFolder(dirname(DIRECTORY))
    disk.syncFolder('/')
    this.#start(disk)
  }

  #below(end: number): number {
    return Math.floor(this.#random() * end)
  }

  #pick<T>(...all: T[]): T {
    return all[this.#below(all.length)]!
  }

  #start(disk: MemoryDisk): void {
    this.#batch = undefined
    const clock = new ManualClock()
    this.#bench = new JournalBench({
      world: this.#world,
      disk,
      clock,
      fsync: this.#fsync,
      syncMillis: SYNC_MILLIS,
      segmentBytes: 1500,
      maxQueueBytes: this.#mayBreak ? 1e6 : this.#pick(1000, 1e6),
      slabBytes: 256,
    })
    disk.onOperation = () => {
      if (this.#random() < 0.03) this.#lose()
    }
  }

  /** The power goes, here; as all is remembered, the history goes on as if it had not. */
  #lose(): void {
    this.states.push({
      at: `step ${this.#step}, ${this.#fsync}`,
      root: this.#power.lose(this.#random),
      promised: [...this.#promised],
      written: this.#writtenAt.length,
    })
  }

  async run(): Promise<void> {
    for (this.#step = 0; this.#step < STEPS; this.#step++) {
      await this.#act()
      this.#promise()
      if (this.#random() < 0.5) this.#lose()
    }
    const found = this.#bench.told.filter(({ what }) => what === 'lost' || what === 'evicted' || what === 'damage')
    if (found.length > 0) throw new Error(`without any loss of power: ${JSON.stringify(found)}`)
  }

  async #act(): Promise<void> {
    const { journal, clock, disk } = this.#bench
    const kind = this.#below(20)
    if (kind < 7) {
      for (let left = 1 + this.#below(6); left > 0; left--) {
        const id = this.#writtenAt.push(this.#now) - 1
        journal.append(this.#bench.record(16 + this.#below(300), this.#below(3), id))
        if (this.#random() < 0.7) journal.commit()
      }
      journal.commit()
    } else if (kind < 10) {
      const batch = this.#batch ?? journal.take(1 + this.#below(8), 1e6)
      this.#batch = undefined
      if (batch === undefined) return
      for (const id of idsOf(batch.runs)) this.#forget(id)
      journal.ack(batch)
    } else if (kind < 11) this.#batch ??= journal.take(1 + this.#below(8), 1e6)
    else if (kind < 12) {
      if (this.#batch !== undefined) journal.release(this.#batch)
      this.#batch = undefined
    } else if (kind < 16) {
      const millis = this.#pick(0, 50, 400, 1000, 3000)
      await clock.advance(millis)
      this.#now += millis
    } else if (kind < 17) {
      const before = this.#writtenAt.length
      await journal.secure()
      if (this.#fsync !== 'none' && journal.isSafe) this.#promiseOwn(before)
    } else if (kind < 18) {
      disk.fail('sync', 'EIO', { times: 1 })
      // And perhaps what it was for cannot be written anew either, for a while.
      if (this.#mayBreak && this.#random() < 0.5) disk.fail('create', 'ENOSPC', { times: 1, path: /\.new$/ })
    } else if (kind < 19) {
      // Ends by itself, or is killed; the next one adopts what is left.
      if (this.#random() < 0.5) {
        if (this.#batch !== undefined) journal.release(this.#batch)
        journal.giveUp()
        if (this.#fsync !== 'none' && journal.isSafe) this.#promiseOwn(this.#writtenAt.length)
      } else this.#bench.kill()
      this.#first = this.#writtenAt.length
      disk.onOperation = undefined
      this.#start(disk.forNextProcess())
      await settled()
    } else {
      await clock.advance(75_000)
      this.#now += 75_000
    }
  }

  #forget(id: number): void {
    this.#writtenAt[id] = undefined
    this.#promised.delete(id)
  }

  #promise(): void {
    if (this.#fsync === 'none' || !this.#bench.journal.isSafe) return
    const longest = this.#fsync === 'batch' ? 0 : SYNC_MILLIS
    for (let id = this.#first; id < this.#writtenAt.length; id++) {
      const at = this.#writtenAt[id]
      // Of this very moment a sync may still be on its way.
      if (at !== undefined && this.#now - at > longest) this.#promised.add(id)
    }
  }

  #promiseOwn(end: number): void {
    for (let id = this.#first; id < end; id++) if (this.#writtenAt[id] !== undefined) this.#promised.add(id)
  }
}

/** The next process, on what the device has kept. */
async function judge({ at, root, promised, written }: Lost): Promise<void> {
  const heir = new JournalBench({ disk: new MemoryDisk({ root }), world: new World(MANY) })
  await settled()
  const ids = heir.deliverAll()
  const missing = promised.filter((id) => !ids.includes(id))
  if (missing.length > 0) throw new Error(`${at}: not found, though promised: ${missing.join(', ')}`)
  if (new Set(ids).size < ids.length) throw new Error(`${at}: found twice`)
  const wrong = ids.filter((id) => !(id < written))
  if (wrong.length > 0) throw new Error(`${at}: never written: ${wrong.join(', ')}`)
  if (heir.journal.waiting !== 0) throw new Error(`${at}: ${heir.journal.waiting} wait`)
  if (heir.journal.giveUp() !== 0) throw new Error(`${at}: lost at the end`)
  const left = Object.keys(heir.disk.files()).filter((name) => name.endsWith('.seg'))
  if (left.length > 0) throw new Error(`${at}: left behind: ${left.join(', ')}`)
}

describe('F19: after a loss of power', () => {
  it(
    'the next process finds all that was promised, as it was written, and each record once',
    async () => {
      let states = 0
      for (let seed = FIRST_SEED; seed < FIRST_SEED + HISTORIES; seed++) {
        const history = new History(seed)
        try {
          await history.run()
          for (const state of history.states) await judge(state)
        } catch (error) {
          throw new Error(`FC_SEED=${seed}: ${(error as Error).message}`, { cause: error })
        }
        states += history.states.length
      }
      // Ten thousand, by default.
      expect(states).toBeGreaterThanOrEqual(HISTORIES * 25)
    },
    60_000 + 500 * HISTORIES,
  )
})

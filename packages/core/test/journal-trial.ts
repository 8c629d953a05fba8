// One history of a journal: the journal on a disk in memory and the model side by side, step by step, from process to
// process, to an end where everything must be accounted for.

import { join } from 'node:path'
import { ManualClock } from '@otlp-logs/test-support'
import { decodeCursor } from '../src/cursor.ts'
import type { Batch } from '../src/queue.ts'
import { decodeSegmentHeader, readFrames } from '../src/segment.ts'
import type { Run } from '../src/slab.ts'
import { type BenchOptions, DIRECTORY, JournalBench, KEY_FOLDER, settled, type Told, World } from './journal-bench.ts'
import { MemoryDisk, type Operation } from './journal-disk.ts'
import { fail, type Item, JournalModel, type Source } from './journal-model.ts'
import { idsOf } from './journal-records.ts'

export interface Settings {
  maxBytes: number
  maxQueueBytes: number
  maxQueueSize: number
  maxAgeMillis: number
  segmentBytes: number
  slabBytes: number
  evict: 'oldest' | 'newest'
  overflow: 'drop-oldest' | 'drop-newest'
  fsync: 'interval' | 'batch' | 'none'
}

export type Step =
  | { do: 'append'; count: number; bytes: number; scopeId: number }
  | { do: 'commit' | 'secure' | 'heal' | 'giveUp' | 'kill' }
  | { do: 'take'; maxRecords: number; maxBytes: number }
  /** @param isFree whether the request is done with the records */
  | { do: 'ack'; which: number; isFree: boolean }
  | { do: 'release' | 'reject' | 'part'; which: number }
  | { do: 'tick'; millis: number }
  | { do: 'fault'; operation: Operation; code: string; times: number; taken: number }
  | { do: 'fill'; room: number }
  | { do: 'wipe'; all: boolean }
  /** Killed within what comes next, at some operation of the disk. */
  | { do: 'killSoon'; operations: number; taken: number }

interface Taken {
  batch: Batch
  source: Source
  items: Item[]
}

/** The system's time, which files are dated by. */
export const wall = { now: 1_795_000_000_000 }

const MINUTE = 60_000
/** Where these fail, what was delivered may stay until the next process. */
const REMOVING = new Set<Operation>(['remove', 'removeFolder', 'list'])
/** Where these fail, nobody knows how much disk is used. */
const MEASURING = new Set<Operation>(['list', 'stat', 'freeBytes'])

export class Trial {
  readonly #settings: Settings
  readonly #world = new World()
  #bench: JournalBench
  readonly #model: JournalModel
  #taken: Taken[] = []
  /** What requests were given to read, until one is done with it: the others may go on reading for ever. */
  readonly #readers = new Map<Batch, { runs: Run[]; ids: string }>()
  #id = 0
  #largest = 0
  /** What was wrong first: the journal would swallow what is thrown in its callbacks. */
  #fault: unknown
  /** Whether a file may be given up while what is in it is in flight. */
  #mayEvict: boolean
  /** Whether what was delivered could not be removed then, and is left to the next process, with its cursor. */
  #mayLeaveFiles = false
  /** Whether something was wrong with the disk, so that the cursor may not say all that was delivered. */
  #mayRepeat = false
  /** Whether the disk did not say how much of it is used. */
  #mayMismeasure = false

  constructor(settings: Settings) {
    this.#settings = settings
    this.#mayEvict = settings.maxBytes < 1e6 || settings.maxAgeMillis < 1e9
    const disk = new MemoryDisk()
    disk.unixMillis = () => wall.now
    this.#bench = this.#start(disk)
    this.#model = new JournalModel(this.#bench.name, settings.evict)
  }

  #start(disk: MemoryDisk): JournalBench {
    const options: BenchOptions = { ...this.#settings, world: this.#world, disk, clock: new ManualClock() }
    return new JournalBench({ ...options, onTold: (told) => this.#told(told) })
  }

  async run(history: readonly Step[]): Promise<void> {
    await settled()
    for (const step of history) {
      await this.#step(step)
      if (this.#bench.disk.isKilled) await this.#pass(true)
      this.#check()
    }
    await this.#drain()
    for (const batch of this.#readers.keys()) this.#checkReader(batch)
  }

  #told(told: Told): void {
    try {
      if (told.what === 'committed') this.#model.committed(told.count)
      else if (told.what === 'adopted') this.#model.adopted += told.count
      else if (told.what === 'setAside') this.#setsAside(told.count)
      else if (told.what === 'evicted') this.#model.evicted(told.reason, told.count)
      else if (told.what === 'lost') this.#model.lost(told.reason, told.count, this.#bench.disk.isKilled)
    } catch (error) {
      this.#fault ??= error
    }
  }

  #setsAside(count: number): void {
    const { name, folder, disk } = this.#bench
    // What was being written has moved along.
    const [tail] = Object.entries(disk.files(folder)).filter(([file]) => file.endsWith('.seg'))
    const first = tail === undefined ? this.#model.own.next : decodeSegmentHeader(tail[1])!.header.first
    this.#model.setsAside(count, name, first)
  }

  async #step(step: Step): Promise<void> {
    const { journal, disk } = this.#bench
    this.#mayRepeat ||= ['fault', 'fill', 'wipe', 'killSoon'].includes(step.do)
    switch (step.do) {
      case 'append':
        return this.#append(step.count, step.bytes, step.scopeId)
      case 'commit':
        this.#model.commit()
        return journal.commit()
      case 'take':
        return this.#take(step.maxRecords, step.maxBytes)
      case 'ack':
        return this.#withTaken(step.which, (taken) => this.#ack(taken, step.isFree))
      case 'release':
        return this.#withTaken(step.which, (taken) => this.#release(taken))
      case 'reject':
        return this.#withTaken(step.which, (taken) => {
          const mustKeep = disk.isHealthy && disk.onOperation === undefined
          journal.reject(taken.batch)
          this.#checkRejected(taken, mustKeep)
          this.#ack(taken)
        })
      case 'part':
        return this.#withTaken(step.which, (taken) => this.#part(taken))
      case 'secure':
        return journal.secure()
      case 'tick':
        return this.#tick(step.millis)
      case 'fault':
        this.#mayLeaveFiles ||= REMOVING.has(step.operation)
        this.#mayMismeasure ||= MEASURING.has(step.operation)
        return disk.fail(step.operation, step.code, { times: step.times, taken: step.taken })
      case 'fill':
        disk.capacityBytes = disk.usedBytes + step.room
        this.#mayEvict = true
        return
      case 'heal':
        return disk.heal()
      case 'wipe':
        disk.wipe(step.all ? DIRECTORY : this.#bench.folder)
        return this.#model.forgetSafety(step.all)
      case 'giveUp':
        return this.#giveUp()
      case 'kill':
        return disk.kill()
      case 'killSoon': {
        let left = step.operations
        disk.onOperation = () => {
          if (left-- === 0) disk.kill(step.taken)
        }
      }
    }
  }

  #append(count: number, bytes: number, scopeId: number): void {
    this.#largest = Math.max(this.#largest, count * bytes)
    for (let i = 0; i < count; i++) {
      this.#model.append(this.#id)
      this.#bench.journal.append(this.#bench.record(bytes, scopeId, this.#id++))
    }
  }

  #take(maxRecords: number, maxBytes: number): void {
    if (this.#taken.length >= 3) return
    const { journal } = this.#bench
    // Whose turn it is may have lost all that it had.
    const batch = journal.take(maxRecords, maxBytes) ?? journal.take(maxRecords, maxBytes)
    if (batch === undefined) {
      if (journal.ready > 0 && this.#taken.length === 0) fail(`nothing taken of ${journal.ready} that are ready`)
      return
    }
    const ids = idsOf(batch.runs)
    if (ids.length === 0 || batch.count !== ids.length) fail(`${ids.length} records in a batch of ${batch.count}`)
    if (ids.length > maxRecords || (ids.length > 1 && batch.bytes > maxBytes)) fail(`a batch of ${ids.length}`)
    if (this.#fault !== undefined) throw this.#fault
    const { source, items } = this.#model.take(ids, batch.aside !== undefined)
    this.#taken.push({ batch, source, items })
    this.#read(batch)
  }

  #withTaken(which: number, act: (taken: Taken) => void): void {
    if (this.#taken.length === 0) return
    const [taken] = this.#taken.splice(which % this.#taken.length, 1)
    act(taken!)
  }

  #read(batch: Batch): void {
    this.#readers.set(batch, { runs: batch.runs.map((run) => ({ ...run })), ids: `${idsOf(batch.runs)}` })
  }

  /** It finds what it was given. */
  #checkReader(batch: Batch): void {
    const { runs, ids } = this.#readers.get(batch)!
    if (`${idsOf(runs)}` !== ids) fail(`a request reads ${idsOf(runs)}, not ${ids}`)
  }

  #ack({ batch, source, items }: Taken, isFree = false): void {
    this.#checkReader(batch)
    if (isFree) this.#readers.delete(batch)
    source.ack(items)
    if (this.#model.others.includes(source)) this.#model.adopted -= items.length
    this.#bench.journal.ack(batch, isFree)
  }

  #release({ batch, source, items }: Taken): void {
    source.release(items)
    this.#bench.journal.release(batch)
  }

  /** The first half arrives, the second is tried later, or now. */
  #part(taken: Taken): void {
    const [first, second] = this.#bench.journal.split(taken.batch)
    const { source, items } = taken
    if (second === undefined) return this.#ack(taken)
    if (second.aside !== taken.batch.aside) fail('a part of a batch is somebody else’s')
    if (`${idsOf([...first!.runs, ...second.runs])}` !== `${items.map(({ id }) => id)}`) fail('parted wrongly')
    for (const part of [first!, second]) this.#read(part)
    this.#ack({ batch: first!, source, items: items.slice(0, first!.count) })
    this.#taken.push({ batch: second, source, items: items.slice(first!.count) })
  }

  async #tick(millis: number): Promise<void> {
    for (let left = millis; left > 0 && !this.#bench.disk.isKilled; left -= MINUTE) {
      wall.now += Math.min(left, MINUTE)
      await this.#bench.clock.advance(Math.min(left, MINUTE))
    }
    await settled()
  }

  async #giveUp(): Promise<void> {
    for (const taken of this.#taken.splice(0)) this.#release(taken)
    this.#model.commit()
    const lost = this.#bench.journal.giveUp()
    this.#model.debt += lost
    if (this.#bench.disk.isKilled) return
    if (this.#bench.clock.nextAt !== undefined) fail('a timer is left at the end')
    if (this.#bench.disk.isHealthy && this.#bench.disk.openFiles.length > 0) fail('a file is left open at the end')
    // All that is not counted as lost is for the next process.
    const isThere = this.#isThere
    for (const item of this.#model.own.items) item.isSafe = (lost === 0 && isThere) || item.isSafe
    if (!isThere) this.#model.isExact = false
    await this.#pass(false)
  }

  /** The next process, after one that was killed, or has ended. */
  async #pass(wasKilled: boolean): Promise<void> {
    this.#readCursors()
    if (wasKilled) this.#bench.kill()
    const { disk } = this.#bench
    disk.onOperation = undefined
    this.#taken = []
    const next = disk.forNextProcess()
    this.#model.pass('', wasKilled, this.#mayEvict)
    this.#bench = this.#start(next)
    this.#rename()
    await settled()
    if (this.#fault !== undefined) throw this.#fault
  }

  #rename(): void {
    Object.assign(this.#model.own, { name: this.#bench.name })
  }

  /** Whether the own folder is: where it was removed, nobody may have noticed yet. */
  get #isThere(): boolean {
    return Object.keys(this.#bench.disk.files(this.#bench.folder)).length > 0
  }

  /** What the files say of how much was delivered. */
  #readCursors(): void {
    const { home, disk } = this.#bench
    const { own, setAside, others } = this.#model
    for (const source of [...others, ...setAside, own]) {
      const at = join(KEY_FOLDER, others.includes(source) ? `${home}.adopt` : '', source.name)
      const files = disk.files(at)
      const delivered = decodeCursor(files['cur'] ?? Buffer.alloc(0))?.delivered ?? 0
      const floor = this.#model.floorOf(source)
      if (delivered > floor) fail(`the cursor of ${source.name} is at ${delivered}, and ${floor} waits`)
      const isSure = !this.#mayRepeat && !others.includes(source) && this.#model.hasLostNone
      const hasRecords = Object.keys(files).some((file) => file.endsWith('.seg'))
      if (isSure && hasRecords && floor > source.first && delivered < floor)
        fail(`${floor - delivered} records that were delivered would come again`)
      source.isBehind(delivered)
    }
  }

  #check(): void {
    if (this.#fault !== undefined) throw this.#fault
    const { journal, disk } = this.#bench
    const { waiting, ready, own, setAside, others, adopted, pending } = this.#model
    if (journal.waiting !== waiting) fail(`${journal.waiting} wait, not ${waiting}`)
    if (journal.ready > ready + adopted) fail(`${journal.ready} are ready, of ${ready} and ${adopted}`)
    if (journal.waiting < 0 || journal.waitingBytes < 0 || journal.readyBytes < 0) fail('less than nothing waits')
    if (pending.length === 0 && waiting === 0 && journal.waitingBytes > 0) fail('bytes of nothing wait')
    this.#readCursors()
    const segment = Math.max(this.#settings.segmentBytes, this.#largest + 1000)
    if (disk.peakBytes > this.#settings.maxBytes + segment && !this.#mayMismeasure)
      fail(`${disk.peakBytes} bytes on disk`)
    const { unsafe } = journal.held
    if (unsafe < 0 || unsafe > waiting) fail(`${unsafe} of ${waiting} are in memory only`)
    if (journal.isSafe && setAside.length === 0 && others.length === 0 && unsafe > 0) fail('safe, and in memory only')
    if (journal.isSafe && this.#isThere) for (const item of own.items) item.isSafe = true
    else if (this.#mayEvict) for (const item of own.items) if (item.wasTaken) item.isSafe = false
    if (!this.#mayEvict) return
    for (const { items } of setAside) for (const item of items) if (item.wasTaken) item.isSafe = false
  }

  /** What is refused is kept, to the byte, if there is a place for it, and never takes more than its share. */
  #checkRejected({ batch, items }: Taken, mustKeep: boolean): void {
    const { disk } = this.#bench
    const share = this.#settings.maxBytes / 10
    const files = Object.entries(disk.files(join(KEY_FOLDER, 'dead'))).toSorted(([a], [b]) => a.localeCompare(b))
    const bytes = files.reduce((sum, [, { length }]) => sum + length, 0)
    if (bytes > share && !this.#mayMismeasure) fail(`${bytes} bytes of what was refused`)
    if (!mustKeep || batch.bytes + 1000 > share) return
    const kept = idsOf(runsIn(files.at(-1)?.[1] ?? Buffer.alloc(0)))
    if (`${kept}` !== `${items.map(({ id }) => id)}`) fail(`${items.length} records refused, and ${kept.length} kept`)
  }

  /** Every file that is open is there, but for what is written and synced at this moment. */
  #checkOpen(): void {
    const { disk, names } = this.#bench
    const folders = names.map((name) => join(KEY_FOLDER, name))
    const files = folders.flatMap((folder) => Object.keys(disk.files(folder))).filter((file) => file.endsWith('.seg'))
    const open = disk.openFiles.filter((path) => folders.some((folder) => path.startsWith(`${folder}/`)))
    // A cursor each, and what is written at this moment.
    if (open.length > files.length + folders.length + 1) fail(`${open.length} open for ${files.length} files`)
  }

  /** The disk is well, the network takes everything, and nothing happens any more. */
  async #drain(): Promise<void> {
    this.#bench.disk.heal()
    this.#bench.disk.onOperation = undefined
    for (const taken of this.#taken.splice(0)) this.#release(taken)
    for (let i = 0; i < 3; i++) {
      await this.#tick(76_000)
      this.#checkOpen()
      this.#model.commit()
      this.#bench.journal.commit()
      do {
        this.#take(50, 10_000)
        this.#withTaken(0, (taken) => this.#ack(taken, true))
      } while (this.#bench.journal.ready > 0)
      this.#check()
    }
    const { journal, disk, clock } = this.#bench
    this.#model.end()
    if (!journal.isSafe) fail('not safe, on a disk that is well')
    if (journal.waiting !== 0) fail(`${journal.waiting} wait at the end`)
    if (journal.giveUp() !== 0) fail('nothing waits, and something is lost')
    const left = disk.list(KEY_FOLDER).filter((name) => name !== 'dead')
    if (left.length > 0 && !this.#mayLeaveFiles) fail(`left behind: ${left.join(', ')}`)
    if (clock.nextAt !== undefined) fail('a timer is left')
    if (disk.openFiles.length > 0) fail('a file is left open')
  }
}

/** The records of a segment. */
function runsIn(slab: Buffer): Run[] {
  const opened = decodeSegmentHeader(slab)
  return opened === undefined
    ? []
    : [...readFrames(slab, opened.end)].flatMap((found) => (found.kind === 'records' ? [{ ...found, slab }] : []))
}

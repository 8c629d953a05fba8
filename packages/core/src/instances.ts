// The folders of a journal, and whose they are:
//
//   <directory>/v1/<key>/<instance>/          records of one process, and the sign that it lives
//                        <instance>.adopt/    folders of dead processes, one below the other, claimed by this one
//                        dead/                what a server refused for good
//
// - The key stands for endpoint and tenant: records go only where they were meant to go.
// - Nobody writes in another's folder. A dead process's folder is claimed by renaming it, which exactly one can do.
// - A process that sets its records aside goes on in a further folder. The first one is its home as long as it lives: what
//   it claims is named after it.
// - Folders that others could write to are not used.

import { dirname, join } from 'node:path'
import type { Clock } from './clock.ts'
import { codeOf, type Disk } from './disk.ts'
import { announceLife, Observer } from './liveness.ts'
import { SEGMENT_NAME } from './segment-files.ts'

const VERSION = 'v1'
const INSTANCE = /^[0-9a-f]{16}$/
const ADOPTED = /^([0-9a-f]{16})\.adopt$/
const REJECTED_FOLDER = 'dead'
const KEY = INSTANCE
/** How far the records of a folder were delivered. */
export const CURSOR_NAME = 'cur'
/** The cursor, the signs of life, and a segment that was being written anew. */
const OWN_FILE = /^(?:cur|l|s|h|\d{8}\.seg\.new)$/

/** Who a process is among those that share a journal, and how it knows which of them live. */
export interface Identity {
  /** 16 hex digits, for a folder that nobody has. */
  newName(): string
  /** Tells others that it lives, until the function returned is called. */
  announceLife(folder: string): (leavesRecords: boolean) => void
  /** Whether the process behind the folder is certainly gone. */
  isDead(folder: string): Promise<boolean>
}

function newIdentity(disk: Disk, clock: Clock): Identity {
  const observer = new Observer(disk, clock)
  return {
    newName: () => process.getBuiltinModule('node:crypto').randomBytes(8).toString('hex'),
    announceLife: (folder) => announceLife(folder, disk, clock),
    isDead: (folder) => observer.isDead(folder),
  }
}

export class Instances {
  readonly rejected: string
  readonly #home: string
  #own: string
  readonly #root: string[]
  readonly #folder: string
  readonly #adopted: string
  readonly #disk: Disk
  readonly #identity: Identity
  /** How to end life in the folders of this process. */
  readonly #lives = new Map<string, (leavesRecords: boolean) => void>()
  /** Folders with names of folders in them that may not survive a loss of power. */
  readonly #unsynced = new Set<string>()

  /** @param key 16 hex digits that stand for endpoint and tenant */
  constructor(directory: string, key: string, disk: Disk, clock: Clock, identity: Identity = newIdentity(disk, clock)) {
    this.#root = [directory, join(directory, VERSION), join(directory, VERSION, key)]
    this.#folder = join(directory, VERSION, key)
    this.#home = join(this.#folder, identity.newName())
    this.#own = this.#home
    this.#adopted = `${this.#home}.adopt`
    this.rejected = join(this.#folder, REJECTED_FOLDER)
    this.#disk = disk
    this.#identity = identity
  }

  /** The folder that is written to. */
  get own(): string {
    return this.#own
  }

  /** Whether somebody has removed a folder of this process. Throws where that cannot be known. */
  isGone(folder: string): boolean {
    if (!this.#lives.has(folder)) return false
    try {
      return !this.#disk.stat(folder).isFolder
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return true
      throw error
    }
  }

  /** Makes the folders to live in and to write to, and announces life there; fine when they are there. Throws what stands in the way. */
  open(): void {
    for (const folder of this.#root) this.#make(folder)
    const count = this.#unsynced.size
    for (const folder of new Set([this.#home, this.#own])) this.#live(folder)
    // Where these are new, those above may be, too.
    if (this.#unsynced.size > count) for (const folder of this.#root.toReversed()) this.#unsynced.add(dirname(folder))
  }

  /** Goes on in a further folder; the one so far stays until it is forgotten. `false`: there can be none. */
  setAside(): boolean {
    const next = join(this.#folder, this.#identity.newName())
    try {
      this.#live(next)
    } catch {
      quietly(() => this.#disk.removeFolder(next))
      return false
    }
    this.#own = next
    return true
  }

  #live(folder: string): void {
    if (this.isGone(folder)) this.#end(folder, false)
    this.#make(folder)
    if (this.#lives.has(folder)) return
    this.#lives.set(folder, this.#identity.announceLife(folder))
    this.#unsynced.add(dirname(folder))
  }

  #end(folder: string, leavesRecords: boolean): void {
    quietly(() => this.#lives.get(folder)?.(leavesRecords))
    this.#lives.delete(folder)
  }

  #make(folder: string): void {
    this.#disk.makeFolder(folder)
    const why = this.#disk.distrust(folder)
    if (why !== undefined) throw new Error(`${folder} cannot be trusted: ${why}`)
  }

  /** Makes the names of files in a folder survive a loss of power, and those of the folders above it. */
  syncNames(folder: string): void {
    for (const each of [folder, ...this.#unsynced]) this.#disk.syncFolder(each)
    this.#unsynced.clear()
  }

  /** Claims the folders of dead processes, and gives those that it got. Never rejects. */
  async adopt(): Promise<string[]> {
    const claimed: string[] = []
    // Without it, others would take what is claimed for a dead one's.
    if (this.#home !== this.#own) quietly(() => this.#live(this.#home))
    if (!this.#root.every((folder) => this.#isTrusted(folder))) return claimed
    for (const name of namesIn(this.#folder, this.#disk)) {
      const owner = ADOPTED.exec(name)?.[1]
      const folder = join(this.#folder, owner ?? name)
      if (this.#lives.has(folder) || (owner === undefined && !INSTANCE.test(name))) continue
      if (!(await this.#isOrphan(folder, owner !== undefined))) continue
      if (owner === undefined) claimed.push(...this.#claim(this.#folder, name))
      else {
        const heap = join(this.#folder, name)
        if (!this.#isTrusted(heap)) continue
        for (const each of namesIn(heap, this.#disk)) claimed.push(...this.#claim(heap, each))
        quietly(() => this.#disk.removeFolder(heap))
      }
    }
    return claimed
  }

  /**
   * What a folder held is delivered: nothing is left of it but what the journal has not made. Where a segment is left all
   * the same, so is the cursor, which says what was delivered of it.
   */
  forget(folder: string): void {
    if (folder !== this.#home) this.#end(folder, false)
    if (!this.#lives.has(folder)) quietly(() => this.#remove(folder))
    quietly(() => this.#disk.removeFolder(this.#adopted))
  }

  #remove(folder: string): void {
    const names = this.#disk.list(folder)
    if (names.some((name) => SEGMENT_NAME.test(name))) return
    for (const name of names) if (OWN_FILE.test(name)) this.#disk.remove(join(folder, name))
    this.#disk.removeFolder(folder)
  }

  /** Ends life. @param holding the folders where the next process has something to do */
  close(holding: ReadonlySet<string>): void {
    for (const folder of [...this.#lives.keys()]) {
      this.#end(folder, holding.has(folder))
      if (!holding.has(folder)) this.forget(folder)
    }
  }

  #isTrusted(folder: string): boolean {
    try {
      return this.#disk.distrust(folder) === undefined
    } catch {
      return false
    }
  }

  async #isOrphan(folder: string, mayBeGone: boolean): Promise<boolean> {
    try {
      if (this.#disk.distrust(folder) !== undefined) return false
      return await this.#identity.isDead(folder)
    } catch (error) {
      // Its owner's folder is made before what it adopts, and removed after it.
      return mayBeGone && codeOf(error) === 'ENOENT'
    }
  }

  #claim(heap: string, name: string): string[] {
    if (!INSTANCE.test(name)) return []
    const claimed = join(this.#adopted, name)
    try {
      if (this.#disk.distrust(join(heap, name)) !== undefined) return []
      this.#disk.makeFolder(this.#adopted)
      this.#disk.rename(join(heap, name), claimed)
      return [claimed]
    } catch {
      // Another process was faster.
      return []
    }
  }
}

function namesIn(folder: string, disk: Disk): string[] {
  try {
    return disk.list(folder)
  } catch {
    // It is looked at again in a while.
    return []
  }
}

function quietly(act: () => void): void {
  try {
    act()
  } catch {
    // The disk is in a state that the next write meets, too, and tells.
  }
}

/** A folder of a journal: that of a process, or one for refused records. */
export interface JournalFolder {
  kind: 'instance' | 'rejected'
  key: string
  instance: string
  /** The instance that adopted it. */
  owner: string | undefined
  path: string
}

/** All folders below a journal's directory. */
export function foldersOf(directory: string, disk: Disk): JournalFolder[] {
  const root = join(directory, VERSION)
  return disk
    .list(root)
    .filter((key) => KEY.test(key))
    .flatMap((key) => disk.list(join(root, key)).flatMap((name) => foldersNamed(name, key, join(root, key), disk)))
}

function foldersNamed(name: string, key: string, parent: string, disk: Disk): JournalFolder[] {
  const path = join(parent, name)
  if (name === REJECTED_FOLDER) return [{ kind: 'rejected', key, instance: name, owner: undefined, path }]
  if (INSTANCE.test(name)) return [{ kind: 'instance', key, instance: name, owner: undefined, path }]
  const owner = ADOPTED.exec(name)?.[1]
  if (owner === undefined) return []
  const adopted = disk.list(path).filter((instance) => INSTANCE.test(instance))
  return adopted.map((instance) => ({ kind: 'instance', key, instance, owner, path: join(path, instance) }))
}

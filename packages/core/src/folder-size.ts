// How many bytes lie in a folder of a journal, and below it: names and sizes, looked at again and again.
// - Only the size of a segment that has a successor is remembered: it has been sealed, and never grows again.
// - Where a part cannot be looked at, the rest is counted, and `isWhole` says so.
// Caller: quota.ts.

import { join } from 'node:path'
import { codeOf, type Disk } from './disk.ts'
import { SEGMENT_NAME } from './segment-files.ts'

export class FolderSize {
  /** Of the last look. */
  bytes = 0
  /** Whether that look has seen all there was. */
  isWhole = false
  readonly path: string
  readonly #disk: Disk
  readonly #depth: number
  #sealed = new Map<string, number>()
  #folders = new Map<string, FolderSize>()

  /** @param depth how many folders below one another are looked into */
  constructor(path: string, disk: Disk, depth: number) {
    this.path = path
    this.#disk = disk
    this.#depth = depth
  }

  /** Looks at what is there now. @param but the path of a folder that is left out */
  look(but?: string): void {
    const [sealed, folders] = [this.#sealed, this.#folders]
    this.#sealed = new Map()
    this.#folders = new Map()
    this.bytes = 0
    this.isWhole = true
    const names = this.#names()
    for (const [i, name] of names.entries()) {
      const isSealed = SEGMENT_NAME.test(name) && SEGMENT_NAME.test(names[i + 1] ?? '')
      const bytes = (isSealed ? sealed.get(name) : undefined) ?? this.#bytesOf(name, folders.get(name), but)
      if (bytes === undefined) continue
      if (isSealed) this.#sealed.set(name, bytes)
      this.bytes += bytes
    }
  }

  /** Undefined where it cannot be told. */
  #bytesOf(name: string, known: FolderSize | undefined, but: string | undefined): number | undefined {
    const path = join(this.path, name)
    if (path === but) return 0
    try {
      const { bytes, isFolder } = this.#disk.stat(path)
      if (!isFolder) return bytes
    } catch (error) {
      // Another process has just removed it.
      if (codeOf(error) !== 'ENOENT') this.isWhole = false
      return undefined
    }
    if (this.#depth === 0) return 0
    const folder = known ?? new FolderSize(path, this.#disk, this.#depth - 1)
    this.#folders.set(name, folder)
    folder.look(but)
    this.isWhole &&= folder.isWhole
    return folder.bytes
  }

  #names(): string[] {
    try {
      return this.#disk.list(this.path)
    } catch {
      this.isWhole = false
      return []
    }
  }
}

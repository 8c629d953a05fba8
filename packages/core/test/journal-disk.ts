// A disk in memory, for tests of the journal: it fills up, fails as it is told to, kills its process, and remembers what a
// loss of power may forget (journal-power.ts).
// - It does what the system's does: a write on a full disk takes a part and then fails, a removed file lives on while it
//   is open, an append goes to the end.
// - After a sync that failed, what was not on the device never gets there by another sync of the same file.

import { basename, dirname } from 'node:path'
import type { Disk, FileState } from '../src/disk.ts'
import { FolderNode, FileNode, type Node, type PowerLog } from './journal-power.ts'

export type Operation = keyof Disk

export interface Fault {
  operation: Operation
  code: string
  /** How often. @default for ever */
  times?: number
  path?: RegExp
  /** Of an append: how many bytes are taken before it fails. @default 0 */
  taken?: number
}

export interface Call {
  operation: Operation
  path: string
}

interface Descriptor {
  path: string
  node: Node
}

export class MemoryDisk implements Disk {
  readonly root: FolderNode
  /** Every call so far that changes something, or syncs. */
  calls: Call[] = []
  /** All files together. */
  capacityBytes: number = Number.POSITIVE_INFINITY
  /** What the files together came to at most. */
  peakBytes = 0
  /** What `modifiedUnixMillis` says of files that are written. */
  unixMillis: () => number = Date.now
  /** A sync ends when this does. */
  syncGate: Promise<void> | undefined
  /** Called before each operation, with how many there were. May throw, as a kill does. */
  onOperation: ((operation: Operation, path: string) => void) | undefined
  readonly power: PowerLog | undefined
  #faults: Fault[] = []
  #killed = false
  /** Of the append that a kill comes in. */
  #takenAtKill: number | undefined
  readonly #open = new Map<number, Descriptor>()

  constructor({ root = new FolderNode(), power }: { root?: FolderNode; power?: PowerLog } = {}) {
    this.root = root
    this.power = power
  }

  /** From now on, as often as it says. */
  fail(operation: Operation, code: string, more: Omit<Fault, 'operation' | 'code'> = {}): void {
    this.#faults.push({ operation, code, ...more })
  }

  heal(): void {
    this.#faults = []
    this.capacityBytes = Number.POSITIVE_INFINITY
  }

  get isHealthy(): boolean {
    return this.#faults.length === 0 && this.capacityBytes === Number.POSITIVE_INFINITY
  }

  /**
   * Its process is gone: nothing that it still does gets through.
   * @param taken how many bytes are, of the append that it happens in
   */
  kill(taken?: number): void {
    this.#killed = true
    this.#takenAtKill = taken
  }

  get isKilled(): boolean {
    return this.#killed
  }

  /** The same files, in another process. */
  forNextProcess(): MemoryDisk {
    const next = new MemoryDisk({ root: this.root, ...(this.power !== undefined && { power: this.power }) })
    next.unixMillis = this.unixMillis
    return next
  }

  get openFiles(): string[] {
    return [...this.#open.values()].map(({ path }) => path)
  }

  get usedBytes(): number {
    return bytesIn(this.root)
  }

  count(operation: Operation, path?: RegExp): number {
    return this.calls.filter((call) => call.operation === operation && (path?.test(call.path) ?? true)).length
  }

  /** Every file below a path, relative to it, and what is in it. */
  files(path = '/'): Record<string, Buffer> {
    const found: Record<string, Buffer> = {}
    const visit = (folder: FolderNode, prefix: string): void => {
      for (const [name, node] of folder.entries) {
        if (node instanceof FileNode) found[prefix + name] = node.content
        else visit(node, `${prefix}${name}/`)
      }
    }
    const start = this.#find(path)
    if (start instanceof FolderNode) visit(start, '')
    return found
  }

  /** Puts a file there, as someone else would. */
  put(path: string, content: Buffer): void {
    this.#makeFolders(dirname(path))
    const file = new FileNode(this.unixMillis())
    file.write(0, content)
    this.#folderOf(path).entries.set(basename(path), file)
  }

  /** Removes all below a path, as `rm -r` would. */
  wipe(path: string): void {
    const parent = this.#find(dirname(path))
    if (parent instanceof FolderNode) parent.entries.delete(basename(path))
  }

  makeFolder(path: string): boolean {
    this.#enter('makeFolder', path)
    return this.#makeFolders(path)
  }

  #makeFolders(path: string): boolean {
    let at: FolderNode = this.root
    let made = false
    for (const name of partsOf(path)) {
      let next = at.entries.get(name)
      if (next === undefined) {
        next = new FolderNode()
        at.entries.set(name, next)
        this.power?.link(at, name, next)
        made = true
      }
      if (!(next instanceof FolderNode)) throw failure('ENOTDIR', path)
      at = next
    }
    return made
  }

  distrust(path: string): string | undefined {
    this.#enter('distrust', path)
    return this.#get(path) instanceof FolderNode ? undefined : 'it is not a folder'
  }

  list(path: string): string[] {
    this.#enter('list', path)
    const node = this.#find(path)
    if (node === undefined) return []
    if (node instanceof FolderNode) return [...node.entries.keys()].toSorted()
    throw failure('ENOTDIR', path)
  }

  create(path: string): number {
    this.#enter('create', path)
    if (this.#find(path) !== undefined) throw failure('EEXIST', path)
    return this.#descriptor(path, this.#newFile(path))
  }

  open(path: string): number {
    this.#enter('open', path)
    return this.#descriptor(path, this.#find(path) ?? this.#newFile(path))
  }

  openFolder(path: string): number {
    this.#enter('openFolder', path)
    return this.#descriptor(path, this.#get(path))
  }

  append(fd: number, pieces: readonly Buffer[]): void {
    const { file, path } = this.#fileOf(fd)
    const bytes = Buffer.concat(pieces)
    const fault = this.#enter('append', path, true)
    const room = Math.max(0, this.capacityBytes - this.usedBytes)
    // The system tells of an error only where something is left to be written; a kill may come after the last byte.
    const most = fault === undefined || this.#killed ? bytes.length : bytes.length - 1
    const taken = Math.min(most, room, fault?.taken ?? (fault === undefined ? most : 0))
    this.#write(file, file.length, bytes.subarray(0, taken))
    if (fault !== undefined) throw failure(fault.code, path)
    if (taken < bytes.length) throw failure('ENOSPC', path)
  }

  writeAt(fd: number, bytes: Buffer, offset: number): void {
    const { file, path } = this.#fileOf(fd)
    this.#enter('writeAt', path)
    if (offset + bytes.length - file.length > this.capacityBytes - this.usedBytes) throw failure('ENOSPC', path)
    this.#write(file, offset, Buffer.from(bytes))
  }

  truncate(fd: number, bytes: number): void {
    const { file, path } = this.#fileOf(fd)
    this.#enter('truncate', path)
    file.truncate(bytes)
    this.power?.truncate(file, bytes)
  }

  async sync(fd: number): Promise<void> {
    const { file, path } = this.#fileOf(fd)
    const until = this.power?.now
    const fault = this.#enter('sync', path, true)
    await this.syncGate
    if (this.#killed) throw failure('EIO', path)
    this.#synced(file, path, fault, until)
  }

  syncNow(fd: number): void {
    const { file, path } = this.#fileOf(fd)
    const fault = this.#enter('syncNow', path, true)
    this.#synced(file, path, fault, this.power?.now)
  }

  #synced(file: FileNode, path: string, fault: Fault | undefined, until = 0): void {
    if (fault === undefined) return this.power?.synced(file, until)
    this.power?.syncFailed(file, until)
    throw failure(fault.code, path)
  }

  syncFolder(path: string): void {
    try {
      this.#enter('syncFolder', path)
    } catch (error) {
      if (this.#killed) throw error
      return
    }
    const folder = this.#find(path)
    if (folder instanceof FolderNode) this.power?.synced(folder, this.power.now)
  }

  close(fd: number): void {
    const open = this.#open.get(fd)
    // The descriptor is free even where it fails.
    this.#open.delete(fd)
    this.#enter('close', open?.path ?? '')
    if (open === undefined) throw failure('EBADF', String(fd))
  }

  read(path: string, offset: number, into?: Buffer): Buffer {
    this.#enter('read', path)
    const node = this.#get(path)
    if (!(node instanceof FileNode)) throw new Error(`${path} is not a file of our own`)
    const content = node.content.subarray(offset)
    const bytes = into?.length === content.length ? into : Buffer.allocUnsafeSlow(content.length)
    bytes.set(content)
    return bytes
  }

  stat(path: string): FileState {
    this.#enter('stat', path)
    const node = this.#get(path)
    return node instanceof FileNode
      ? { bytes: node.length, modifiedUnixMillis: node.modifiedUnixMillis, isFolder: false }
      : { bytes: 4096, modifiedUnixMillis: 0, isFolder: true }
  }

  rename(from: string, to: string): void {
    this.#enter('rename', from)
    const node = this.#get(from)
    const [source, target] = [this.#folderOf(from), this.#folderOf(to)]
    const there = target.entries.get(basename(to))
    if (there instanceof FolderNode && there.entries.size > 0) throw failure('ENOTEMPTY', to)
    source.entries.delete(basename(from))
    target.entries.set(basename(to), node)
    this.power?.move(source, basename(from), target, basename(to), node)
  }

  remove(path: string): void {
    this.#enter('remove', path)
    const node = this.#find(path)
    if (node instanceof FolderNode) throw failure('ERR_FS_EISDIR', path)
    if (node !== undefined) this.#unlink(path, node)
  }

  removeFolder(path: string): void {
    this.#enter('removeFolder', path)
    const node = this.#find(path)
    if (node === undefined) return
    if (!(node instanceof FolderNode)) throw failure('ENOTDIR', path)
    if (node.entries.size > 0) throw failure('ENOTEMPTY', path)
    this.#unlink(path, node)
  }

  freeBytes(path: string): number {
    this.#enter('freeBytes', path)
    return this.capacityBytes - this.usedBytes
  }

  /** Of an append or a sync, gives the fault; otherwise throws it. */
  #enter(operation: Operation, path: string, gives = false): Fault | undefined {
    if (CHANGES.has(operation)) this.calls.push({ operation, path })
    if (!this.#killed) this.onOperation?.(operation, path)
    if (this.#killed) {
      const taken = this.#takenAtKill
      this.#takenAtKill = undefined
      if (operation === 'append' && taken !== undefined) return { operation, code: 'EIO', taken }
      throw failure('EIO', path)
    }
    const fault = this.#faults.find((each) => each.operation === operation && (each.path?.test(path) ?? true))
    if (fault === undefined) return undefined
    if (fault.times !== undefined && --fault.times <= 0) this.#faults = this.#faults.filter((each) => each !== fault)
    if (gives) return fault
    throw failure(fault.code, path)
  }

  #newFile(path: string): FileNode {
    const file = new FileNode(this.unixMillis())
    const folder = this.#folderOf(path)
    folder.entries.set(basename(path), file)
    this.power?.link(folder, basename(path), file)
    return file
  }

  #unlink(path: string, node: Node): void {
    const folder = this.#folderOf(path)
    folder.entries.delete(basename(path))
    this.power?.unlink(folder, basename(path), node)
  }

  #write(file: FileNode, offset: number, bytes: Buffer): void {
    file.write(offset, bytes)
    file.modifiedUnixMillis = this.unixMillis()
    this.power?.write(file, offset, bytes)
    this.peakBytes = Math.max(this.peakBytes, this.usedBytes)
  }

  #descriptor(path: string, node: Node): number {
    // The lowest that is free, as the system has it: numbers come back.
    let fd = 3
    while (this.#open.has(fd)) fd++
    this.#open.set(fd, { path, node })
    return fd
  }

  #fileOf(fd: number): { file: FileNode; path: string } {
    const open = this.#open.get(fd)
    if (open === undefined || !(open.node instanceof FileNode)) throw failure('EBADF', String(fd))
    return { file: open.node, path: open.path }
  }

  #folderOf(path: string): FolderNode {
    const folder = this.#get(dirname(path))
    if (folder instanceof FolderNode) return folder
    throw failure('ENOTDIR', path)
  }

  #get(path: string): Node {
    const node = this.#find(path)
    if (node === undefined) throw failure('ENOENT', path)
    return node
  }

  #find(path: string): Node | undefined {
    let at: Node | undefined = this.root
    for (const name of partsOf(path)) {
      if (!(at instanceof FolderNode)) return undefined
      at = at.entries.get(name)
    }
    return at
  }
}

const CHANGES = new Set<Operation>([
  'create',
  'open',
  'append',
  'writeAt',
  'truncate',
  'sync',
  'syncNow',
  'syncFolder',
  'close',
  'rename',
  'remove',
  'removeFolder',
])

function partsOf(path: string): string[] {
  return path.split('/').filter((name) => name !== '')
}

function bytesIn(folder: FolderNode): number {
  let sum = 0
  for (const node of folder.entries.values()) sum += node instanceof FileNode ? node.length : bytesIn(node)
  return sum
}

export function failure(code: string, path: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: ${path}`), { code })
}

// The disk, for the journal: the few things that it does with files, and the only room that does them; and certificates.
// - Folders are 0700 and files 0600. A file is made new or not at all, no link is followed, and what is read must be a
//   plain file of our own: in a folder that others can write to, a name may be anything.
// - Everything throws what the system says, with its `code`; journal rooms turn that into a state, never into a crash.
// Tests bring a disk of their own, which fills up, forgets, and loses power.

import * as fs from 'node:fs'
import { dirname } from 'node:path'

export interface FileState {
  bytes: number
  modifiedUnixMillis: number
  isFolder: boolean
}

export interface Disk {
  /** Makes a folder, also those above it; fine when it is there. */
  makeFolder(path: string): void
  /** Why a folder cannot be trusted; undefined when it can. */
  distrust(path: string): string | undefined
  /** Names in a folder, sorted; none when there is no such folder. */
  list(path: string): string[]
  /** Opens a new file for appending. */
  create(path: string): number
  /** Opens a file for `writeAt`, and makes it if it is not there. */
  open(path: string): number
  openFolder(path: string): number
  /** Appends all pieces, or throws; then a part of them may be in the file. */
  append(fd: number, pieces: readonly Buffer[]): void
  writeAt(fd: number, bytes: Buffer, offset: number): void
  truncate(fd: number, bytes: number): void
  /** Resolves when all that was written is on the device. */
  sync(fd: number): Promise<void>
  syncNow(fd: number): void
  /** Makes new names in a folder survive a loss of power, where the system can. */
  syncFolder(path: string): void
  close(fd: number): void
  /** What is in the file from `offset` on. @param into where it is read to, if that is exactly as long */
  read(path: string, offset: number, into?: Buffer): Buffer
  stat(path: string): FileState
  rename(from: string, to: string): void
  /** Removes a file; fine when it is gone. */
  remove(path: string): void
  /** Removes an empty folder; fine when it is gone. */
  removeFolder(path: string): void
  /** Bytes that the file system has left. */
  freeBytes(path: string): number
}

const { O_APPEND, O_CREAT, O_EXCL, O_RDONLY, O_RDWR, O_WRONLY } = fs.constants
// Windows has neither.
const O_NOFOLLOW = fs.constants.O_NOFOLLOW ?? 0
const O_NONBLOCK = fs.constants.O_NONBLOCK ?? 0
const FILE_MODE = 0o600
const FOLDER_MODE = 0o700
const WRITABLE_BY_OTHERS = 0o022
/** What one read or write call takes at most: the system's IOV_MAX is 1024. */
const MAX_PIECES = 1000

export const systemDisk: Disk = {
  // Not `recursive`, which never returns where a folder that is there takes none, as in /proc, and names the wrong error.
  makeFolder(path) {
    try {
      fs.mkdirSync(path, { mode: FOLDER_MODE })
    } catch (error) {
      if (codeOf(error) === 'EEXIST') return
      if (codeOf(error) !== 'ENOENT' || dirname(path) === path) throw error
      systemDisk.makeFolder(dirname(path))
      fs.mkdirSync(path, { mode: FOLDER_MODE })
    }
  },
  distrust(path) {
    const state = fs.lstatSync(path)
    if (!state.isDirectory()) return state.isSymbolicLink() ? 'it is a symbolic link' : 'it is not a folder'
    if (!isOurs(state)) return `it belongs to another user (${state.uid}, this process is ${process.geteuid?.()})`
    // What Windows shows as a mode says nothing.
    if (process.platform === 'win32' || (state.mode & WRITABLE_BY_OTHERS) === 0) return undefined
    return `others may write to it (mode ${(state.mode & 0o777).toString(8)})`
  },
  list(path) {
    try {
      return fs.readdirSync(path).toSorted()
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return []
      throw error
    }
  },
  create: (path) => fs.openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW, FILE_MODE),
  open: (path) => fs.openSync(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK, FILE_MODE),
  openFolder: (path) => fs.openSync(path, O_RDONLY),
  append(fd, pieces) {
    const bytes = sizeOf(pieces)
    if (bytes <= GATHERED.length) return appendGathered(fd, pieces, bytes)
    for (let first = 0; first < pieces.length; first += MAX_PIECES) {
      appendAll(fd, pieces.slice(first, first + MAX_PIECES))
    }
  },
  writeAt: (fd, bytes, offset) => void fs.writeSync(fd, bytes, 0, bytes.length, offset),
  truncate: (fd, bytes) => fs.ftruncateSync(fd, bytes),
  sync: (fd) => new Promise((resolve, reject) => fs.fdatasync(fd, (error) => (error ? reject(error) : resolve()))),
  syncNow: (fd) => fs.fdatasyncSync(fd),
  syncFolder(path) {
    try {
      const fd = fs.openSync(path, O_RDONLY)
      try {
        fs.fsyncSync(fd)
      } finally {
        fs.closeSync(fd)
      }
    } catch {
      // Not every system lets a folder be synced.
    }
  },
  close: (fd) => fs.closeSync(fd),
  read: (path, offset, into) => {
    return readFile(path, offset, into, (state) => {
      if (!state.isFile() || !isOurs(state)) throw new Error(`${path} is not a file of our own`)
    })
  },
  stat(path) {
    const state = fs.lstatSync(path)
    return { bytes: state.size, modifiedUnixMillis: Math.floor(state.mtimeMs), isFolder: state.isDirectory() }
  },
  rename: (from, to) => fs.renameSync(from, to),
  remove: (path) => fs.rmSync(path, { force: true }),
  removeFolder(path) {
    try {
      fs.rmdirSync(path)
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error
    }
  },
  freeBytes(path) {
    const { bavail, bsize } = fs.statfsSync(path)
    return bavail * bsize
  },
}

/** For who only looks, such as an operator: it also reads the files of another user, where the system lets it. */
export const watchedDisk: Disk = {
  ...systemDisk,
  read: (path, offset, into) => {
    return readFile(path, offset, into, (state) => {
      if (!state.isFile()) throw new Error(`${path} is not a file`)
    })
  },
}

function readFile(path: string, offset: number, into: Buffer | undefined, check: (state: fs.Stats) => void): Buffer {
  // Without O_NONBLOCK, opening a pipe would wait for ever.
  const fd = fs.openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
  try {
    const state = fs.fstatSync(fd)
    check(state)
    const size = Math.max(0, state.size - offset)
    const bytes = into?.length === size ? into : Buffer.allocUnsafeSlow(size)
    let length = 0
    while (length < bytes.length) {
      const n = fs.readSync(fd, bytes, length, bytes.length - length, offset + length)
      if (n === 0) break
      length += n
    }
    return length === size ? bytes : bytes.subarray(0, length)
  } finally {
    fs.closeSync(fd)
  }
}

export function sizeOf(pieces: readonly Buffer[]): number {
  let sum = 0
  for (const { length } of pieces) sum += length
  return sum
}

/** A few small pieces, such as a frame of one record: laid end to end they cost less than a list of them. */
const GATHERED = Buffer.allocUnsafeSlow(4096)

function appendGathered(fd: number, pieces: readonly Buffer[], bytes: number): void {
  let end = 0
  for (const piece of pieces) end += piece.copy(GATHERED, end)
  for (let at = 0; at < bytes;) at += fs.writeSync(fd, GATHERED, at, bytes - at)
}

/** The system may take only a part, without an error: on a full disk the error then comes with the next call. */
function appendAll(fd: number, pieces: readonly Buffer[]): void {
  let left = pieces
  for (;;) {
    let written = fs.writevSync(fd, left)
    let whole = 0
    while (whole < left.length && written >= left[whole]!.length) written -= left[whole++]!.length
    if (whole === left.length) return
    left = [left[whole]!.subarray(written), ...left.slice(whole + 1)]
  }
}

const MAX_SMALL_FILE_BYTES = 1024 * 1024

/** The text of a file that somebody named, such as a certificate: links are followed, as those of Kubernetes' secrets. */
export function readSmallFile(path: string): string {
  // Without O_NONBLOCK, opening a pipe would wait for ever.
  const fd = fs.openSync(path, O_RDONLY | O_NONBLOCK)
  try {
    const state = fs.fstatSync(fd)
    if (!state.isFile()) throw new Error('it is not a file')
    if (state.size > MAX_SMALL_FILE_BYTES) throw new Error('it is longer than 1 MiB')
    return fs.readFileSync(fd, 'utf8')
  } finally {
    fs.closeSync(fd)
  }
}

function isOurs({ uid }: fs.Stats): boolean {
  return process.geteuid === undefined || uid === process.geteuid()
}

/** ENOSPC, ENOENT, ...; undefined for other errors. */
export function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | undefined)?.code
}

/** Of a file that is there: what may be otherwise in a while. */
const PASSING = new Set<string | undefined>(['EMFILE', 'ENFILE', 'ENOMEM', 'EAGAIN', 'EBUSY', 'EIO'])

/** Whether it is worth another try. */
export function isPassing(error: unknown): boolean {
  return PASSING.has(codeOf(error))
}

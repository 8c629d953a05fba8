// A small disk for a journal: one that can be filled up and made read-only. Of two kinds, and each test that needs one runs
// on all that are to be had: a file system of its own, which only root may mount, and one in the apps themselves, where
// the calls to the system answer as if the disk were full, which works everywhere.

import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeTempFolder } from '@otlp-logs/test-support'

export interface SmallDisk {
  readonly path: string
  /** For apps that write to it. */
  readonly execArgv: readonly string[]
  /** Uses up the space but for so many bytes. */
  fill(leave?: number): void
  /** Gives the space back. */
  empty(): void
  readOnly(): void
  remove(): void
}

const MIB = 1024 * 1024

class MountedDisk implements SmallDisk {
  readonly path: string
  readonly execArgv: readonly string[] = []

  constructor(path: string) {
    this.path = path
    mkdirSync(path, { recursive: true })
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${MIB}`, 'tmpfs', path], { stdio: 'pipe' })
  }

  fill(leave = 0): void {
    const { bavail, bsize } = statfsSync(this.path)
    writeFileSync(join(this.path, 'filling'), Buffer.alloc(Math.max(0, bavail * bsize - leave)))
  }

  empty(): void {
    writeFileSync(join(this.path, 'filling'), '')
  }

  readOnly(): void {
    execFileSync('mount', ['-o', 'remount,ro', this.path], { stdio: 'pipe' })
  }

  remove(): void {
    execFileSync('umount', ['--lazy', this.path], { stdio: 'pipe' })
  }
}

class PretendedDisk implements SmallDisk {
  readonly path: string
  readonly execArgv: readonly string[]
  readonly #stateFile: string

  constructor(path: string) {
    this.path = path
    this.#stateFile = `${path}.state`
    mkdirSync(path, { recursive: true })
    this.execArgv = ['--import', preload(path, this.#stateFile)]
    this.empty()
  }

  fill(leave = 0): void {
    writeFileSync(this.#stateFile, String(leave))
  }

  empty(): void {
    writeFileSync(this.#stateFile, '')
  }

  readOnly(): void {
    writeFileSync(this.#stateFile, 'read-only')
  }

  remove(): void {
    rmSync(this.#stateFile)
  }
}

/** Like a full disk, it takes a part of a write without an error, then none, and lets what is there be overwritten. */
function preload(path: string, stateFile: string): string {
  return `data:text/javascript,${encodeURIComponent(`
    import fs from 'node:fs'
    import { syncBuiltinESMExports } from 'node:module'
    const real = { ...fs }
    const files = new Set()
    let written = 0
    const state = () => real.readFileSync(${JSON.stringify(stateFile)}, 'utf8')
    const isMeant = (path) => String(path).startsWith(${JSON.stringify(`${path}/`)})
    const fail = (code) => {
      throw Object.assign(new Error(code + ': as the test wants it'), { code })
    }
    const room = () => {
      const text = state()
      if (text === '') written = 0
      return text === '' ? Infinity : Number(text) - written
    }
    fs.openSync = (path, flags, ...rest) => {
      if (isMeant(path) && (flags & fs.constants.O_CREAT) !== 0 && state() === 'read-only') fail('EROFS')
      const fd = real.openSync(path, flags, ...rest)
      if (isMeant(path)) files.add(fd)
      else files.delete(fd)
      return fd
    }
    fs.mkdirSync = (path, ...rest) => {
      if (isMeant(path) && state() === 'read-only') fail('EROFS')
      return real.mkdirSync(path, ...rest)
    }
    const append = (fd, bytes) => {
      const left = room()
      if (left <= 0) fail('ENOSPC')
      const taken = real.writeSync(fd, bytes.subarray(0, left))
      written += taken
      return taken
    }
    fs.writevSync = (fd, pieces) => {
      return files.has(fd) ? append(fd, Buffer.concat(pieces)) : real.writevSync(fd, pieces)
    }
    fs.writeSync = (fd, bytes, offset, length, position) => {
      if (files.has(fd) && position === undefined) return append(fd, bytes.subarray(offset, offset + length))
      if (files.has(fd) && position + length > real.fstatSync(fd).size && room() < length) fail('ENOSPC')
      return real.writeSync(fd, bytes, offset, length, position)
    }
    fs.statfsSync = (path, ...rest) => {
      const found = real.statfsSync(path, ...rest)
      return isMeant(path) ? { ...found, bavail: Math.max(0, Math.min(${MIB}, room())), bsize: 1 } : found
    }
    syncBuiltinESMExports()`)}`
}

function canMount(): boolean {
  const temp = makeTempFolder()
  try {
    new MountedDisk(join(temp.path, 'disk')).remove()
    return true
  } catch {
    return false
  } finally {
    temp.remove()
  }
}

type Make = (path: string) => SmallDisk
const PRETENDED: [string, Make] = ['in the calls to it', (path) => new PretendedDisk(path)]
const MOUNTED: [string, Make] = ['on a file system of its own', (path) => new MountedDisk(path)]

/** For `test.each`: how it is made, in words, and what makes one. */
export const SMALL_DISKS: readonly [string, Make][] = canMount() ? [PRETENDED, MOUNTED] : [PRETENDED]

// How much disk a journal may use: a bound on all that lies below its directory, of all processes that share it, for which
// the oldest gives way, and what the file system must have left, which is others' affair, too. Measured by names and sizes,
// when a segment is begun.

import { join } from 'node:path'
import type { Disk } from './disk.ts'

export interface QuotaOptions {
  directory: string
  disk: Disk
  maxBytes: number
}

export interface SpaceOptions {
  directory: string
  disk: Disk
  minFreeBytes: number
}

/** A folder of a key holds instances, heaps of instances, and what was refused: no deeper. */
const DEPTH = 4

/** How many bytes must go before there may be `bytes` more; 0 when there is room. */
export function missingBytes(bytes: number, { directory, disk, maxBytes }: QuotaOptions): number {
  return Math.max(0, usedBytes(join(directory, 'v1'), disk, DEPTH) + bytes - maxBytes)
}

/** Whether the file system has room for `bytes` and what it is to keep. One that cannot be asked has: a write will tell. */
export function hasSpace(bytes: number, { directory, disk, minFreeBytes }: SpaceOptions): boolean {
  try {
    return disk.freeBytes(directory) >= bytes + minFreeBytes
  } catch {
    return true
  }
}

function usedBytes(folder: string, disk: Disk, depth: number): number {
  let sum = 0
  for (const name of namesIn(folder, disk)) {
    const path = join(folder, name)
    try {
      const { bytes, isFolder } = disk.stat(path)
      if (!isFolder) sum += bytes
      else if (depth > 0) sum += usedBytes(path, disk, depth - 1)
    } catch {
      // Another process has just removed it.
    }
  }
  return sum
}

function namesIn(folder: string, disk: Disk): string[] {
  try {
    return disk.list(folder)
  } catch {
    return []
  }
}

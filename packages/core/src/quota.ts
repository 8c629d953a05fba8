// How much disk a journal may use: a bound on all that lies below its directory, of all processes that share it, and what
// the file system must have left. Measured by names and sizes, when a segment is begun.

import { join } from 'node:path'
import type { Disk } from './disk.ts'

export interface QuotaOptions {
  directory: string
  disk: Disk
  maxBytes: number
  minFreeBytes: number
}

/** A folder of a key holds instances, heaps of instances, and what was refused: no deeper. */
const DEPTH = 4

/** How many bytes are missing for `bytes` more; 0 when there is room. A disk that cannot be asked has room: a write will tell. */
export function missingBytes(bytes: number, { directory, disk, maxBytes, minFreeBytes }: QuotaOptions): number {
  let missing = usedBytes(join(directory, 'v1'), disk, DEPTH) + bytes - maxBytes
  try {
    missing = Math.max(missing, bytes + minFreeBytes - disk.freeBytes(directory))
  } catch {
    // It is asked again with the next segment.
  }
  return Math.max(0, missing)
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

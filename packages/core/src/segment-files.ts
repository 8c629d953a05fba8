// The files of an instance's folder, as names and sizes: what is in them is segment.ts's affair.

import { basename, join } from 'node:path'
import { codeOf, type Disk, isPassing } from './disk.ts'

/** One file. */
export interface Segment {
  path: string
  bytes: number
  readonly createdUnixMillis: number
  /** The number behind its last record; undefined while records may come, or it is not read yet. */
  end: number | undefined
  /** Where the next frame to be read begins; 0 before the header. */
  offset: number
}

export function bytesOf(segments: readonly Segment[]): number {
  return segments.reduce((sum, { bytes }) => sum + bytes, 0)
}

export const SEGMENT_NAME: RegExp = /^\d{8}\.seg$/

export function segmentPath(folder: string, number: number): string {
  return join(folder, `${String(number).padStart(8, '0')}.seg`)
}

/** Moves a file, which may be open, to another folder, and gives its new path. Throws where it stays. */
export function moveInto(folder: string, path: string, disk: Disk): string {
  const moved = join(folder, basename(path))
  disk.rename(path, moved)
  return moved
}

/** Oldest first. Whatever else is in the folder is left alone. Throws where it cannot be looked at. */
export function segmentsIn(folder: string, disk: Disk): Segment[] {
  const names = disk.list(folder).filter((name) => SEGMENT_NAME.test(name))
  return names.flatMap((name) => {
    const path = join(folder, name)
    try {
      const { bytes, modifiedUnixMillis } = disk.stat(path)
      return [{ path, bytes, createdUnixMillis: modifiedUnixMillis, end: undefined, offset: 0 }]
    } catch (error) {
      if (isPassing(error)) throw error
      return []
    }
  })
}

/** All bytes of a segment; none when it cannot be read, or is no file of our own. */
export function readSegment({ path }: Pick<Segment, 'path'>, disk: Disk): Buffer {
  try {
    return disk.read(path, 0)
  } catch {
    return Buffer.alloc(0)
  }
}

/**
 * Writes a segment anew, under its name, and brings it to the device. One that cannot be read any more is left as it is.
 * Throws where it is gone, or worth another try, and leaves nothing half done.
 */
export function writeAnew(path: string, disk: Disk): void {
  let bytes: Buffer
  try {
    bytes = disk.read(path, 0)
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || (isPassing(error) && codeOf(error) !== 'EIO')) throw error
    return
  }
  const anew = `${path}.new`
  try {
    const copy = disk.create(anew)
    try {
      disk.append(copy, [bytes])
      disk.syncNow(copy)
    } finally {
      disk.close(copy)
    }
    disk.rename(anew, path)
  } catch (error) {
    removeQuietly(anew, disk)
    throw error
  }
}

function removeQuietly(path: string, disk: Disk): void {
  try {
    disk.remove(path)
  } catch {
    // Readers leave it alone, and it goes with its folder.
  }
}

// What a server refused for good, kept for people: a file of the journal's own format for each batch, at most a tenth of
// the quota, the oldest removed first. Nothing is ever sent from here.

import { join } from 'node:path'
import { type Disk, sizeOf } from './disk.ts'
import type { Batch } from './queue.ts'
import type { Scope } from './record.ts'
import { encodeScopeFrame, encodeSegmentHeader, recordsFrameHeader, type SegmentEncoding } from './segment.ts'

export interface RejectedOptions {
  folder: string
  disk: Disk
  maxBytes: number
  encoding: SegmentEncoding
  resource: Buffer
  scope(scopeId: number): Scope
}

const REJECTED_NAME = /^\d{15}-\d+-\d+\.seg$/
let files = 0

/** Keeps a copy; a disk that fails keeps none. */
export function keepRejected(batch: Batch, options: RejectedOptions): void {
  const { folder, disk, maxBytes, encoding, resource, scope } = options
  try {
    const pieces = [encodeSegmentHeader({ encoding, resource, createdUnixMillis: Date.now(), first: 0 })]
    const scopeIds = new Set(batch.runs.map(({ scopeId }) => scopeId))
    for (const scopeId of scopeIds) pieces.push(encodeScopeFrame(scopeId, scope(scopeId)))
    let first = 0
    for (const { slab, start, end, count, scopeId } of batch.runs) {
      const payload = slab.subarray(start, end)
      pieces.push(recordsFrameHeader(first, count, scopeId, payload), payload)
      first += count
    }
    disk.makeFolder(folder)
    if (disk.distrust(folder) !== undefined || !makeRoom(folder, disk, maxBytes - sizeOf(pieces))) return
    // In the order of their making, among all processes.
    const number = String(++files).padStart(9, '0')
    write(join(folder, `${String(Date.now()).padStart(15, '0')}-${process.pid}-${number}.seg`), pieces, disk)
  } catch {
    // The records are counted as rejected either way.
  }
}

/** The whole file, or none. */
function write(path: string, pieces: readonly Buffer[], disk: Disk): void {
  const fd = disk.create(path)
  try {
    disk.append(fd, pieces)
  } catch {
    disk.remove(path)
  } finally {
    disk.close(fd)
  }
}

/** Removes the oldest until at most so many bytes are left. What the journal has not made is left alone. */
function makeRoom(folder: string, disk: Disk, maxBytes: number): boolean {
  if (maxBytes < 0) return false
  const names = disk.list(folder).filter((name) => REJECTED_NAME.test(name))
  const sizes = names.map((name) => [join(folder, name), disk.stat(join(folder, name)).bytes] as const)
  let sum = sizes.reduce((total, [, bytes]) => total + bytes, 0)
  for (const [path, bytes] of sizes) {
    if (sum <= maxBytes) break
    disk.remove(path)
    sum -= bytes
  }
  return sum <= maxBytes
}

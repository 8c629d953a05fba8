// What lies in a journal, for people and tools: read only, nothing is claimed, moved or removed.

import { join } from 'node:path'
import { systemClock } from './clock.ts'
import { Cursor } from './cursor.ts'
import { type Disk, systemDisk } from './disk.ts'
import { CURSOR_NAME, foldersOf } from './instances.ts'
import { Observer } from './liveness.ts'
import { decodeSegmentHeader, readFrames } from './segment.ts'
import { readSegment, segmentsIn } from './segment-files.ts'

/** What one process has in a journal, or had. */
export interface InstanceReport {
  /** 16 hex digits that stand for endpoint and tenant. */
  key: string
  instance: string
  /** Whether its process lives; a folder that was adopted is its adopter's. */
  state: 'alive' | 'dead'
  /** The instance that adopted it. */
  adoptedBy?: string | undefined
  segments: number
  bytes: number
  /** Records that are not delivered yet, as far as the folder tells. */
  records: number
  /** When its oldest segment was written to last; undefined when there is none. */
  oldest: Date | undefined
  /** Frames that are cut off, and frames that are damaged. */
  torn: number
  corrupt: number
}

/** What a server refused for good, and was kept. */
export interface RejectedReport {
  key: string
  files: number
  bytes: number
  records: number
}

export interface JournalReport {
  directory: string
  instances: InstanceReport[]
  rejected: RejectedReport[]
}

/**
 * Reads a journal's directory without touching it. Processes may go on writing meanwhile.
 * @param directory the option `journal.directory`
 * @throws what the file system says when the directory cannot be read; one that does not exist holds nothing
 */
export async function inspectJournal(directory: string, disk: Disk = systemDisk): Promise<JournalReport> {
  const observer = new Observer(disk, systemClock)
  const report: JournalReport = { directory, instances: [], rejected: [] }
  for (const { kind, key, instance, owner, path } of foldersOf(directory, disk)) {
    if (kind === 'rejected') {
      report.rejected.push({ key, ...countRejected(path, disk) })
      continue
    }
    const isDead = await observer.isDead(owner === undefined ? path : join(directory, 'v1', key, owner))
    report.instances.push({
      key,
      instance,
      state: isDead ? 'dead' : 'alive',
      ...(owner !== undefined && { adoptedBy: owner }),
      ...count(path, disk),
    })
  }
  return report
}

type Counts = Omit<InstanceReport, 'key' | 'instance' | 'state' | 'adoptedBy'>

function count(folder: string, disk: Disk): Counts {
  const delivered = new Cursor(join(folder, CURSOR_NAME), disk).read()
  const counts: Counts = { segments: 0, bytes: 0, records: 0, oldest: undefined, torn: 0, corrupt: 0 }
  for (const segment of segmentsIn(folder, disk)) {
    counts.segments++
    counts.bytes += segment.bytes
    counts.oldest ??= new Date(segment.createdUnixMillis)
    const bytes = readSegment(segment, disk)
    const opened = decodeSegmentHeader(bytes)
    if (opened === undefined && bytes.length > 0) counts.corrupt++
    for (const found of opened === undefined ? [] : readFrames(bytes, opened.end)) {
      if (found.kind === 'records')
        counts.records += Math.max(0, found.first + found.count - Math.max(found.first, delivered))
      else if (found.kind === 'damage') counts[found.what]++
    }
  }
  return counts
}

function countRejected(folder: string, disk: Disk): Omit<RejectedReport, 'key'> {
  const counts = { files: 0, bytes: 0, records: 0 }
  for (const name of disk.list(folder)) {
    const path = join(folder, name)
    const bytes = readSegment({ path }, disk)
    const opened = decodeSegmentHeader(bytes)
    if (opened === undefined) continue
    counts.files++
    counts.bytes += bytes.length
    for (const found of readFrames(bytes, opened.end)) if (found.kind === 'records') counts.records += found.count
  }
  return counts
}

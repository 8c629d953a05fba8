// What lies in a journal, for people and tools: read only, nothing is claimed, moved or removed.

import { dirname, join } from 'node:path'
import { Cursor } from './cursor.ts'
import { codeOf, type Disk, watchedDisk } from './disk.ts'
import { CURSOR_NAME, foldersOf } from './instances.ts'
import { type Life, lifeOf } from './liveness.ts'
import { messageField, messageFields } from './protobuf-fields.ts'
import { decodeSegmentHeader, readFrames, type SegmentHeader } from './segment.ts'
import { segmentsIn } from './segment-files.ts'

/** One folder of a process: it has further ones after long outages, and of those that are dead it takes over theirs. */
export interface InstanceReport {
  /** Where it lies. */
  folder: string
  /** 16 hex digits that stand for endpoint and tenant. */
  key: string
  instance: string
  /** The `service.name` that its records are sent with; undefined when there is no segment to tell it. */
  service: string | undefined
  /**
   * Whether its process lives; a folder that was adopted is its adopter's. `'unknown'` on a file system without Unix sockets,
   * where one look cannot tell.
   */
  state: 'alive' | 'dead' | 'unknown'
  /** The instance that adopted it. */
  adoptedBy?: string | undefined
  segments: number
  bytes: number
  /** Records that are not delivered yet, as far as the folder tells. */
  records: number
  /** When its oldest segment was begun, so that no record is older; undefined when there is none. */
  oldest: Date | undefined
  /** Frames that are cut off, and frames that are damaged. */
  torn: number
  corrupt: number
  /** Segments that could not be read, so that their records are not counted. */
  unreadable: number
}

/** What a server refused for good, and was kept. */
export interface RejectedReport {
  folder: string
  key: string
  /** The `service.name` of the oldest. */
  service: string | undefined
  files: number
  bytes: number
  records: number
  /** When the oldest was refused. */
  oldest: Date | undefined
}

export interface JournalReport {
  directory: string
  instances: InstanceReport[]
  rejected: RejectedReport[]
}

/**
 * Reads a journal's directory without touching it, also that of another user, where the system lets you. Processes may go on
 * writing meanwhile. It reads every file, and does so at once: a task for a tool, and not for an app that serves requests.
 * @param directory the option `journal.directory`
 * @throws what the file system says when the directory cannot be read; one that does not exist holds nothing
 */
export async function inspectJournal(directory: string, disk: Disk = watchedDisk): Promise<JournalReport> {
  const report: JournalReport = { directory, instances: [], rejected: [] }
  for (const { kind, key, instance, owner, path } of foldersOf(directory, disk)) {
    if (kind === 'rejected') {
      report.rejected.push({ folder: path, key, ...countRejected(path, disk) })
      continue
    }
    const state = await stateOf(owner === undefined ? path : join(dirname(dirname(path)), owner), disk)
    const counts = count(path, disk)
    report.instances.push({
      folder: path,
      key,
      instance,
      state,
      ...(owner !== undefined && { adoptedBy: owner }),
      ...counts,
    })
  }
  return report
}

async function stateOf(folder: string, disk: Disk): Promise<Life> {
  try {
    disk.stat(folder)
  } catch (error) {
    // An adopter's folder is made before what it adopts, and removed after it.
    if (codeOf(error) === 'ENOENT') return 'dead'
  }
  return lifeOf(folder, disk)
}

type Counts = Pick<
  InstanceReport,
  'service' | 'segments' | 'bytes' | 'records' | 'oldest' | 'torn' | 'corrupt' | 'unreadable'
>

function count(folder: string, disk: Disk): Counts {
  const delivered = new Cursor(join(folder, CURSOR_NAME), disk).read()
  const damage = { torn: 0, corrupt: 0, unreadable: 0 }
  const counts: Counts = { service: undefined, segments: 0, bytes: 0, records: 0, oldest: undefined, ...damage }
  for (const { path, bytes: size, createdUnixMillis } of segmentsIn(folder, disk)) {
    const bytes = read(path, disk)
    if (bytes === 'gone') continue
    counts.segments++
    counts.bytes += size
    const opened = bytes === 'unreadable' ? undefined : decodeSegmentHeader(bytes)
    counts.oldest ??= new Date(opened?.header.createdUnixMillis ?? createdUnixMillis)
    if (bytes === 'unreadable') counts.unreadable++
    else if (opened === undefined && bytes.length > 0) counts.corrupt++
    if (opened === undefined || bytes === 'unreadable') continue
    counts.service ??= serviceIn(opened.header)
    for (const found of readFrames(bytes, opened.end)) {
      if (found.kind === 'records')
        counts.records += Math.max(0, found.first + found.count - Math.max(found.first, delivered))
      else if (found.kind === 'damage') counts[found.what]++
    }
  }
  return counts
}

function countRejected(folder: string, disk: Disk): Omit<RejectedReport, 'folder' | 'key'> {
  const counts: ReturnType<typeof countRejected> = {
    service: undefined,
    files: 0,
    bytes: 0,
    records: 0,
    oldest: undefined,
  }
  for (const name of disk.list(folder)) {
    const bytes = read(join(folder, name), disk)
    if (typeof bytes === 'string') continue
    const opened = decodeSegmentHeader(bytes)
    if (opened === undefined) continue
    counts.files++
    counts.bytes += bytes.length
    counts.oldest ??= new Date(opened.header.createdUnixMillis)
    counts.service ??= serviceIn(opened.header)
    for (const found of readFrames(bytes, opened.end)) if (found.kind === 'records') counts.records += found.count
  }
  return counts
}

/** A live process removes what is delivered. */
function read(path: string, disk: Disk): Buffer | 'gone' | 'unreadable' {
  try {
    return disk.read(path, 0)
  } catch (error) {
    return codeOf(error) === 'ENOENT' ? 'gone' : 'unreadable'
  }
}

const SERVICE_NAME = 'service.name'

function serviceIn({ encoding, resource }: SegmentHeader): string | undefined {
  if (encoding === 'json') {
    const attributes = JSON.parse(resource.toString()) as { key: string; value: { stringValue?: string } }[]
    return attributes.find(({ key }) => key === SERVICE_NAME)?.value.stringValue
  }
  // KeyValueList { values = 1: KeyValue { key = 1, value = 2: AnyValue { string_value = 1 } } }
  const attribute = messageFields(resource, 1).find((one) => messageField(one, 1)?.toString() === SERVICE_NAME)
  const value = attribute && messageField(attribute, 2)
  return value && messageField(value, 1)?.toString()
}

import { ManualClock } from '@otlp-logs/test-support'
import { settled } from '../test/journal-bench.ts'
import { failure, MemoryDisk } from '../test/journal-disk.ts'
import { PowerLog } from '../test/journal-power.ts'
import { idsOf, RECORD_BYTES, recordOf, RESOURCE, SCOPES } from '../test/journal-records.ts'
import { JournalWriter, type JournalWriterOptions, type Written } from './journal-writer.ts'
import { decodeSegmentHeader, readFrames } from './segment.ts'
import type { Segment } from './segment-files.ts'
import type { Run } from './slab.ts'

const FOLDER = '/j'
const SYNC_MILLIS = 1500

let disk: MemoryDisk
let clock: ManualClock
let writer: JournalWriter
let segments: Segment[]
let delivered: number
let broken: string[]
let next: number
/** What the owner of the writer does when it may be well again. */
let repair: () => void

beforeEach(() => {
  disk = new MemoryDisk()
  disk.makeFolder(FOLDER)
  clock = new ManualClock()
  segments = []
  broken = []
  delivered = 0
  next = 0
  repair = () => {}
  make()
})

function make(options: Partial<JournalWriterOptions> = {}): void {
  writer = new JournalWriter({
    folder: FOLDER,
    disk,
    clock,
    encoding: 'protobuf',
    resource: RESOURCE,
    segmentBytes: 1000,
    fsync: 'interval',
    syncMillis: SYNC_MILLIS,
    scope: (scopeId) => SCOPES[scopeId]!,
    isDelivered: (end) => end <= delivered,
    makeRoom: () => 'room',
    onSegment: (segment) => void segments.push(segment),
    syncNames: (folder) => disk.syncFolder(folder),
    onBroken: (error) => void broken.push((error as NodeJS.ErrnoException).code ?? String(error)),
    onRepair: () => repair(),
    ...options,
  })
}

/** Writes so many records, each in its own frame; stops at the first that is not written. */
function write(count = 1, bytes: number = RECORD_BYTES, scopeId = 0): Written {
  let written: Written = 'written'
  for (let i = 0; i < count && written === 'written'; i++) {
    written = writer.write(next, 1, scopeId, recordOf(next, bytes, scopeId), clock.now())
    if (written === 'written') next++
  }
  return written
}

/** What each file holds, as a reader finds it. */
function contents(on: MemoryDisk = disk): number[][] {
  const files = on.files(FOLDER)
  return Object.keys(files)
    .toSorted()
    .map((name) => {
      const bytes = files[name]!
      const { end } = decodeSegmentHeader(bytes)!
      const found = [...readFrames(bytes, end)]
      expect(found.filter(({ kind }) => kind === 'damage')).toEqual([])
      return idsOf(found.flatMap((each): Run[] => (each.kind === 'records' ? [{ ...each, slab: bytes }] : [])))
    })
}

const upTo = (count: number, from = 0): number[] => Array.from({ length: count - from }, (_, i) => from + i)
const syncs = (): number => disk.count('sync') + disk.count('syncNow')

describe('JournalWriter', () => {
  it('writes nothing until there is a record', () => {
    expect(disk.files(FOLDER)).toEqual({})
    expect(clock.nextAt).toBeUndefined()
  })

  it('writes records in order, with resource, encoding and the number of the first', () => {
    write(3)
    expect(contents()).toEqual([[0, 1, 2]])
    const { header } = decodeSegmentHeader(disk.files(FOLDER)['00000001.seg']!)!
    expect(header).toMatchObject({ encoding: 'protobuf', resource: RESOURCE, first: 0 })
    expect(Math.abs(header.createdUnixMillis - Date.now())).toBeLessThan(60_000)
  })

  it('defines a scope in each segment before its first record, once', () => {
    for (const scopeId of [0, 1, 1, 0]) write(1, RECORD_BYTES, scopeId)
    write(1, 2000, 1)
    const scopes = Object.values(disk.files(FOLDER)).map((bytes) => {
      return [...readFrames(bytes, decodeSegmentHeader(bytes)!.end)].map((found) =>
        found.kind === 'scope' ? found.scope.name : found.kind === 'records' ? found.scopeId : found.kind,
      )
    })
    expect(scopes).toEqual([
      ['app', 0, 'db', 1, 1, 0],
      ['db', 1],
    ])
  })

  it('knows what it has written: the size of each segment, and where the sealed ones end', () => {
    write(100, 50)
    const files = disk.files(FOLDER)
    expect(segments.map(({ path, bytes }) => [path, bytes])).toEqual(
      Object.keys(files).map((name) => [`${FOLDER}/${name}`, files[name]!.length]),
    )
    const ends = contents().map((ids) => ids.at(-1)! + 1)
    expect(segments.slice(0, -1).map(({ end }) => end)).toEqual(ends.slice(0, -1))
    expect(segments.at(-1)!.end).toBeUndefined()
    expect(ends.at(-1)).toBe(100)
  })

  it('begins a new segment when one is full, and has them all within their bound', () => {
    write(100, 50)
    expect(contents().flat()).toEqual(upTo(100))
    expect(segments.length).toBeGreaterThan(8)
    for (const { bytes } of segments) expect(bytes).toBeLessThanOrEqual(1000)
  })

  it('gives a record that is larger than a segment one of its own', () => {
    write(1)
    write(1, 5000)
    write(1)
    expect(contents()).toEqual([[0], [1], [2]])
  })

  it('asks for room before it writes, for a part of a segment, and for all that it writes', () => {
    let asked = 0
    let most = 0
    make({
      segmentBytes: 4096,
      makeRoom: (bytes) => {
        asked += bytes
        most = Math.max(most, bytes)
        return 'room'
      },
    })
    for (let i = 0; i < 400; i++) {
      write(1, 50)
      expect(asked).toBeGreaterThanOrEqual(segments.reduce((sum, { bytes }) => sum + bytes, 0))
    }
    expect(most).toBe(512)
    write(1, 5000)
    expect(most).toBeGreaterThan(5000)
  })

  it('goes on in another segment where its own had to make room', () => {
    let calls = 0
    make({
      segmentBytes: 4096,
      makeRoom: () => {
        if (++calls % 3 === 0) writer.seal()
        return 'room'
      },
    })
    write(100, 50)
    expect(contents().flat()).toEqual(Array.from({ length: 100 }, (_, i) => i))
    expect(segments.length).toBeGreaterThan(3)
  })

  it('takes no record while there is no room, asks again after a second, and is not broken', async () => {
    let asked = 0
    let room: 'room' | 'full' = 'full'
    make({
      makeRoom: () => {
        asked++
        return room
      },
    })
    for (let i = 0; i < 50; i++) expect(write()).toBe('full')
    expect([asked, writer.isBroken, disk.files(FOLDER)]).toEqual([1, false, {}])
    room = 'room'
    await clock.advance(999)
    expect(write()).toBe('full')
    await clock.advance(1)
    expect(write()).toBe('written')
    expect(asked).toBe(2)
  })

  it('is broken where room cannot be made', () => {
    make({
      makeRoom: () => {
        throw failure('EIO', FOLDER)
      },
    })
    expect(write()).toBe('broken')
    expect(broken).toEqual(['EIO'])
    expect(disk.files(FOLDER)).toEqual({})
  })
})

describe('a JournalWriter whose disk fails', () => {
  it('F14: cuts off what a full disk took of a frame, so that nothing is torn', () => {
    write(3)
    const { usedBytes } = disk
    for (let room = 0; room < 50; room++) {
      disk.capacityBytes = usedBytes + room
      make()
      next = 0
      disk.wipe(FOLDER)
      disk.makeFolder(FOLDER)
      const before = broken.length
      expect(write(50)).toBe('broken')
      expect(broken.slice(before)).toEqual(['ENOSPC'])
      expect(contents().flat()).toEqual(upTo(next))
      expect(next).toBeGreaterThan(1)
    }
  })

  it('writes nothing while it is broken, tries after 5 s, and goes on in a new segment', async () => {
    write(2)
    disk.fail('append', 'EIO', { taken: 20 })
    expect(write()).toBe('broken')
    const calls = disk.calls.length
    for (let i = 0; i < 100; i++) expect(write()).toBe('broken')
    expect(disk.calls).toHaveLength(calls)
    expect([writer.isBroken, broken]).toEqual([true, ['EIO']])
    disk.heal()
    repair = () => expect(write(5)).toBe('written')
    await clock.advance(4999)
    expect(contents()).toEqual([[0, 1]])
    await clock.advance(1)
    expect(writer.isBroken).toBe(false)
    expect(contents()).toEqual([
      [0, 1],
      [2, 3, 4, 5, 6],
    ])
    expect(segments.map(({ end }) => end)).toEqual([2, undefined])
  })

  it('tries every 5 s, as long as it takes, and says each time what is wrong', async () => {
    disk.fail('create', 'EROFS')
    expect(write()).toBe('broken')
    repair = () => {
      if (write() !== 'written') throw new Error('again')
    }
    await clock.advance(5000 * 10)
    expect(broken).toEqual(Array(11).fill('EROFS'))
    disk.heal()
    await clock.advance(5000)
    expect([writer.isBroken, contents()]).toEqual([false, [[0]]])
    await clock.advance(60_000)
    expect(broken).toHaveLength(11)
  })

  it('is broken again where the owner cannot do its part', async () => {
    repair = () => {
      throw failure('EACCES', FOLDER)
    }
    disk.fail('append', 'EIO', { times: 1 })
    write()
    await clock.advance(5000)
    expect([writer.isBroken, broken]).toEqual([true, ['EIO', 'EACCES']])
    repair = () => {}
    await clock.advance(5000)
    expect(writer.isBroken).toBe(false)
  })

  it('leaves no files behind of segments that it could not begin', async () => {
    write(2)
    disk.capacityBytes = disk.usedBytes
    write()
    repair = () => {
      if (write() !== 'written') throw new Error('again')
    }
    await clock.advance(100 * 5000)
    expect(Object.keys(disk.files(FOLDER))).toEqual(['00000001.seg'])
    expect(segments).toHaveLength(1)
    // Nor descriptors: that of the only segment may wait for its sync.
    expect(disk.openFiles.length).toBeLessThanOrEqual(1)
  })

  it('tells readers nothing wrong when the rest of a frame cannot even be cut off', () => {
    write(2)
    disk.fail('append', 'EIO', { taken: 30, times: 1 })
    disk.fail('truncate', 'EIO', { times: 1 })
    expect(write()).toBe('broken')
    expect(segments[0]).toMatchObject({ end: 2 })
    const bytes = disk.files(FOLDER)['00000001.seg']!
    const found = [...readFrames(bytes, decodeSegmentHeader(bytes)!.end)].map(({ kind }) => kind)
    expect(found).toEqual(['scope', 'records', 'records', 'damage'])
  })
})

describe("a JournalWriter's syncs", () => {
  it('are none while all is delivered in time', async () => {
    for (let i = 0; i < 100; i++) {
      write(3, 50)
      await clock.advance(200)
      delivered = next - 3
      await clock.advance(200)
      delivered = next
    }
    await clock.advance(60_000)
    expect(syncs()).toBe(0)
    expect(segments.length).toBeGreaterThan(5)
    expect(clock.nextAt).toBeUndefined()
  })

  it('leave no file open of a segment that was delivered, while all is well', async () => {
    for (let i = 0; i < 300; i++) {
      write(3, 50)
      await clock.advance(200)
      delivered = next - 3
    }
    // The one that is written, and those of the last moments.
    expect(disk.openFiles.length).toBeLessThan(5)
  })

  it('are one for each segment where nothing is delivered', async () => {
    write(100, 50)
    await clock.advance(SYNC_MILLIS - 1)
    expect(syncs()).toBe(0)
    await clock.advance(1)
    expect(syncs()).toBe(segments.length)
    await clock.advance(60_000)
    expect(syncs()).toBe(segments.length)
    expect(disk.openFiles).toEqual([segments.at(-1)!.path])
  })

  it('leave out segments that were delivered meanwhile', async () => {
    write(100, 50)
    delivered = 99
    await clock.advance(10_000)
    expect(disk.calls.filter(({ operation }) => operation === 'sync').map(({ path }) => path)).toEqual([
      segments.at(-1)!.path,
    ])
  })

  it('come in time for each record that is undelivered, also where what came before it is delivered', async () => {
    make({ segmentBytes: 1e6 })
    const writtenAt: number[] = []
    let latest = 0
    disk.onOperation = (operation) => {
      if (operation !== 'sync') return
      for (let id = delivered; id < next; id++) latest = Math.max(latest, clock.millis - (writtenAt[id] ?? 0))
    }
    // What was written at the start is delivered just in time, what came next is not.
    for (const late of [1, 100, 700, 1400]) {
      delivered = next
      await clock.advance(10_000)
      writtenAt.push(clock.millis)
      write()
      await clock.advance(late)
      writtenAt.push(clock.millis)
      write()
      delivered = next - 1
      const before = syncs()
      await clock.advance(SYNC_MILLIS)
      expect(syncs()).toBe(before + 1)
    }
    expect(latest).toBe(SYNC_MILLIS)
  })

  it('are one for all records of the moment where each write is synced, also where it is delivered by then', async () => {
    make({ fsync: 'batch' })
    write(5)
    expect(syncs()).toBe(0)
    await clock.advance(0)
    expect(syncs()).toBe(1)
    write(1)
    await clock.advance(0)
    expect(syncs()).toBe(2)
    await clock.advance(60_000)
    expect(syncs()).toBe(2)
  })

  it('never come by themselves where they are switched off, and no file stays open', async () => {
    make({ fsync: 'none' })
    write(100, 50)
    await clock.advance(60_000)
    expect(syncs() + disk.count('syncFolder')).toBe(0)
    expect(disk.openFiles).toEqual([segments.at(-1)!.path])
  })

  it('bring names to the device, too, once for all that are new', async () => {
    write(100, 50)
    expect(disk.count('syncFolder')).toBe(0)
    await writer.sync()
    expect(disk.count('syncFolder')).toBe(1)
    write(1)
    await writer.sync()
    expect(disk.count('syncFolder')).toBe(1)
    write(1, 990)
    writer.syncNow()
    expect(disk.count('syncFolder')).toBe(2)
  })

  it('come for what was written to a segment while it was synced, also where it was sealed meanwhile', async () => {
    write(1)
    let open = (): void => {}
    disk.syncGate = new Promise((resolve) => (open = resolve))
    const syncing = writer.sync()
    await settled()
    write(2)
    write(1, 990)
    open()
    await syncing
    await clock.advance(SYNC_MILLIS)
    expect(disk.count('sync', /1\.seg/)).toBe(2)
    expect(disk.openFiles).toEqual([segments[1]!.path])
  })

  it('come at once when asked for, and are done when it resolves', async () => {
    write(100, 50)
    await writer.sync()
    expect(syncs()).toBe(segments.length)
  })

  it('are done for who asks while others are under way', async () => {
    write(100, 50)
    let open = (): void => {}
    disk.syncGate = new Promise((resolve) => (open = resolve))
    const first = writer.sync()
    let isDone = false
    const second = writer.sync().then(() => (isDone = true))
    await settled()
    expect(isDone).toBe(false)
    open()
    await Promise.all([first, second])
    const synced = new Set(disk.calls.filter(({ operation }) => operation === 'sync').map(({ path }) => path))
    expect([...synced]).toEqual(segments.map(({ path }) => path))
  })

  it('are made one after the other, so that no file is closed under one', async () => {
    write(3)
    let open = (): void => {}
    disk.syncGate = new Promise((resolve) => (open = resolve))
    const all = Promise.all([writer.sync(), writer.sync()])
    await settled()
    expect(disk.count('sync')).toBe(1)
    open()
    await all
  })

  it('are none of what was delivered, also when asked for', async () => {
    write(3)
    delivered = next
    await writer.sync()
    expect(syncs()).toBe(0)
  })

  it('are made at once for all that is open, also for what is just being synced', () => {
    write(100, 50)
    disk.syncGate = new Promise(() => {})
    void writer.sync()
    writer.syncNow()
    const synced = disk.calls.filter(({ operation }) => operation === 'syncNow').map(({ path }) => path)
    expect(synced).toEqual(segments.map(({ path }) => path))
  })

  it('may go on while the writer is closed, and each file is closed once', async () => {
    write(100, 50)
    let open = (): void => {}
    disk.syncGate = new Promise((resolve) => (open = resolve))
    const syncing = writer.sync()
    await settled()
    writer.close()
    expect(disk.openFiles).toEqual([])
    // As the app may open files of its own now, with the same descriptors.
    const own = segments.map((_, i) => disk.create(`/own${i}`))
    open()
    await syncing
    expect(disk.openFiles).toHaveLength(own.length)
    expect(disk.count('sync', /own/)).toBe(0)
  })

  it('may go on while the segment is sealed and the next one gets its descriptor', async () => {
    write(1)
    let open = (): void => {}
    disk.syncGate = new Promise((resolve) => (open = resolve))
    disk.fail('sync', 'EIO', { times: 1 })
    const syncing = writer.sync()
    delivered = next
    write(1, 990)
    const [, second] = segments
    write(1, 990)
    open()
    await syncing
    write(2)
    expect(second!.end).toBe(2)
    expect(contents()).toEqual([[0], [1], [2], [3, 4]])
  })
})

describe('a JournalWriter whose sync fails', () => {
  let power: PowerLog

  beforeEach(() => {
    const { root } = new MemoryDisk()
    power = new PowerLog(root)
    disk = new MemoryDisk({ root, power })
    disk.makeFolder(FOLDER)
    disk.syncFolder('/')
    make()
  })

  it('F19: names a segment that is written anew in the folder where it is, not where records go by now', async () => {
    const further = `${FOLDER}-2`
    disk.makeFolder(further)
    write(3)
    writer.seal()
    writer.moveTo(further)
    disk.calls.length = 0
    disk.fail('sync', 'EIO', { times: 1 })
    await clock.advance(SYNC_MILLIS)
    const last = disk.calls.findLast(({ operation }) => operation === 'syncFolder')
    expect(last?.path).toBe(FOLDER)
    expect(disk.calls.some(({ operation }) => operation === 'rename')).toBe(true)
  })

  /** What is left when the power goes and takes all that was not synced. */
  function afterPowerLoss(): number[] {
    return contents(new MemoryDisk({ root: power.lose(() => 0) })).flat()
  }

  it('F15: writes the segment anew, under its name, and brings that to the device', async () => {
    write(3)
    disk.fail('sync', 'EIO', { times: 1 })
    await clock.advance(SYNC_MILLIS)
    expect(contents()).toEqual([[0, 1, 2]])
    expect(afterPowerLoss()).toEqual([0, 1, 2])
    expect([writer.isBroken, broken]).toEqual([false, []])
  })

  it('F15: never syncs the same file again', async () => {
    write(100, 50)
    disk.fail('sync', 'EIO')
    await clock.advance(SYNC_MILLIS)
    const tried = disk.count('sync')
    expect(tried).toBe(segments.length)
    await writer.sync()
    write(1)
    writer.syncNow()
    await clock.advance(60_000)
    const paths = disk.calls.filter(({ operation }) => operation === 'sync').map(({ path }) => path)
    expect(new Set(paths).size).toBe(paths.length)
    expect(afterPowerLoss().slice(0, 100)).toEqual(upTo(100))
  })

  it('F15: never syncs it again where it was sealed meanwhile', async () => {
    write(3)
    let open = (): void => {}
    disk.syncGate = new Promise((resolve) => (open = resolve))
    disk.fail('sync', 'EIO', { times: 1 })
    const syncing = writer.sync()
    await settled()
    write(1, 990)
    open()
    await syncing
    await writer.sync()
    writer.syncNow()
    const tries = disk.calls.filter(({ operation, path }) => operation.startsWith('sync') && path === segments[0]!.path)
    expect(tries).toHaveLength(1)
    expect(afterPowerLoss()).toEqual([0, 1, 2, 3])
  })

  it('F15: goes on in a new segment', async () => {
    write(3)
    disk.fail('sync', 'EIO', { times: 1 })
    await clock.advance(SYNC_MILLIS)
    write(2)
    expect(contents()).toEqual([
      [0, 1, 2],
      [3, 4],
    ])
    expect(segments.map(({ end }) => end)).toEqual([3, undefined])
    expect(disk.openFiles).toEqual([segments[1]!.path])
  })

  it('F15: leaves it as it is where it was delivered meanwhile', async () => {
    write(3)
    let open = (): void => {}
    disk.syncGate = new Promise((resolve) => (open = resolve))
    disk.fail('sync', 'EIO', { times: 1 })
    const syncing = writer.sync()
    await settled()
    delivered = 3
    open()
    await syncing
    expect(disk.count('create')).toBe(1)
    write(1)
    expect(contents()).toEqual([[0, 1, 2], [3]])
  })

  it.each(['create', 'append', 'syncNow', 'rename'] as const)(
    'F15: is broken where the segment cannot be written anew, as %s fails, and leaves nothing half done',
    async (operation) => {
      write(3)
      disk.fail('sync', 'EIO', { times: 1 })
      disk.fail(operation, 'ENOSPC', { times: 1, taken: 10 })
      await clock.advance(SYNC_MILLIS)
      expect(writer.isBroken).toBe(true)
      expect(contents()).toEqual([[0, 1, 2]])
      const before = disk.count('syncNow', /1\.seg\.new/)
      await clock.advance(5000)
      expect(writer.isBroken).toBe(false)
      expect(disk.count('syncNow', /1\.seg\.new/)).toBe(before + 1)
      write(1)
      expect(contents()).toEqual([[0, 1, 2], [3]])
      expect(disk.openFiles).toHaveLength(1)
    },
  )

  it('F15: leaves one draft at most on a disk that lets go of nothing, however often it tries', async () => {
    write(100, 50)
    disk.fail('sync', 'EIO', { times: segments.length })
    for (const operation of ['close', 'remove'] as const) disk.fail(operation, 'EIO')
    await clock.advance(SYNC_MILLIS + 60_000)
    expect(writer.isBroken).toBe(true)
    expect(Object.keys(disk.files(FOLDER)).filter((name) => name.endsWith('.new'))).toHaveLength(1)
    disk.heal()
    await clock.advance(10_000)
    expect(writer.isBroken).toBe(false)
    expect(contents().flat()).toEqual(upTo(100))
  })

  it('stays away from a file that is gone', async () => {
    write(3)
    disk.fail('sync', 'EIO', { times: 1 })
    disk.wipe(`${FOLDER}/00000001.seg`)
    await clock.advance(SYNC_MILLIS)
    expect(writer.isBroken).toBe(true)
    expect(disk.files(FOLDER)).toEqual({})
    // Its owner has a chance to find out why.
    await clock.advance(5000)
    expect(writer.isBroken).toBe(false)
  })

  it.each(['EIO', 'EACCES'])('F15: goes on without what cannot be read back any more: %s', async (code) => {
    write(3)
    disk.fail('sync', 'EIO', { times: 1 })
    disk.fail('read', code)
    await clock.advance(SYNC_MILLIS)
    expect(writer.isBroken).toBe(false)
    expect(write(1)).toBe('written')
  })

  it('F15: writes it anew as soon as it can be read', async () => {
    write(3)
    disk.fail('sync', 'EIO', { times: 1 })
    disk.fail('read', 'EMFILE', { times: 2 })
    await clock.advance(SYNC_MILLIS + 5000)
    expect(writer.isBroken).toBe(true)
    await clock.advance(5000)
    expect([writer.isBroken, disk.count('syncNow')]).toEqual([false, 1])
    expect(contents()).toEqual([[0, 1, 2]])
  })
})

describe('the end of a JournalWriter', () => {
  it('seals the last segment, closes all files, and stops all timers', () => {
    write(100, 50)
    writer.close()
    expect(segments.at(-1)!.end).toBe(100)
    expect(disk.openFiles).toEqual([])
    expect(clock.nextAt).toBeUndefined()
    expect(write()).toBe('broken')
  })

  it('stops trying to be well again', async () => {
    disk.fail('append', 'EIO')
    write()
    writer.close()
    expect(clock.nextAt).toBeUndefined()
  })

  it('lives with files that cannot be synced or closed', () => {
    write(100, 50)
    disk.fail('syncNow', 'EIO')
    disk.fail('close', 'EIO')
    expect(() => {
      writer.syncNow()
      writer.close()
    }).not.toThrow()
  })

  it('changes nothing on disk where a sync fails afterwards', async () => {
    write(3)
    let open = (): void => {}
    disk.syncGate = new Promise((resolve) => (open = resolve))
    disk.fail('sync', 'EIO', { times: 1 })
    const syncing = writer.sync()
    await settled()
    writer.close()
    const calls = disk.calls.length
    open()
    await syncing
    await clock.advance(60_000)
    expect(disk.calls.slice(calls)).toEqual([])
  })
})

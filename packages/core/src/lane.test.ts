import { basename } from 'node:path'
import { ManualClock } from '@otlp-logs/test-support'
import { failure, MemoryDisk } from '../test/journal-disk.ts'
import { idsOf, next, recordOf, RESOURCE, runOf, SCOPES } from '../test/journal-records.ts'
import { decodeCursor, encodeCursor } from './cursor.ts'
import { Lane, type LaneOptions } from './lane.ts'
import type { Batch } from './queue.ts'
import type { DropReason } from './report.ts'
import { encodeScopeFrame, encodeSegmentHeader, recordsFrameHeader } from './segment.ts'
import { type Segment, segmentPath } from './segment-files.ts'

const FOLDER = '/j'

let disk: MemoryDisk
let lost: [DropReason, number][]
let found: number
let damage: string[]
let headers: number
let scopes: string[]

beforeEach(() => {
  disk = new MemoryDisk()
  disk.makeFolder(FOLDER)
  lost = []
  found = 0
  damage = []
  headers = 0
  scopes = []
})

function isEmpty({ segments, waiting }: Lane): boolean {
  return segments.length + waiting === 0
}

function laneOf(options: Partial<LaneOptions> & { maxQueueBytes?: number } = {}): Lane {
  const { maxQueueBytes = 1e6, ...more } = options
  return new Lane({
    folder: FOLDER,
    disk,
    clock: new ManualClock(),
    memory: { maxQueueSize: Number.POSITIVE_INFINITY, maxQueueBytes, next },
    adopted: false,
    onLost: (reason, count) => void lost.push([reason, count]),
    onFound: (count) => void (found += count),
    onDamage: (what) => void damage.push(what),
    onHeader: () => void headers++,
    onScope: (_id, { name }) => void scopes.push(name),
    onReady: () => {},
    ...more,
  })
}

const upTo = (end: number, from = 0): number[] => Array.from({ length: end - from }, (_, i) => from + i)

/** A frame of the records `first` up to `end`. */
function frame(first: number, end: number): Buffer {
  const payload = Buffer.concat(upTo(end, first).map((id) => recordOf(id)))
  return Buffer.concat([recordsFrameHeader(first, end - first, 0, payload), payload])
}

function header(first: number): Buffer {
  const fixed = { encoding: 'protobuf', resource: RESOURCE, createdUnixMillis: 1 } as const
  return Buffer.concat([encodeSegmentHeader({ ...fixed, first }), encodeScopeFrame(0, SCOPES[0]!)])
}

/** A segment with frames that begin and end at these numbers. */
function put(number: number, ...ends: number[]): void {
  const frames = ends.slice(1).map((end, i) => frame(ends[i]!, end))
  disk.put(segmentPath(FOLDER, number), Buffer.concat([header(ends[0]!), ...frames]))
}

/** As the writer would tell the lane. */
function segment(number: number, end?: number): Segment {
  const path = segmentPath(FOLDER, number)
  return { path, bytes: disk.stat(path).bytes, createdUnixMillis: 0, end, offset: 0 }
}

const names = (lane: Lane): string[] => lane.segments.map(({ path }) => basename(path))
const files = (): string[] => Object.keys(disk.files(FOLDER)).filter((name) => name.endsWith('.seg'))
const delivered = (): number => decodeCursor(disk.files(FOLDER)['cur'] ?? Buffer.alloc(0))?.delivered ?? 0

/** Takes and acks, so many at a time, until there is nothing more. */
function drain(lane: Lane, maxRecords = Number.POSITIVE_INFINITY): number[] {
  const ids: number[] = []
  for (let batch = lane.take(maxRecords, 1e6); batch !== undefined; batch = lane.take(maxRecords, 1e6)) {
    ids.push(...idsOf(batch.runs))
    lane.ack(batch)
  }
  return ids
}

describe('a lane of own records', () => {
  it('gives them from memory, in order, and reads nothing back', () => {
    const lane = laneOf()
    for (let id = 0; id < 10; id++) lane.append(runOf([id]), true)
    expect([lane.waiting, lane.ready, lane.next, lane.delivered]).toEqual([10, 10, 10, 0])
    disk.fail('read', 'EIO')
    expect(drain(lane, 3)).toEqual(upTo(10))
    expect([lane.waiting, lane.ready, lane.next, lane.delivered]).toEqual([0, 0, 10, 10])
  })

  it('keeps on disk only what memory has no room for, and everything after that, in order', () => {
    const lane = laneOf({ maxQueueBytes: 50 })
    put(1, 0, 3, 4, 9)
    lane.segments.push(segment(1))
    for (const [first, end] of [
      [0, 3],
      [3, 4],
      [4, 9],
    ] as const) {
      expect(lane.append(runOf(upTo(end, first)), true)).toBe(true)
    }
    expect([lane.ready, lane.readyBytes, lane.hasUnread]).toEqual([9, 3 * 16, true])
    expect(drain(lane, 2)).toEqual(upTo(9))
    expect([lost, damage]).toEqual([[], []])
    // Once all is read, new records are in memory again.
    lane.append(runOf([9]), true)
    expect(lane.readyBytes).toBe(16)
  })

  it('reads one segment at a time, when memory has run out', () => {
    const lane = laneOf({ maxQueueBytes: 1 })
    lane.append(runOf([0]), true)
    for (const number of [1, 2, 3]) {
      put(number, number * 10 - 9, number * 10 + 1)
      lane.segments.push(segment(number, number * 10 + 1))
      lane.append(runOf(upTo(number * 10 + 1, number * 10 - 9)), true)
    }
    let reads = 0
    disk.onOperation = (operation) => void (reads += operation === 'read' ? 1 : 0)
    lane.ack(lane.take(1, 1e6)!)
    for (const expected of [1, 1, 2, 2, 3, 3]) {
      lane.ack(lane.take(5, 1e6)!)
      expect(reads).toBe(expected)
    }
    expect(lane.waiting).toBe(0)
  })

  it('removes a segment when all of its records have left, and not before', () => {
    const lane = laneOf()
    for (const number of [1, 2]) {
      put(number, number * 4 - 4, number * 4)
      lane.segments.push(segment(number, number * 4))
      lane.append(runOf(upTo(number * 4, number * 4 - 4)), true)
    }
    const batches = [3, 3, 2].map((count) => lane.take(count, 1e6)!)
    lane.ack(batches[1]!)
    expect([files(), delivered()]).toEqual([['00000001.seg', '00000002.seg'], 0])
    lane.ack(batches[0]!)
    expect([files(), delivered()]).toEqual([['00000002.seg'], 6])
    lane.ack(batches[2]!)
    expect([files(), delivered(), isEmpty(lane)]).toEqual([[], 8, true])
  })

  it('does not wait for a file that cannot be removed', () => {
    const lane = laneOf()
    put(1, 0, 4)
    lane.segments.push(segment(1, 4))
    lane.append(runOf(upTo(4)), true)
    disk.fail('remove', 'EBUSY')
    expect(drain(lane)).toEqual(upTo(4))
    expect(isEmpty(lane)).toBe(true)
  })

  it('removes it as soon as it can be', () => {
    const lane = laneOf()
    put(1, 0, 4)
    lane.segments.push(segment(1, 4))
    lane.append(runOf(upTo(4)), true)
    disk.fail('remove', 'EBUSY')
    drain(lane)
    expect(files()).toEqual(['00000001.seg'])
    disk.heal()
    lane.append(runOf([4]), true)
    drain(lane)
    expect(files()).toEqual([])
  })

  it('tells once of a frame that is damaged in the segment that is being written, however often it is read', () => {
    const lane = laneOf({ maxQueueBytes: 1 })
    lane.append(runOf([0]), true)
    put(1, 1, 5, 9)
    const bytes = disk.files(FOLDER)['00000001.seg']!
    bytes[bytes.length - frame(5, 9).length - 5]! ^= 1
    lane.segments.push(segment(1))
    lane.append(runOf(upTo(9, 1)), true)
    expect(drain(lane)).toEqual([0, ...upTo(9, 5)])
    put(1, 1, 5, 9, 10, 12)
    disk.files(FOLDER)['00000001.seg']![bytes.length - frame(5, 9).length - 5]! ^= 1
    lane.append(runOf([9]), true)
    lane.append(runOf(upTo(12, 10)), true)
    expect(drain(lane)).toEqual(upTo(12, 9))
    expect([damage, lost]).toEqual([['corrupt'], [['journal_lost', 4]]])
  })

  it('gives what comes back before all else, in order, whichever batch comes back first', () => {
    for (const order of [
      [0, 1, 2],
      [0, 2, 1],
      [1, 0, 2],
      [1, 2, 0],
      [2, 0, 1],
      [2, 1, 0],
    ]) {
      const lane = laneOf()
      for (let id = 0; id < 10; id++) lane.append(runOf([id]), true)
      const batches = [3, 2, 2].map((count) => lane.take(count, 1e6)!)
      for (const i of order) lane.release(batches[i]!)
      expect([lane.ready, lane.waiting]).toEqual([10, 10])
      expect(drain(lane, 4)).toEqual(upTo(10))
    }
  })

  it('keeps its order also where a batch that comes back lies on both sides of another', () => {
    const lane = laneOf()
    lane.append(runOf(upTo(10)), true)
    const [a, b] = [lane.take(3, 1e6)!, lane.take(3, 1e6)!]
    lane.release(a)
    const around = lane.take(5, 1e6)!
    expect(idsOf(around.runs)).toEqual([0, 1, 2, 6, 7])
    lane.release(b)
    lane.release(around)
    expect(drain(lane, 4)).toEqual(upTo(10))
  })

  it('knows the records of parts of a batch', () => {
    const lane = laneOf()
    lane.append(runOf(upTo(9)), true)
    const [first, second] = lane.split(lane.take(7, 1e6)!)
    expect([idsOf(first!.runs), idsOf(second!.runs)]).toEqual([upTo(3), upTo(7, 3)])
    lane.ack(second!)
    expect(lane.delivered).toBe(0)
    lane.ack(first!)
    expect(lane.delivered).toBe(7)
    const [single] = lane.split(lane.take(1, 1e6)!)
    lane.release(single!)
    expect(drain(lane)).toEqual([7, 8])
  })

  it('loses what is on disk only and cannot be read back, by name, and goes on with the rest', () => {
    const lane = laneOf({ maxQueueBytes: 1 })
    lane.append(runOf([0]), true)
    put(1, 1, 5, 9)
    put(3, 13, 20)
    const bytes = disk.files(FOLDER)['00000001.seg']!
    // In the payload of the second frame.
    bytes[bytes.length - 5]! ^= 1
    disk.put(segmentPath(FOLDER, 2), Buffer.from('no segment at all'))
    for (const [number, first, end] of [
      [1, 1, 9],
      [2, 9, 13],
      [3, 13, 20],
    ] as const) {
      lane.segments.push(segment(number, end))
      lane.append(runOf(upTo(end, first)), true)
    }
    expect(drain(lane)).toEqual([0, ...upTo(5, 1), ...upTo(20, 13)])
    expect(lost).toEqual([
      ['journal_lost', 4],
      ['journal_lost', 4],
    ])
    expect([lane.waiting, isEmpty(lane)]).toEqual([0, true])
    // Of the second segment nothing is a frame; the damage is told once for each.
    expect(damage).toEqual(['corrupt', 'torn'])
  })

  it('loses the frame in the middle that is damaged, and gives those around it in their places', () => {
    const lane = laneOf({ maxQueueBytes: 1 })
    lane.append(runOf([0]), true)
    put(1, 1, 4, 8, 12)
    const bytes = disk.files(FOLDER)['00000001.seg']!
    bytes[bytes.length - frame(8, 12).length - 5]! ^= 1
    lane.segments.push(segment(1, 12))
    lane.append(runOf(upTo(12, 1)), true)
    expect(drain(lane, 2)).toEqual([...upTo(4), ...upTo(12, 8)])
    expect([lost, damage, lane.waiting, isEmpty(lane)]).toEqual([[['journal_lost', 4]], ['corrupt'], 0, true])
  })

  it('loses what the segment does not have that is being written', () => {
    const lane = laneOf({ maxQueueBytes: 1 })
    lane.append(runOf([0]), true)
    put(1, 1, 5)
    const path = segmentPath(FOLDER, 1)
    // Half a frame may be one that is not there yet.
    disk.put(path, Buffer.concat([disk.read(path, 0), frame(5, 8).subarray(0, 40)]))
    lane.segments.push(segment(1))
    lane.append(runOf(upTo(8, 1)), true)
    expect(drain(lane)).toEqual(upTo(5))
    expect([lost, lane.waiting, damage]).toEqual([[['journal_lost', 3]], 0, []])
  })

  it('has records wait in memory behind those on disk, while the disk takes nothing', () => {
    const lane = laneOf({ maxQueueBytes: 64 })
    put(1, 0, 4, 8)
    lane.segments.push(segment(1, 8))
    lane.append(runOf(upTo(4)), true)
    lane.append(runOf(upTo(8, 4)), true)
    for (let id = 8; id < 12; id++) expect(lane.append(runOf([id]), false)).toBe(true)
    expect(lane.append(runOf([12]), false)).toBe(false)
    expect([lane.ready, lane.readyBytes]).toEqual([12, 8 * 16])
    expect(lane.inMemory(8).map(({ first, run }) => [first, ...idsOf([run])])).toEqual([
      [8, 8],
      [9, 9],
      [10, 10],
      [11, 11],
    ])
    expect(drain(lane, 3)).toEqual(upTo(12))
  })

  it('drops the oldest of these when asked to, and none of those that are on disk', () => {
    const lane = laneOf({ maxQueueBytes: 64 })
    put(1, 0, 4, 8)
    lane.segments.push(segment(1, 8))
    lane.append(runOf(upTo(4)), true)
    lane.append(runOf(upTo(8, 4)), true)
    for (let id = 8; id < 12; id++) lane.append(runOf([id]), false)
    expect(lane.dropOldest(3)).toBe(3)
    expect([lane.ready, lane.waiting]).toEqual([9, 9])
    expect(lane.append(runOf([12]), false)).toBe(true)
    expect(drain(lane, 5)).toEqual([...upTo(8), 11, 12])
    expect(lost).toEqual([])
  })

  it('reads nothing back that it still has in memory, where a part of that is on disk already', () => {
    for (const dropped of [0, 1, 2, 3]) {
      const lane = laneOf({ maxQueueBytes: 64 })
      put(1, 0, 4, 8)
      lane.segments.push(segment(1, 8))
      lane.append(runOf(upTo(4)), true)
      lane.append(runOf(upTo(8, 4)), true)
      for (let id = 8; id < 12; id++) lane.append(runOf([id]), false)
      // A first try brought some of them back, in frames of its own.
      put(2, 8, 10, 11)
      lane.segments.push(segment(2, 11))
      expect(lane.dropOldest(dropped)).toBe(dropped)
      expect(drain(lane, 3)).toEqual([...upTo(8), ...upTo(12, 8 + dropped)])
      expect([lost, lane.waiting, lane.waitingBytes]).toEqual([[], 0, 0])
      expect(files()).toEqual([])
    }
  })

  it('reads back what was brought to disk, but for what was dropped in between', () => {
    const lane = laneOf({ maxQueueBytes: 64 })
    put(1, 0, 4, 8)
    lane.segments.push(segment(1, 8))
    lane.append(runOf(upTo(4)), true)
    lane.append(runOf(upTo(8, 4)), true)
    for (let id = 8; id < 12; id++) lane.append(runOf([id]), false)
    put(2, 8, 10, 11)
    lane.segments.push(segment(2, 11))
    lane.dropOldest(1)
    put(3, 11, 12)
    lane.segments.push(segment(3, 12))
    lane.wasWritten()
    expect(drain(lane, 5)).toEqual([...upTo(8), 9, 10, 11])
    expect([lost, lane.waiting, files()]).toEqual([[], 0, []])
  })

  it('gives up with a segment also those of its records that are in memory, wherever', () => {
    const lane = laneOf({ maxQueueBytes: 64 })
    put(1, 0, 4, 8)
    lane.segments.push(segment(1, 8))
    lane.append(runOf(upTo(4)), true)
    lane.append(runOf(upTo(8, 4)), true)
    for (let id = 8; id < 12; id++) lane.append(runOf([id]), false)
    put(2, 8, 10)
    lane.segments.push(segment(2, 10))
    expect([lane.evict(), lane.evict()]).toEqual([8, 2])
    expect([lane.waiting, lane.waitingBytes]).toEqual([2, 32])
    expect(drain(lane)).toEqual([10, 11])
  })

  it('knows all that is in memory by number, in flight or not, with gaps where records have left', () => {
    const lane = laneOf()
    lane.append(runOf(upTo(6)), true)
    lane.append(runOf(upTo(12, 6)), false)
    const [a, b, c] = [2, 5, 2].map((count) => lane.take(count, 1e6)!)
    lane.release(c!)
    lane.ack(a!)
    const numbers = (from: number): unknown[] => lane.inMemory(from).map(({ first, run }) => [first, idsOf([run])])
    expect(numbers(6)).toEqual([
      [6, [6]],
      [7, [7, 8]],
      [9, [9, 10, 11]],
    ])
    lane.ack(b!)
    expect(numbers(0).flat()).toEqual([7, [7, 8], 9, [9, 10, 11]])
    expect(numbers(10)).toEqual([[10, [10, 11]]])
    expect(numbers(12)).toEqual([])
  })

  it('gives up its oldest segment with what waits of it, and leaves what is in flight', () => {
    const lane = laneOf()
    for (const number of [1, 2]) {
      put(number, number * 4 - 4, number * 4)
      lane.segments.push(segment(number, number * 4))
      lane.append(runOf(upTo(number * 4, number * 4 - 4)), true)
    }
    const batch = lane.take(3, 1e6)!
    expect(lane.hasBare).toBe(false)
    expect(lane.evict()).toBe(1)
    expect([lane.waiting, lane.ready, files(), lane.hasBare]).toEqual([7, 4, ['00000002.seg'], true])
    lane.release(batch)
    expect(lane.hasBare).toBe(true)
    expect(drain(lane, 2)).toEqual([0, 1, 2, 4, 5, 6, 7])
    expect([lane.hasBare, isEmpty(lane)]).toEqual([false, true])
  })

  it('gives up the right ones also where batches came back in another order', () => {
    const lane = laneOf()
    for (const number of [1, 2]) {
      put(number, number * 4 - 4, number * 4)
      lane.segments.push(segment(number, number * 4))
      lane.append(runOf(upTo(number * 4, number * 4 - 4)), true)
    }
    const [a, b] = [lane.take(4, 1e6)!, lane.take(2, 1e6)!]
    lane.release(a)
    lane.release(b)
    expect(lane.evict()).toBe(4)
    expect(drain(lane)).toEqual(upTo(8, 4))
  })

  it('gives up a segment that is on disk only, without reading it', () => {
    const lane = laneOf({ maxQueueBytes: 1 })
    lane.append(runOf([0]), true)
    for (const number of [1, 2]) {
      put(number, number * 4 - 3, number * 4 + 1)
      lane.segments.push(segment(number, number * 4 + 1))
      lane.append(runOf(upTo(number * 4 + 1, number * 4 - 3)), true)
    }
    disk.fail('read', 'EIO')
    const first = lane.take(1, 1e6)!
    expect(lane.evict()).toBe(4)
    disk.heal()
    lane.ack(first)
    expect(drain(lane)).toEqual(upTo(9, 5))
    expect(lost).toEqual([])
  })

  it('keeps what it should give up where the file cannot be removed', () => {
    const lane = laneOf()
    put(1, 0, 4)
    lane.segments.push(segment(1, 4))
    lane.append(runOf(upTo(4)), true)
    disk.fail('remove', 'EIO', { times: 1 })
    expect(() => lane.evict()).toThrow(failure('EIO', segmentPath(FOLDER, 1)))
    expect([lane.waiting, names(lane)]).toEqual([4, ['00000001.seg']])
    expect(drain(lane)).toEqual(upTo(4))
  })

  it('has nothing to give up where there is nothing', () => {
    expect(laneOf().evict()).toBe(0)
  })

  it('forgets what only it knows at the end, and says how many', () => {
    const lane = laneOf()
    put(1, 0, 4)
    lane.segments.push(segment(1, 4))
    lane.append(runOf(upTo(4)), true)
    lane.append(runOf(upTo(7, 4)), false)
    const batch = lane.take(3, 1e6)!
    lane.evict()
    lane.release(batch)
    expect(lane.forgetFrom(4)).toBe(6)
    expect(lane.waiting).toBe(0)
  })
})

describe('a lane of adopted records', () => {
  it('has looked at names and sizes only when it is opened', () => {
    put(1, 0, 4)
    put(2, 4, 8)
    disk.fail('read', 'EIO', { path: /seg/ })
    const lane = laneOf({ adopted: true })
    lane.open()
    expect([names(lane), lane.waiting, isEmpty(lane)]).toEqual([['00000001.seg', '00000002.seg'], 0, false])
  })

  it('gives all records in order, told of as each segment is read, and removes the files', () => {
    put(1, 0, 4, 6)
    put(2, 6, 9)
    const lane = laneOf({ adopted: true })
    lane.open()
    lane.prime()
    expect([found, lane.ready, headers, scopes]).toEqual([6, 6, 1, ['app']])
    expect(drain(lane, 4)).toEqual(upTo(9))
    expect([found, files(), isEmpty(lane), headers]).toEqual([9, [], true, 1])
  })

  it('goes on behind what was delivered, also within a frame, and removes what was delivered as a whole', () => {
    put(1, 0, 4)
    put(2, 4, 8, 10)
    for (const already of [0, 3, 4, 5, 8, 9, 10, 99]) {
      put(1, 0, 4)
      put(2, 4, 8, 10)
      disk.put(
        `${FOLDER}/cur`,
        Buffer.concat([Buffer.alloc(32), encodeCursor({ generation: 1, delivered: already }).bytes]),
      )
      found = 0
      const lane = laneOf({ adopted: true })
      lane.open()
      expect(drain(lane, 3)).toEqual(
        upTo(Math.max(10, already), Math.min(already, 10)).slice(0, Math.max(0, 10 - already)),
      )
      expect([found, files()]).toEqual([Math.max(0, 10 - already), []])
      lane.close()
    }
  })

  it('takes gaps in the numbers as they are: these records were delivered in memory, or counted by who lost them', () => {
    put(1, 0, 4)
    put(3, 7, 9)
    put(4, 8, 12)
    const lane = laneOf({ adopted: true })
    lane.open()
    expect(drain(lane, 5)).toEqual([...upTo(4), ...upTo(12, 7)])
    expect([found, lost]).toEqual([9, []])
  })

  it('F17: recovers all complete frames wherever a segment is cut', () => {
    const whole = Buffer.concat([header(0), frame(0, 2), frame(2, 5), frame(5, 6)])
    const ends = [header(0).length, frame(0, 2).length, frame(2, 5).length, frame(5, 6).length]
    for (let length = 0; length <= whole.length; length++) {
      disk.put(segmentPath(FOLDER, 1), whole.subarray(0, length))
      damage = []
      const lane = laneOf({ adopted: true })
      lane.open()
      const complete = [2, 5, 6].filter((_, i) => ends.slice(0, i + 2).reduce((a, b) => a + b) <= length)
      expect(drain(lane)).toEqual(upTo(complete.at(-1) ?? 0))
      expect(damage.length).toBeLessThanOrEqual(1)
      expect([isEmpty(lane), files()]).toEqual([true, []])
      lane.close()
      disk.remove(`${FOLDER}/cur`)
    }
  })

  it('F18: reads a segment whose header is damaged by that of another, before it or after it', () => {
    for (const damaged of [1, 2, 3]) {
      for (const at of [0, 3, 10, 15, 25, 33, 40, 50]) {
        for (const number of [1, 2, 3]) put(number, number * 4 - 4, number * 4)
        disk.files(FOLDER)[`0000000${damaged}.seg`]![at]! ^= 0xff
        damage = []
        headers = 0
        const lane = laneOf({ adopted: true })
        lane.open()
        expect(drain(lane)).toEqual(upTo(12))
        expect([damage, headers, files()]).toEqual([['corrupt'], 1, []])
        lane.close()
        disk.remove(`${FOLDER}/cur`)
      }
    }
  })

  it('F18: has nothing to give where no header is good, and each segment is told of once', () => {
    for (const number of [1, 2]) {
      put(number, number * 4 - 4, number * 4)
      disk.files(FOLDER)[`0000000${number}.seg`]![30]! ^= 1
    }
    const lane = laneOf({ adopted: true })
    lane.open()
    expect(drain(lane)).toEqual([])
    expect([damage, headers, found]).toEqual([['corrupt', 'corrupt'], 0, 0])
  })

  it('looks for a good header once, however many segments there are', () => {
    let reads = 0
    disk.onOperation = (operation) => {
      if (operation === 'read') reads++
    }
    for (const number of upTo(51, 1)) disk.put(segmentPath(FOLDER, number), Buffer.from('no segment at all'))
    const lane = laneOf({ adopted: true })
    lane.open()
    reads = 0
    expect(drain(lane)).toEqual([])
    expect(reads).toBe(100)
  })

  it('F18: takes nothing out of a segment of another version', () => {
    for (const number of [1, 2]) put(number, number * 4 - 4, number * 4)
    disk.files(FOLDER)['00000001.seg']![8] = 2
    const lane = laneOf({ adopted: true })
    lane.open()
    expect(drain(lane)).toEqual(upTo(8, 4))
    expect(damage).toEqual(['corrupt'])
  })

  it('passes over empty files', () => {
    disk.put(segmentPath(FOLDER, 1), Buffer.alloc(0))
    put(2, 0, 3)
    disk.put(segmentPath(FOLDER, 3), Buffer.alloc(0))
    const lane = laneOf({ adopted: true })
    lane.open()
    expect(drain(lane)).toEqual(upTo(3))
    expect([damage, files(), isEmpty(lane)]).toEqual([[], [], true])
  })

  it('gives up a segment that nobody has read, and knows then what was in it', () => {
    put(1, 0, 4)
    put(2, 4, 9)
    const lane = laneOf({ adopted: true })
    lane.open()
    expect(lane.evict()).toBe(4)
    expect([found, files()]).toEqual([4, ['00000002.seg']])
    expect(drain(lane)).toEqual(upTo(9, 4))
    expect(found).toBe(9)
  })

  it('gives up no segment that nobody has read and that cannot be read for now', () => {
    put(1, 0, 5)
    put(2, 5, 9)
    const lane = laneOf({ adopted: true })
    lane.open()
    disk.fail('read', 'EMFILE', { times: 1 })
    expect(() => lane.evict()).toThrow('cannot be read')
    expect([lane.waiting, files()]).toEqual([0, ['00000001.seg', '00000002.seg']])
    expect(drain(lane)).toEqual(upTo(9))
  })

  it('notes how far it is, so that the next one who adopts it goes on there', () => {
    put(1, 0, 4, 8)
    const lane = laneOf({ adopted: true })
    lane.open()
    lane.ack(lane.take(5, 1e6)!)
    lane.take(1, 1e6)
    lane.close()
    const heir = laneOf({ adopted: true })
    heir.open()
    expect(drain(heir)).toEqual(upTo(8, 5))
  })
})

describe('the memory that a lane reads files into', () => {
  function filled(segments: number): Lane {
    for (let i = 0; i < segments; i++) put(i + 1, 10 * i, 10 * (i + 1))
    const lane = laneOf({ adopted: true })
    lane.open()
    return lane
  }

  /** Takes the next file, and gives the memory that it lies in. */
  function takeFile(lane: Lane): { batch: Batch; memory: ArrayBufferLike } {
    const batch = lane.take(10, 1e6)!
    return { batch, memory: batch.runs[0]!.slab.buffer }
  }

  it('is that of a file whose requests are done with it', () => {
    const lane = filled(4)
    const [first, second] = [takeFile(lane), takeFile(lane)]
    expect(second.memory).not.toBe(first.memory)
    lane.ack(first.batch, true)
    const third = takeFile(lane)
    expect(third.memory).toBe(first.memory)
    expect(idsOf(third.batch.runs)).toEqual(upTo(30, 20))
    expect(idsOf(second.batch.runs)).toEqual(upTo(20, 10))
  })

  it('is not that of a file of which a request may still read, or a record waits', () => {
    const lane = filled(5)
    const doubtful = takeFile(lane)
    lane.ack(doubtful.batch)
    const parted = takeFile(lane)
    const [half, rest] = lane.split(parted.batch)
    lane.ack(half!, true)
    lane.ack(rest!, true)
    const partly = lane.take(6, 1e6)!
    lane.ack(partly, true)
    const memory = partly.runs[0]!.slab.buffer
    const others = lane.take(4, 1e6)!
    const following = takeFile(lane)
    expect(idsOf(others.runs)).toEqual(upTo(30, 26))
    expect([doubtful.memory, parted.memory, memory]).not.toContain(following.memory)
  })

  it.each([-7, 7])('is not that of a file that has become longer or shorter since it was looked at (%i)', (more) => {
    const lane = filled(3)
    for (const each of lane.segments) each.bytes += more
    const first = takeFile(lane)
    lane.ack(first.batch, true)
    const second = takeFile(lane)
    expect(second.memory).not.toBe(first.memory)
    expect(idsOf(second.batch.runs)).toEqual(upTo(20, 10))
  })

  it('is not that of a file that was cut while it was read', () => {
    const lane = filled(3)
    const whole = disk.read.bind(disk)
    // As the system's disk does it.
    disk.read = (path, offset, into) => whole(path, offset, into).subarray(0, path.endsWith('1.seg') ? -1 : undefined)
    put(1, 0, 5, 10)
    lane.segments[0]!.bytes = disk.stat(lane.segments[0]!.path).bytes
    const first = lane.take(5, 1e6)!
    lane.ack(first, true)
    const second = takeFile(lane)
    expect(damage).toEqual(['torn'])
    expect(second.memory).not.toBe(first.runs[0]!.slab.buffer)
  })
})

describe('frames of a file', () => {
  const countsOf = (lane: Lane): number[] => lane.take(100, 1e6)!.runs.map(({ count }) => count)

  it('that follow each other are sent in one piece, as if they had been one', () => {
    put(1, ...upTo(31))
    const lane = laneOf({ adopted: true })
    lane.open()
    const batch = lane.take(100, 1e6)!
    expect(batch.runs).toHaveLength(1)
    expect(idsOf(batch.runs)).toEqual(upTo(30))
  })

  it('are pieces of their own where numbers or scopes differ, or something is damaged before', () => {
    const whole = [header(0), frame(0, 2), frame(2, 4), frame(5, 6), frame(6, 8)]
    const payload = recordOf(8, undefined, 1)
    whole.push(encodeScopeFrame(1, SCOPES[1]!), Buffer.concat([recordsFrameHeader(8, 1, 1, payload), payload]))
    const damaged = frame(9, 10)
    damaged[damaged.length - 1]! ^= 1
    disk.put(segmentPath(FOLDER, 1), Buffer.concat([...whole, damaged, frame(10, 11), frame(11, 12)]))
    const lane = laneOf({ adopted: true })
    lane.open()
    expect(countsOf(lane)).toEqual([4, 3, 1, 1, 1])
    expect(damage).toEqual(['corrupt'])
  })

  it('are joined also where some of them were delivered before', () => {
    put(1, ...upTo(21))
    disk.put(`${FOLDER}/cur`, Buffer.concat([Buffer.alloc(32), encodeCursor({ generation: 1, delivered: 7 }).bytes]))
    const lane = laneOf({ adopted: true })
    lane.open()
    const batch = lane.take(100, 1e6)!
    expect(idsOf(batch.runs)).toEqual(upTo(20, 7))
    expect(batch.runs).toHaveLength(1)
  })
})

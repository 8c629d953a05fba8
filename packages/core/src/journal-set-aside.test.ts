// What piled up while the endpoint failed, once it is back: it goes out in turn with the records that come, from the folder
// that it was written to, while they are written to a further one.

import { basename, join } from 'node:path'
import { DIRECTORY, JournalBench, KEY_FOLDER, settled } from '../test/journal-bench.ts'
import { idsOf } from '../test/journal-records.ts'

const SEGMENT_BYTES = 1000

function upTo(end: number, from = 0): number[] {
  return Array.from({ length: end - from }, (_, i) => from + i)
}

/** A request has failed, and the next one succeeds. */
function recover({ journal }: JournalBench, maxRecords = 1): number[] {
  journal.release(journal.take(maxRecords, 1e6)!)
  const batch = journal.take(maxRecords, 1e6)!
  journal.ack(batch)
  return idsOf(batch.runs)
}

/** After an outage in which so many records were written: all but the first have been set aside. */
function afterOutage(count: number, options: ConstructorParameters<typeof JournalBench>[0] = {}): JournalBench {
  const bench = new JournalBench({ segmentBytes: SEGMENT_BYTES, ...options })
  bench.write(count, 100)
  recover(bench)
  expect(bench.told.filter(({ what }) => what === 'setAside')).toEqual([{ what: 'setAside', count: count - 1 }])
  return bench
}

describe('what has piled up in more than a file while the endpoint failed', () => {
  it('F20: goes out in turn with the records that come, each in their order', () => {
    const bench = afterOutage(100)
    bench.write(50, 100)
    const batches: number[][] = []
    for (let batch = bench.take(10); batch !== undefined; batch = bench.take(10)) {
      batches.push(idsOf(batch.runs))
      bench.journal.ack(batch)
    }
    const isOld = (ids: number[]): boolean => ids.every((id) => id < 100)
    expect(batches.slice(0, 8).map(isOld)).toEqual([true, false, true, false, true, false, true, false])
    const sent = batches.flat()
    expect(sent.filter((id) => id < 100)).toEqual(upTo(100, 1))
    expect(sent.filter((id) => id >= 100)).toEqual(upTo(150, 100))
  })

  it('F20: does not hold back what was logged after the last request that failed: that goes first', () => {
    const bench = new JournalBench({ segmentBytes: SEGMENT_BYTES })
    bench.write(60, 100)
    bench.journal.release(bench.take(1))
    bench.write(3, 100)
    bench.deliver(1)
    expect(bench.told.at(-1)).toEqual({ what: 'setAside', count: 59 })
    bench.write(3, 100)
    expect([bench.deliver(1), bench.deliver(1), bench.deliver(1)]).toEqual([[60], [61], [62]])
    expect([bench.deliver(1), bench.deliver(1), bench.deliver(1)]).toEqual([[1], [63], [2]])
    expect(bench.deliverAll().toSorted((a, b) => a - b)).toEqual([...upTo(60, 3), 64, 65])
    expect(bench.journal.giveUp()).toBe(0)
    expect(bench.disk.list(KEY_FOLDER)).toEqual([])
  })

  it.each(['rename', 'syncFolder'] as const)('F15: goes out with what was logged last where %s fails', (operation) => {
    const bench = new JournalBench({ segmentBytes: SEGMENT_BYTES })
    bench.write(60, 100)
    bench.journal.release(bench.take(1))
    bench.write(3, 100)
    bench.disk.fail(operation, 'EIO')
    bench.deliver(1)
    expect(bench.told.at(-1)).toEqual({ what: 'setAside', count: operation === 'rename' ? 62 : 59 })
    bench.disk.heal()
    bench.write(2)
    expect(bench.deliverAll().toSorted((a, b) => a - b)).toEqual(upTo(65, 1))
    expect(bench.journal.giveUp()).toBe(0)
    expect(bench.disk.list(KEY_FOLDER)).toEqual([])
  })

  it('F23: survives a kill with what was logged last, which has moved to the further folder', async () => {
    const bench = new JournalBench({ segmentBytes: SEGMENT_BYTES })
    bench.write(60, 100)
    bench.journal.release(bench.take(1))
    bench.write(3, 100)
    bench.deliver(1)
    bench.write(3, 100)
    expect(Object.keys(bench.disk.files(bench.folder)).filter((file) => file.endsWith('.seg'))).toHaveLength(1)
    bench.kill()
    const heir = await bench.successor()
    expect(heir.deliverAll().toSorted((a, b) => a - b)).toEqual(upTo(66, 1))
  })

  it('waits as before, and is counted as neither adopted nor lost', () => {
    const bench = afterOutage(100)
    bench.write(7)
    expect([bench.journal.waiting, bench.journal.ready, bench.journal.isSafe]).toEqual([106, 106, true])
    expect([bench.count('adopted'), bench.count('evicted'), bench.count('lost')]).toEqual([0, 0, 0])
    bench.deliverAll()
    expect([bench.journal.waiting, bench.journal.waitingBytes]).toEqual([0, 0])
    expect([bench.count('adopted'), bench.count('evicted'), bench.count('lost')]).toEqual([0, 0, 0])
  })

  it('is sent as the records are that come: no other encoding, no other resource', () => {
    expect(afterOutage(100).take(5).aside).toEqual({})
  })

  it('holds no more memory than a file of it', () => {
    const bench = afterOutage(2000, { maxBytes: 1e7 })
    expect(bench.journal.waitingBytes).toBeLessThanOrEqual(SEGMENT_BYTES)
    expect(bench.journal.waiting).toBe(1999)
  })

  it('is read again, also where a part of it was in memory already', () => {
    const bench = new JournalBench({ segmentBytes: SEGMENT_BYTES, maxQueueBytes: 600, slabBytes: 128 })
    bench.write(60, 100)
    // Read back from disk, and not all of it sent.
    expect(bench.deliver(8).length + bench.deliver(8).length).toBeGreaterThan(5)
    const [first] = recover(bench)
    expect(bench.told.some(({ what }) => what === 'setAside')).toBe(true)
    expect(bench.deliverAll().toSorted((x, y) => x - y)).toEqual(upTo(60, first! + 1))
    expect(bench.count('evicted') + bench.count('lost')).toBe(0)
  })

  it('F23: survives a kill, and what came since does, too, each record once', async () => {
    const bench = afterOutage(100)
    bench.write(50, 100)
    const delivered = [...bench.deliver(10), ...bench.deliver(10), ...bench.deliver(10)]
    bench.kill()
    const heir = await bench.successor()
    const found = heir.deliverAll().toSorted((a, b) => a - b)
    expect(found).toEqual(upTo(150, 1).filter((id) => !delivered.includes(id)))
    expect(heir.journal.giveUp()).toBe(0)
    expect(heir.disk.list(KEY_FOLDER)).toEqual([])
  })

  it('is left to the next process at the end, which takes only what comes', async () => {
    const bench = afterOutage(100)
    bench.write(5)
    bench.journal.beginEnd()
    expect(bench.deliverAll()).toEqual(upTo(105, 100))
    expect(bench.journal.giveUp()).toBe(0)
    expect([bench.disk.openFiles, bench.clock.nextAt]).toEqual([[], undefined])
    expect((await bench.successor()).deliverAll()).toEqual(upTo(100, 1))
  })

  it('is set aside again after the next outage, behind what still is', () => {
    const bench = afterOutage(100)
    bench.write(60, 100)
    const before = [...bench.deliver(1), ...recover(bench)]
    expect(bench.told.filter(({ what }) => what === 'setAside')).toHaveLength(2)
    bench.write(3)
    const rest = bench.deliverAll()
    for (const [end, first] of [
      [100, 1],
      [160, 100],
      [163, 160],
    ] as const) {
      const due = upTo(end, first).filter((id) => !before.includes(id))
      expect(rest.filter((id) => id >= first && id < end)).toEqual(due)
    }
    expect(rest.indexOf(162)).toBeLessThan(rest.indexOf(99))
    expect(bench.journal.giveUp()).toBe(0)
    expect(bench.disk.list(KEY_FOLDER)).toEqual([])
  })

  it('F20: gives way first where the quota is used up, and is counted', () => {
    const bench = afterOutage(100, { maxBytes: 17_000 })
    bench.write(100, 100)
    const lost = bench.count('lost', 'journal_full')
    expect(lost).toBeGreaterThan(0)
    expect([bench.count('evicted'), bench.journal.waiting]).toEqual([0, 199 - lost])
    const rest = bench.deliverAll()
    expect(rest.filter((id) => id >= 100)).toEqual(upTo(200, 100))
    expect(rest).toHaveLength(199 - lost)
  })

  it('F16: is lost where somebody removes all folders, and counted; what comes is not', async () => {
    const bench = afterOutage(100)
    bench.write(10, 100)
    bench.disk.wipe(DIRECTORY)
    await bench.clock.advance(2000)
    bench.write(1, 100)
    const lost = bench.count('lost', 'journal_lost')
    expect(lost).toBeGreaterThan(80)
    expect(bench.journal.waiting).toBe(99 - lost + 11)
    // Of what was set aside, memory holds some, which is in no file any more.
    expect(bench.journal.giveUp()).toBe(99 - lost)
  })

  it('F19: is brought to the device as it would have been', async () => {
    const bench = afterOutage(25)
    await bench.clock.advance(2000)
    const files = Object.keys(bench.disk.files(join(KEY_FOLDER, bench.home))).filter((file) => file.endsWith('.seg'))
    expect(files.length).toBeGreaterThan(3)
    const synced = new Set(bench.disk.calls.flatMap(({ operation, path }) => (operation === 'sync' ? [path] : [])))
    expect([...synced].map((path) => basename(path))).toEqual(files)
    expect(bench.disk.openFiles.filter((path) => path.endsWith('.seg'))).toEqual([])
  })

  it.each(['interval', 'none'] as const)(
    'F19: has its further folder on the device before anything moves there: fsync %s',
    async (fsync) => {
      const bench = new JournalBench({ segmentBytes: SEGMENT_BYTES, fsync })
      bench.write(60, 100)
      bench.journal.release(bench.take(1))
      bench.write(1, 100)
      bench.disk.calls.length = 0
      bench.deliver(1)
      const calls = bench.disk.calls.map(({ operation, path }) => `${operation} ${path}`)
      const moved = calls.findIndex((call) => call.startsWith('rename'))
      expect(moved).toBeGreaterThan(0)
      const synced = calls.slice(0, moved).filter((call) => call.startsWith('syncFolder'))
      const folders = [join(KEY_FOLDER, bench.home), KEY_FOLDER, bench.folder]
      if (fsync === 'none') expect(synced).toEqual([])
      else expect(synced).toEqual(expect.arrayContaining(folders.map((folder) => `syncFolder ${folder}`)))
      // And then has what moved there by its new name.
      bench.disk.calls.length = 0
      await bench.clock.advance(2000)
      const named = bench.disk.calls.filter(
        ({ operation, path }) => operation === 'syncFolder' && path === bench.folder,
      )
      expect(named).toHaveLength(fsync === 'none' ? 0 : 1)
    },
  )

  it('costs no further sync where it is delivered in time', async () => {
    const bench = afterOutage(100)
    const before = bench.disk.count('sync')
    for (let i = 0; i < 10; i++) {
      bench.deliverAll()
      bench.write(20, 100)
      bench.deliverAll()
      await bench.clock.advance(2000)
    }
    expect(bench.disk.count('sync')).toBe(before)
  })
})

describe('nothing is set aside', () => {
  const untouched = (bench: JournalBench): void => {
    expect(bench.count('setAside')).toBe(0)
    expect(bench.names).toHaveLength(1)
  }

  it('where no request has failed, however much waits', () => {
    const bench = new JournalBench({ segmentBytes: SEGMENT_BYTES })
    bench.write(100, 100)
    bench.deliver(1)
    untouched(bench)
  })

  it('where one file holds all: then records keep their order', () => {
    const bench = new JournalBench({ segmentBytes: SEGMENT_BYTES })
    bench.write(5, 100)
    recover(bench)
    bench.write(20, 100)
    bench.deliver(1)
    untouched(bench)
    expect(bench.deliverAll()).toEqual(upTo(25, 2))
  })

  it('while some of it is in flight: then it is when that has arrived', () => {
    const bench = new JournalBench({ segmentBytes: SEGMENT_BYTES })
    bench.write(100, 100)
    const batches = [bench.take(5), bench.take(5), bench.take(5)]
    bench.journal.release(batches[0]!)
    bench.journal.ack(batches[1]!)
    untouched(bench)
    bench.journal.ack(batches[2]!)
    expect(bench.told.at(-1)).toEqual({ what: 'setAside', count: 90 })
    expect(bench.deliverAll()).toEqual([...upTo(5), ...upTo(100, 15)])
  })

  it('F15: while some of it is in memory only: then it is when that was written', async () => {
    const bench = new JournalBench({ segmentBytes: SEGMENT_BYTES })
    bench.write(50, 100)
    bench.disk.fail('append', 'ENOSPC')
    bench.disk.fail('create', 'ENOSPC')
    bench.write(10, 100)
    recover(bench)
    untouched(bench)
    bench.disk.heal()
    await bench.clock.advance(5000)
    bench.deliver(1)
    expect(bench.told.at(-1)).toEqual({ what: 'setAside', count: 48 })
    expect(bench.deliverAll()).toEqual([...upTo(60, 50), ...upTo(50, 2)])
  })

  it('F16: where the folder is gone: what memory has is written anew first', async () => {
    const bench = new JournalBench({ segmentBytes: SEGMENT_BYTES })
    bench.write(30, 100)
    bench.disk.wipe(bench.folder)
    recover(bench)
    untouched(bench)
    await bench.clock.advance(2000)
    bench.write(1, 100)
    bench.deliver(1)
    expect(bench.told.at(-1)).toEqual({ what: 'setAside', count: 28 })
    expect(bench.deliverAll()).toEqual([30, ...upTo(30, 2)])
  })

  it('F15: where no further folder can be made: then all goes on in its order', () => {
    const bench = new JournalBench({ segmentBytes: SEGMENT_BYTES })
    bench.write(50, 100)
    bench.disk.fail('makeFolder', 'EMFILE')
    recover(bench)
    bench.disk.heal()
    bench.write(50, 100)
    expect(bench.count('setAside')).toBe(0)
    expect(bench.deliverAll()).toEqual(upTo(100, 1))
    expect(bench.journal.giveUp()).toBe(0)
    expect(bench.disk.list(KEY_FOLDER)).toEqual([])
  })

  it('once the process ends', () => {
    const bench = new JournalBench({ segmentBytes: SEGMENT_BYTES })
    bench.write(50, 100)
    bench.journal.beginEnd()
    recover(bench)
    untouched(bench)
  })
})

describe('a process of which something was set aside', () => {
  it('F26: stays the owner of what it has adopted, also when its first folder is empty', async () => {
    const dead = new JournalBench()
    dead.write(200, 100)
    dead.kill()
    const bench = await dead.successor({ segmentBytes: SEGMENT_BYTES })
    expect(bench.count('adopted')).toBeGreaterThan(0)
    const { home } = bench
    bench.write(30, 100)
    const batches = [bench.take(1), bench.take(1)]
    for (const batch of batches) bench.journal.release(batch)
    for (let i = 0; i < 2; i++) bench.deliver(1)
    expect(bench.told.filter(({ what }) => what === 'setAside')).toHaveLength(1)
    const other = new JournalBench({ world: bench.world, disk: bench.disk })
    await settled()
    expect(other.journal.ready).toBe(0)
    expect(bench.disk.list(KEY_FOLDER)).toContain(`${home}.adopt`)
    expect(other.journal.giveUp()).toBe(0)
    expect(bench.deliverAll().length).toBe(228)
    expect(Object.keys(bench.disk.files(join(KEY_FOLDER, home)))).toContain('l')
    expect(bench.journal.giveUp()).toBe(0)
    expect(bench.disk.list(KEY_FOLDER)).toEqual([])
  })
})

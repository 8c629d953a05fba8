import { join } from 'node:path'
import { ManualClock } from '@otlp-logs/test-support'
import { DIRECTORY, JournalBench, KEY_FOLDER, settled, type BenchOptions } from '../test/journal-bench.ts'
import { failure, MemoryDisk } from '../test/journal-disk.ts'
import { idsOf } from '../test/journal-records.ts'

const upTo = (end: number, from = 0): number[] => Array.from({ length: end - from }, (_, i) => from + i)

/** What another process finds after this one was killed. */
async function foundAfterKill(bench: JournalBench): Promise<number[]> {
  bench.kill()
  return (await bench.successor({ clock: new ManualClock() })).deliverAll()
}

const segments = (bench: JournalBench): string[] =>
  Object.keys(bench.disk.files(bench.folder)).filter((name) => name.endsWith('.seg'))

describe('Journal', () => {
  it('gives records free by commit, in order, and counts those before it as waiting', () => {
    const bench = new JournalBench()
    for (let i = 0; i < 5; i++) bench.journal.append(bench.record())
    expect([bench.journal.waiting, bench.journal.waitingBytes, bench.journal.ready]).toEqual([5, 80, 0])
    expect(bench.journal.take(9, 1e6)).toBeUndefined()
    bench.journal.commit()
    expect([bench.journal.waiting, bench.journal.waitingBytes, bench.journal.ready]).toEqual([5, 80, 5])
    expect(bench.count('committed')).toBe(5)
    const batch = bench.take(3)
    expect([idsOf(batch.runs), bench.journal.waiting, bench.journal.ready]).toEqual([[0, 1, 2], 5, 2])
    bench.journal.ack(batch)
    expect(bench.deliverAll()).toEqual([3, 4])
    expect([bench.journal.waiting, bench.journal.waitingBytes]).toEqual([0, 0])
  })

  it('writes a record before it may be sent: a kill right after commit loses nothing', async () => {
    const bench = new JournalBench()
    bench.write(300, 100)
    expect(bench.journal.isSafe).toBe(true)
    expect(await foundAfterKill(bench)).toEqual(upTo(300))
  })

  it('writes the runs of a commit as they are, also those of several scopes', async () => {
    const bench = new JournalBench()
    for (const scopeId of [0, 0, 1, 2, 2, 0]) bench.journal.append(bench.record(40, scopeId))
    bench.journal.commit()
    expect(await foundAfterKill(bench)).toEqual(upTo(6))
  })

  it('sends after a kill what was not delivered, and what was in flight', async () => {
    const bench = new JournalBench()
    bench.write(20)
    bench.deliver(5)
    bench.take(3)
    expect(await foundAfterKill(bench)).toEqual(upTo(20, 5))
  })

  it('sends nothing again of the parts that were delivered', async () => {
    const bench = new JournalBench()
    bench.write(20)
    const [first] = bench.journal.split(bench.take(10))
    bench.journal.ack(first!)
    expect(await foundAfterKill(bench)).toEqual(upTo(20, 5))
  })

  it.each([
    ['interval', 1],
    ['batch', 1],
    ['none', 0],
  ] as const)('has at a flush brought to the device what waits: fsync %s', async (fsync, syncs) => {
    const bench = new JournalBench({ fsync })
    bench.write(3)
    await bench.journal.secure()
    expect(bench.disk.count('sync')).toBe(syncs)
  })

  it('leaves nothing behind when all is delivered', () => {
    const bench = new JournalBench()
    bench.write(300, 100)
    bench.deliverAll()
    expect(bench.journal.giveUp()).toBe(0)
    expect(bench.disk.files(DIRECTORY)).toEqual({})
    expect(bench.disk.list(KEY_FOLDER)).toEqual([])
    expect([bench.disk.openFiles, bench.clock.nextAt]).toEqual([[], undefined])
  })

  it('sends nothing again of a file that could not be removed, in the next process either', async () => {
    const bench = new JournalBench()
    bench.write(5)
    bench.disk.fail('remove', 'EBUSY', { path: /\.seg$/ })
    expect(bench.deliverAll()).toEqual(upTo(5))
    expect(bench.journal.giveUp()).toBe(0)
    expect(await foundAfterKill(bench)).toEqual([])
  })

  it('leaves to the next process what is not, loses none of it, and says so', async () => {
    const bench = new JournalBench()
    bench.write(30)
    bench.deliver(10)
    expect(bench.journal.giveUp()).toBe(0)
    expect([bench.disk.openFiles, bench.clock.nextAt]).toEqual([[], undefined])
    const heir = await bench.successor()
    expect(heir.deliverAll()).toEqual(upTo(30, 10))
  })

  it('writes what was appended and not committed before it ends', async () => {
    const bench = new JournalBench()
    bench.journal.append(bench.record())
    expect(bench.journal.giveUp()).toBe(0)
    expect((await bench.successor()).deliverAll()).toEqual([0])
  })

  it('brings what is left to the device when it ends', () => {
    const bench = new JournalBench()
    bench.write(3)
    bench.journal.giveUp()
    expect(bench.disk.count('syncNow')).toBe(1)
    expect(bench.disk.count('syncFolder')).toBeGreaterThan(0)
  })

  it('costs no sync while all is delivered in time, and leaves no file open', async () => {
    const bench = new JournalBench()
    for (let i = 0; i < 200; i++) {
      bench.write(5, 100)
      await bench.clock.advance(300)
      bench.deliverAll()
    }
    expect(bench.disk.count('sync') + bench.disk.count('syncNow') + bench.disk.count('syncFolder')).toBe(0)
    // The cursor, and the segment that is written.
    expect(bench.disk.openFiles.length).toBeLessThanOrEqual(3)
  })

  it('keeps in memory what it may, and the rest on disk only, in one order', () => {
    const bench = new JournalBench({ maxQueueBytes: 2048, slabBytes: 512 })
    bench.write(500, 100)
    expect([bench.journal.waiting, bench.journal.isSafe]).toEqual([500, true])
    expect(bench.journal.waitingBytes).toBeLessThanOrEqual(2048)
    expect(bench.deliverAll()).toEqual(upTo(500))
    expect(bench.told.filter(({ what }) => what !== 'committed')).toEqual([])
  })

  it('puts a copy of what is refused aside', () => {
    const bench = new JournalBench()
    bench.write(3)
    const batch = bench.take(2)
    bench.journal.reject(batch)
    bench.journal.ack(batch)
    expect(Object.keys(bench.disk.files(join(KEY_FOLDER, 'dead')))).toHaveLength(1)
    expect(bench.deliverAll()).toEqual([2])
  })

  it('tells what it holds of the disk', () => {
    const bench = new JournalBench()
    expect(bench.journal.held).toEqual({ bytes: 0, segments: 0, oldestUnixMillis: 0, unsafe: 0 })
    bench.write(100, 100)
    const files = bench.disk.files(bench.folder)
    const bytes = segments(bench).reduce((sum, name) => sum + files[name]!.length, 0)
    expect(bench.journal.held).toMatchObject({ bytes, segments: segments(bench).length })
    expect(Math.abs(Date.now() - bench.journal.held.oldestUnixMillis)).toBeLessThan(60_000)
    bench.deliverAll()
    expect(bench.journal.held.segments).toBeLessThanOrEqual(1)
  })
})

describe('a Journal whose quota is used up', () => {
  const SMALL: BenchOptions = { maxBytes: 20_000 }

  it('gives up its oldest segments, by name, and goes on', async () => {
    const bench = new JournalBench(SMALL)
    bench.write(1000, 100)
    const lost = bench.count('evicted', 'journal_full')
    expect(lost).toBeGreaterThan(700)
    expect(bench.disk.peakBytes).toBeLessThanOrEqual(20_000)
    expect([bench.journal.waiting, bench.journal.isSafe]).toEqual([1000 - lost, true])
    expect(await foundAfterKill(bench)).toEqual(upTo(1000, lost))
  })

  it('refuses what is new where that is what was asked for, and takes it again when there is room', async () => {
    const bench = new JournalBench({ ...SMALL, evict: 'newest' })
    bench.write(1000, 100)
    const lost = bench.count('lost', 'journal_full')
    expect(lost).toBeGreaterThan(700)
    expect([bench.journal.waiting, bench.count('evicted'), bench.count('trouble')]).toEqual([1000 - lost, 0, 0])
    expect(bench.deliverAll()).toEqual(upTo(1000 - lost))
    await bench.clock.advance(1000)
    bench.write(5)
    expect(bench.deliverAll()).toEqual(upTo(1005, 1000))
  })

  it('counts what was in flight when its segment was given up, where it is lost in the end', async () => {
    const bench = new JournalBench(SMALL)
    bench.write(5, 100)
    const batch = bench.take(5)
    bench.write(500, 100)
    // All of its own records of then are in flight: none of them is dropped.
    const evicted = bench.count('evicted', 'journal_full')
    expect(segments(bench)).not.toContain('00000001.seg')
    expect(bench.journal.held.unsafe).toBe(5)
    bench.journal.release(batch)
    expect([bench.journal.isSafe, bench.journal.held.unsafe]).toEqual([false, 5])
    expect(bench.journal.giveUp()).toBe(5)
    expect((await bench.successor()).deliverAll()).toHaveLength(500 - evicted)
  })

  it('is safe again when what was in flight then has arrived', () => {
    const bench = new JournalBench(SMALL)
    bench.write(5, 100)
    const batch = bench.take(5)
    bench.write(500, 100)
    bench.journal.ack(batch)
    expect([bench.journal.isSafe, bench.journal.held.unsafe]).toEqual([true, 0])
  })

  it('gives up nothing of its own where others use the disk up, and waits in memory', async () => {
    let told = -1
    const bench: JournalBench = new JournalBench({ ...SMALL, onHeld: () => (told = bench.journal.held.unsafe) })
    bench.write(50, 100)
    bench.disk.put(join(DIRECTORY, 'v1/fedcba9876543210/0000000000000099/00000001.seg'), Buffer.alloc(40_000))
    bench.write(50, 100)
    expect([bench.count('evicted'), bench.journal.waiting, bench.journal.isSafe]).toEqual([0, 100, false])
    expect([bench.count('trouble'), bench.journal.held.unsafe]).toEqual([1, 50])
    bench.disk.wipe(join(DIRECTORY, 'v1/fedcba9876543210'))
    await bench.clock.advance(5000)
    // And says so at once: another thread may look.
    expect([bench.journal.isSafe, bench.journal.held.unsafe, told]).toEqual([true, 0, 0])
    expect(await foundAfterKill(bench)).toEqual(upTo(100))
  })

  it.each(['oldest', 'newest'] as const)('loses nothing where others leave next to nothing (evict %s)', (evict) => {
    const bench = new JournalBench({ ...SMALL, evict })
    bench.disk.put(join(DIRECTORY, 'v1/fedcba9876543210/0000000000000099/00000001.seg'), Buffer.alloc(18_000))
    bench.write(100, 100)
    expect([bench.count('evicted'), bench.count('lost'), bench.journal.waiting]).toEqual([0, 0, 100])
    expect(bench.count('trouble')).toBe(1)
    expect(bench.deliverAll()).toEqual(upTo(100))
  })

  it.each(['oldest', 'newest'] as const)(
    'loses none of its first records to those that it has not adopted yet (evict %s)',
    async (evict) => {
      const first = new JournalBench({ ...SMALL, evict })
      first.write(1000, 100)
      first.kill()
      const heir = new JournalBench({ ...SMALL, evict, world: first.world, disk: first.disk.forNextProcess() })
      heir.write(10, 100)
      expect([heir.count('evicted'), heir.count('lost'), heir.journal.waiting]).toEqual([0, 0, 10])
      await settled()
      heir.deliver(10)
      await heir.clock.advance(5000)
      expect(heir.count('evicted')).toBe(0)
    },
  )

  it('keeps free what the file system is to keep', () => {
    const bench = new JournalBench({ minFreeBytes: 10_000 })
    bench.disk.capacityBytes = 40_000
    bench.write(1000, 100)
    expect(bench.disk.peakBytes).toBeLessThanOrEqual(30_000)
    expect(bench.count('trouble')).toBe(1)
  })

  it('F14: gives up nothing for want of space, which may be the fault of others, and waits in memory', async () => {
    const bench = new JournalBench({ minFreeBytes: 10_000 })
    bench.write(100, 100)
    bench.disk.capacityBytes = bench.disk.usedBytes + 10_000
    bench.write(100, 100)
    expect([bench.count('evicted'), bench.journal.waiting, bench.journal.isSafe]).toEqual([0, 200, false])
    bench.disk.heal()
    await bench.clock.advance(5000)
    expect(bench.journal.isSafe).toBe(true)
    expect(await foundAfterKill(bench)).toEqual(upTo(200))
  })

  it('F20: shares the quota with eight others that write at once, and no more than a file is over', () => {
    const first = new JournalBench(SMALL)
    const { world, disk } = first
    const benches = Array.from({ length: 8 }, () => {
      return new JournalBench({ ...SMALL, world, disk: disk.forNextProcess() })
    })
    // All have begun a file before any has filled one.
    for (let i = 0; i < 100; i++) {
      for (const bench of [first, ...benches]) bench.write(1, 100)
      expect(disk.usedBytes).toBeLessThanOrEqual(20_000 + 4096)
    }
  })

  it('goes on at once with the next dead process where all of one is given up', async () => {
    const first = new JournalBench()
    first.write(30, 100)
    const second = new JournalBench({ world: first.world, disk: first.disk })
    await settled()
    second.write(5, 100)
    first.kill()
    second.world.kill(second.names)
    const heir = await first.successor({ maxBytes: 12_000 })
    expect(heir.journal.ready).toBe(30)
    heir.write(65, 100)
    expect(heir.count('lost', 'journal_full')).toBe(30)
    expect([heir.count('adopted'), heir.journal.ready]).toEqual([35, 70])
    expect(Object.keys(heir.disk.files(KEY_FOLDER)).some((path) => path.includes(`.adopt/${first.name}`))).toBe(false)
  })

  it('gives up what it adopted before its own', async () => {
    const first = new JournalBench(SMALL)
    first.write(150, 100)
    first.kill()
    const heir = await first.successor(SMALL)
    heir.write(100, 100)
    expect(heir.count('lost', 'journal_full')).toBeGreaterThan(0)
    expect(heir.count('evicted')).toBe(0)
    const { journal } = heir
    expect(journal.waiting).toBe(100 + heir.count('adopted') - heir.count('lost', 'journal_full'))
  })

  it.each([
    ['as it is logged', (): void => {}],
    ['when the disk is well again', (bench: JournalBench): void => bench.disk.fail('append', 'EIO')],
  ])('keeps what its app logs about a loss, while that makes room for what is written %s', async (_when, begin) => {
    let logged = 0
    const bench: JournalBench = new JournalBench({
      ...SMALL,
      onTold: ({ what }) => {
        if (what !== 'evicted' || logged > 2) return
        logged++
        bench.write(1, 100)
      },
    })
    begin(bench)
    bench.write(200, 100)
    bench.disk.heal()
    await bench.clock.advance(5000)
    const all = 200 + logged
    const waiting = all - bench.count('evicted')
    expect(waiting).toBeLessThan(200)
    expect([bench.journal.waiting, bench.journal.ready, bench.journal.isSafe]).toEqual([waiting, waiting, true])
    expect(await foundAfterKill(bench)).toEqual(upTo(all, all - waiting))
  })

  it('drops nothing in vain where the disk does not let go of a file', async () => {
    const bench = new JournalBench(SMALL)
    bench.disk.fail('remove', 'EPERM')
    bench.write(250, 100)
    expect(bench.count('evicted')).toBe(0)
    expect([bench.journal.waiting, bench.journal.isSafe]).toEqual([250, false])
    bench.disk.heal()
    await bench.clock.advance(5000)
    expect(bench.journal.isSafe).toBe(true)
    const lost = bench.count('evicted', 'journal_full')
    expect(bench.deliverAll()).toEqual(upTo(250, lost))
  })
})

describe('a Journal whose disk fails', () => {
  it('F14: waits in memory while the disk is full, and writes all of it when there is space again', async () => {
    const bench = new JournalBench()
    bench.write(20, 100)
    bench.disk.capacityBytes = bench.disk.usedBytes + 50
    bench.write(20, 100)
    expect([bench.journal.waiting, bench.journal.isSafe, bench.count('trouble')]).toEqual([40, false, 1])
    bench.disk.heal()
    await bench.clock.advance(5000)
    expect(bench.journal.isSafe).toBe(true)
    bench.write(5, 100)
    expect(await foundAfterKill(bench)).toEqual(upTo(45))
  })

  it.each([
    ['interval', 1],
    ['none', 0],
  ] as const)(
    'F19: brings it to the device at once then, as it has waited long enough: fsync %s',
    async (fsync, syncs) => {
      const bench = new JournalBench({ fsync })
      bench.disk.capacityBytes = 0
      bench.write(10)
      await bench.clock.advance(4999)
      bench.disk.heal()
      await bench.clock.advance(1)
      expect([bench.journal.isSafe, bench.disk.count('sync')]).toEqual([true, syncs])
    },
  )

  it('writes also what is in flight then, with the number that it has', async () => {
    const bench = new JournalBench()
    bench.disk.fail('append', 'EIO')
    bench.write(20)
    const [a, b] = [bench.take(6), bench.take(4)]
    bench.journal.release(a)
    bench.deliver(3)
    bench.disk.heal()
    await bench.clock.advance(5000)
    expect(bench.journal.isSafe).toBe(true)
    bench.journal.release(b)
    expect(await foundAfterKill(bench)).toEqual(upTo(20, 3))
  })

  it('sends from memory meanwhile, and does not send it again after a kill', async () => {
    const bench = new JournalBench()
    bench.write(10)
    bench.disk.fail('append', 'EIO')
    bench.write(10)
    expect(bench.deliver(15)).toEqual(upTo(15))
    bench.disk.heal()
    await bench.clock.advance(5000)
    expect(await foundAfterKill(bench)).toEqual(upTo(20, 15))
  })

  it('has records wait in memory behind those on disk, and sends all in order', async () => {
    const bench = new JournalBench({ maxQueueBytes: 1024, slabBytes: 256 })
    bench.write(100)
    bench.disk.fail('append', 'EIO')
    bench.write(40)
    expect(bench.journal.waiting).toBe(140)
    expect(bench.deliver(30)).toEqual(upTo(30))
    bench.disk.heal()
    await bench.clock.advance(5000)
    bench.write(10)
    expect(bench.deliverAll()).toEqual(upTo(150, 30))
  })

  it.each(['drop-oldest', 'drop-newest'] as const)(
    'bounds what waits in memory, by %s, and gives up none that is on disk',
    async (overflow) => {
      const bench = new JournalBench({ maxQueueBytes: 1024, slabBytes: 256, overflow })
      bench.write(100)
      bench.disk.fail('append', 'EIO')
      bench.write(1000)
      const lost = bench.count(overflow === 'drop-oldest' ? 'evicted' : 'lost', 'queue_full')
      expect(lost).toBeGreaterThan(900)
      expect([bench.journal.waiting, bench.count('evicted') + bench.count('lost')]).toEqual([1100 - lost, lost])
      expect(bench.journal.waitingBytes).toBeLessThanOrEqual(2 * 1024)
      const kept = overflow === 'drop-oldest' ? upTo(1100, 100 + lost) : upTo(1100 - lost, 100)
      expect(bench.deliverAll()).toEqual([...upTo(100), ...kept])
    },
  )

  it('bounds what waits in memory also where nothing is on disk', () => {
    for (const overflow of ['drop-oldest', 'drop-newest'] as const) {
      const bench = new JournalBench({ maxQueueBytes: 1024, slabBytes: 256, overflow })
      bench.disk.fail('append', 'EIO')
      bench.write(1000)
      const lost = bench.count('evicted') + bench.count('lost')
      expect([bench.journal.waiting, bench.journal.waitingBytes <= 1024]).toEqual([1000 - lost, true])
      expect(bench.deliverAll()).toEqual(overflow === 'drop-oldest' ? upTo(1000, lost) : upTo(1000 - lost))
    }
  })

  it('sends all that waits in memory also where only a part of it can be brought to disk', async () => {
    // Larger than the quota, whose oldest must stay: it cannot be well before something is delivered.
    const bench = new JournalBench({ maxBytes: 20_000, evict: 'newest', maxQueueSize: 60 })
    bench.write(100, 100)
    bench.disk.fail('append', 'EIO', { times: 1 })
    bench.write(50, 300)
    await bench.clock.advance(60_000)
    expect([bench.journal.waiting, bench.journal.isSafe]).toEqual([150, false])
    expect(bench.deliverAll()).toEqual(upTo(150))
    await bench.clock.advance(5000)
    expect(bench.journal.isSafe).toBe(true)
    expect(bench.journal.giveUp()).toBe(0)
  })

  it('brings back what waits in memory at the cost of older records, never the other way round', async () => {
    const bench = new JournalBench({ maxBytes: 20_000 })
    bench.write(100, 100)
    bench.disk.fail('append', 'EIO', { times: 1 })
    bench.write(100, 300)
    await bench.clock.advance(5000)
    expect(bench.journal.isSafe).toBe(true)
    const lost = bench.count('evicted', 'journal_full')
    expect(lost).toBeGreaterThan(100)
    expect(bench.disk.peakBytes).toBeLessThanOrEqual(20_000)
    expect(await foundAfterKill(bench)).toEqual(upTo(200, lost))
  })

  it('writes each record once, however many tries it takes to bring them all back', async () => {
    const bench = new JournalBench({ slabBytes: 300 })
    let appends = 0
    bench.disk.onOperation = (operation) => {
      if (operation === 'append' && appends++ % 9 === 0) throw failure('EIO', DIRECTORY)
    }
    bench.write(100, 300)
    await bench.clock.advance(30_000)
    expect(bench.journal.isSafe).toBe(false)
    await bench.clock.advance(60_000)
    expect(bench.journal.isSafe).toBe(true)
    expect(bench.disk.usedBytes).toBeLessThan(100 * 400)
    expect(await foundAfterKill(bench)).toEqual(upTo(100))
  })

  it('says at the end how many are lost, which are those in memory only', async () => {
    const bench = new JournalBench()
    bench.write(10)
    bench.disk.fail('append', 'EIO')
    bench.write(7)
    bench.deliver(2)
    expect(bench.journal.giveUp()).toBe(7)
    expect(bench.clock.nextAt).toBeUndefined()
    expect((await bench.successor()).deliverAll()).toEqual(upTo(10, 2))
  })

  it('tries once more at the end, before it says so', async () => {
    const bench = new JournalBench()
    bench.disk.fail('append', 'EIO', { times: 1 })
    bench.write(7)
    expect(bench.journal.giveUp()).toBe(0)
    expect((await bench.successor()).deliverAll()).toEqual(upTo(7))
  })

  it('F16: waits in memory where its folder cannot be made, and writes when it can', async () => {
    const disk = new MemoryDisk()
    disk.fail('makeFolder', 'EACCES')
    const bench = new JournalBench({ disk })
    bench.write(5)
    expect([bench.journal.waiting, bench.journal.isSafe, bench.count('trouble')]).toEqual([5, false, 1])
    disk.heal()
    await bench.clock.advance(5000)
    expect(bench.journal.isSafe).toBe(true)
    expect(await foundAfterKill(bench)).toEqual(upTo(5))
  })

  it('F16: waits in memory where its directory is a file', () => {
    const disk = new MemoryDisk()
    disk.put(DIRECTORY, Buffer.from('not a folder'))
    const bench = new JournalBench({ disk })
    bench.write(5)
    expect([bench.journal.waiting, bench.journal.isSafe]).toEqual([5, false])
    expect(bench.deliverAll()).toEqual(upTo(5))
    expect(bench.journal.giveUp()).toBe(0)
    expect(disk.files(DIRECTORY)).toEqual({})
  })

  it('F16: sends all when its folder is removed while it runs, and writes to a new one', async () => {
    const bench = new JournalBench()
    bench.write(10, 100)
    bench.disk.wipe(DIRECTORY)
    bench.write(100, 100)
    await bench.clock.advance(5000)
    expect(bench.journal.isSafe).toBe(true)
    bench.deliver(20)
    expect(await foundAfterKill(bench)).toEqual(upTo(110, 20))
  })

  it('F16: says in its new folder what was delivered, where it had said so in the one that was removed', async () => {
    const bench = new JournalBench()
    bench.write(10, 100)
    bench.deliver(4)
    bench.disk.wipe(DIRECTORY)
    await bench.clock.advance(5000)
    bench.write(10, 100)
    bench.deliver(8)
    expect(await foundAfterKill(bench)).toEqual(upTo(20, 12))
  })

  it('F16: notices at a flush, and at the end, that its folder was removed', async () => {
    for (const notice of ['secure', 'giveUp'] as const) {
      const bench = new JournalBench()
      bench.write(10)
      bench.deliver(4)
      bench.disk.wipe(DIRECTORY)
      await bench.journal[notice]()
      expect(await foundAfterKill(bench)).toEqual(upTo(10, 4))
    }
  })

  it('F16: misses its folder a second after it was removed, while records come', async () => {
    const bench = new JournalBench()
    bench.write(10)
    bench.disk.wipe(DIRECTORY)
    bench.write(10)
    await bench.clock.advance(1000)
    bench.write(1)
    expect(await foundAfterKill(bench)).toEqual(upTo(21))
  })

  it('F16: counts what was on disk only when its folder is removed', async () => {
    const bench = new JournalBench({ maxQueueBytes: 1024, slabBytes: 256 })
    bench.write(200)
    bench.disk.wipe(DIRECTORY)
    await bench.journal.secure()
    const lost = bench.count('evicted', 'journal_lost')
    expect(lost).toBeGreaterThan(100)
    expect(bench.journal.waiting).toBe(200 - lost)
    expect(bench.deliverAll()).toEqual(upTo(200 - lost))
  })

  it('loses what cannot be read back, by name', () => {
    const bench = new JournalBench({ maxQueueBytes: 1024, slabBytes: 256 })
    bench.write(200)
    bench.disk.wipe(join(bench.folder, '00000001.seg'))
    const ids = bench.deliverAll()
    expect(bench.count('evicted', 'journal_lost')).toBe(200 - ids.length)
    expect(bench.journal.waiting).toBe(0)
  })

  it.each(['EMFILE', 'ENFILE', 'ENOMEM', 'EIO'])('keeps what cannot be read for now: %s', async (code) => {
    const bench = new JournalBench({ maxQueueBytes: 1024, slabBytes: 256 })
    bench.write(500, 100)
    const delivered = bench.deliver()
    bench.disk.fail('read', code)
    expect([bench.journal.take(9, 1e6), bench.journal.ready]).toEqual([undefined, 0])
    expect(bench.journal.waiting).toBe(500 - delivered.length)
    bench.disk.heal()
    await bench.clock.advance(5000)
    expect([bench.ready, bench.journal.ready]).toEqual([1, 500 - delivered.length])
    expect(bench.deliverAll()).toEqual(upTo(500, delivered.length))
    expect(bench.count('evicted')).toBe(0)
  })

  it('keeps what a dead process left and cannot be read for now', async () => {
    const first = new JournalBench()
    first.write(500, 100)
    first.kill()
    const disk = first.disk.forNextProcess()
    disk.fail('read', 'EMFILE', { path: /seg/ })
    const heir = new JournalBench({ world: first.world, disk })
    await settled()
    expect([heir.count('adopted'), heir.journal.ready]).toEqual([0, 0])
    disk.heal()
    await heir.clock.advance(5000)
    expect(heir.ready).toBe(1)
    expect(heir.deliverAll()).toEqual(upTo(500))
  })

  it('does not wait for ever for what cannot be read', async () => {
    const bench = new JournalBench({ maxQueueBytes: 1024, slabBytes: 256 })
    bench.write(500, 100)
    const delivered = bench.deliver()
    bench.disk.fail('read', 'EIO', { path: /0000000[1-3]\.seg/ })
    bench.journal.take(9, 1e6)
    const ids: number[] = []
    for (let i = 0; i < 200; i++) {
      await bench.clock.advance(5000)
      ids.push(...bench.deliverAll())
    }
    expect(ids.at(-1)).toBe(499)
    expect(bench.count('evicted', 'journal_lost')).toBe(500 - delivered.length - ids.length)
    expect(bench.journal.waiting).toBe(0)
  })

  it('F15: is not safe where a sync fails and what it was for cannot be written anew, until it can', async () => {
    const bench = new JournalBench()
    bench.write(5)
    bench.disk.fail('sync', 'EIO', { times: 1 })
    bench.disk.fail('create', 'ENOSPC')
    await bench.journal.secure()
    expect([bench.journal.isSafe, bench.count('trouble')]).toEqual([false, 1])
    bench.disk.heal()
    await bench.clock.advance(5000)
    expect(bench.journal.isSafe).toBe(true)
    expect(await foundAfterKill(bench)).toEqual(upTo(5))
  })

  it('F15: loses nothing when a sync fails', async () => {
    const bench = new JournalBench()
    bench.write(100, 100)
    bench.disk.fail('sync', 'EIO')
    await bench.clock.advance(1500)
    bench.disk.heal()
    bench.write(10, 100)
    expect([bench.journal.waiting, bench.journal.isSafe]).toEqual([110, true])
    expect(await foundAfterKill(bench)).toEqual(upTo(110))
  })

  it('does not mind a disk on which nothing at all works, from the start to the end', async () => {
    const disk = new MemoryDisk()
    for (const operation of [
      'makeFolder',
      'list',
      'distrust',
      'create',
      'open',
      'append',
      'read',
      'stat',
      'remove',
    ] as const) {
      disk.fail(operation, 'EIO')
    }
    const bench = new JournalBench({ disk })
    bench.write(10)
    await bench.clock.advance(120_000)
    const batch = bench.take(4)
    bench.journal.reject(batch)
    bench.journal.ack(batch)
    await bench.journal.secure()
    expect(bench.deliver(2)).toEqual([4, 5])
    expect(bench.journal.giveUp()).toBe(4)
    await settled()
    expect(disk.files('/')).toEqual({})
  })
})

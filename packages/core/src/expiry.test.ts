import { ManualClock } from '@otlp-logs/test-support'
import { JournalBench } from '../test/journal-bench.ts'
import { MemoryDisk } from '../test/journal-disk.ts'
import { Expiry } from './expiry.ts'
import type { Lane } from './lane.ts'
import type { Segment } from './segment-files.ts'

const HOUR = 3_600_000
const MINUTE = 60_000

let now: number
let disk: MemoryDisk
let clock: ManualClock

beforeEach(() => {
  now = 1_795_000_000_000
  jest.spyOn(Date, 'now').mockImplementation(() => now)
  disk = new MemoryDisk()
  disk.unixMillis = () => now
  clock = new ManualClock()
})

afterEach(() => {
  jest.restoreAllMocks()
})

/** Both the process's own time and the system's. */
async function pass(millis: number): Promise<void> {
  for (let left = millis; left > 0; left -= MINUTE) {
    now += Math.min(left, MINUTE)
    await clock.advance(Math.min(left, MINUTE))
  }
}

describe('Expiry', () => {
  let paths: string[]
  let evicted: string[]
  let expiry: Expiry
  let fails: boolean

  beforeEach(() => {
    paths = []
    evicted = []
    fails = false
    const segments = (): Segment[] =>
      paths.map((path) => ({ path, bytes: 1, createdUnixMillis: 0, end: undefined, offset: 0 }))
    const lane = {
      get segments() {
        return segments()
      },
    } as unknown as Lane
    expiry = new Expiry({
      disk,
      clock,
      maxAgeMillis: HOUR,
      lanes: () => [lane],
      evict: () => {
        if (fails) throw new Error('EIO')
        evicted.push(paths.shift()!)
      },
    })
  })

  afterEach(() => expiry.close())

  function put(name: string, bytes = 1): void {
    disk.put(`/${name}`, Buffer.alloc(bytes))
    paths.push(`/${name}`)
  }

  it('gives up what was found too old twice, ten minutes apart', async () => {
    put('a')
    await pass(HOUR + MINUTE)
    put('b')
    expect(evicted).toEqual([])
    await pass(10 * MINUTE)
    expect(evicted).toEqual([])
    await pass(10 * MINUTE)
    expect(evicted).toEqual(['/a'])
    await pass(30 * MINUTE)
    expect(evicted).toEqual(['/a'])
    await pass(30 * MINUTE)
    expect(evicted).toEqual(['/a', '/b'])
  })

  it('keeps everything while the system time jumps ahead and comes back', async () => {
    put('a')
    for (let i = 0; i < 20; i++) {
      now += 365 * 24 * HOUR
      await clock.advance(9 * MINUTE)
      now -= 365 * 24 * HOUR
      await clock.advance(11 * MINUTE)
    }
    expect(evicted).toEqual([])
  })

  it('keeps everything while the system time is in the past', async () => {
    put('a')
    now -= 365 * 24 * HOUR
    await pass(3 * HOUR)
    expect(evicted).toEqual([])
  })

  it('goes on behind a file that is empty', async () => {
    put('a', 0)
    put('b')
    await pass(HOUR + 30 * MINUTE)
    expect(evicted).toEqual(['/a', '/b'])
  })

  it('keeps what cannot be looked at, and what comes after it', async () => {
    put('a')
    put('b')
    disk.fail('stat', 'EIO', { path: /a/ })
    await pass(3 * HOUR)
    expect(evicted).toEqual([])
  })

  it('throws nothing where it cannot be given up, and tries again', async () => {
    put('a')
    fails = true
    await pass(2 * HOUR)
    expect(evicted).toEqual([])
    fails = false
    await pass(10 * MINUTE)
    expect(evicted).toEqual(['/a'])
  })

  it('ends with its owner', async () => {
    put('a')
    expiry.close()
    expect(clock.nextAt).toBeUndefined()
    await pass(5 * HOUR)
    expect(evicted).toEqual([])
  })
})

describe('a journal whose records are too old', () => {
  it('drops them as expired, by name, and keeps the younger ones', async () => {
    const bench = new JournalBench({ disk, clock, maxAgeMillis: HOUR })
    bench.write(200, 100)
    await pass(HOUR / 2)
    const before = bench.journal.waiting
    bench.write(100, 100)
    await pass(HOUR / 2 + 25 * MINUTE)
    const expired = bench.count('evicted', 'expired')
    expect(expired).toBeGreaterThan(150)
    expect(expired).toBeLessThanOrEqual(before)
    const left = bench.deliverAll()
    expect(left).toHaveLength(300 - expired)
    expect(left.at(-1)).toBe(299)
    expect(left[0]).toBe(expired)
  })

  it('drops also those of the segment that is being written, and writes what comes next to a new one', async () => {
    const bench = new JournalBench({ disk, clock, maxAgeMillis: HOUR })
    bench.write(3)
    await pass(HOUR + 25 * MINUTE)
    expect(bench.told.filter(({ what }) => what === 'evicted')).toEqual([
      { what: 'evicted', reason: 'expired', count: 3 },
    ])
    bench.write(2)
    expect(Object.keys(disk.files(bench.folder)).filter((name) => name.endsWith('.seg'))).toEqual(['00000002.seg'])
    bench.kill()
    const heir = await bench.successor({ clock: new ManualClock() })
    expect(heir.deliverAll()).toEqual([3, 4])
  })

  it('drops what dead processes left, too', async () => {
    const bench = new JournalBench({ disk, clock })
    bench.write(200, 100)
    bench.kill()
    now += 2 * HOUR
    clock = new ManualClock()
    const heir = await bench.successor({ clock, maxAgeMillis: HOUR })
    await pass(25 * MINUTE)
    expect([heir.count('lost', 'expired'), heir.count('adopted'), heir.journal.waiting]).toEqual([200, 200, 0])
    expect(heir.deliverAll()).toEqual([])
  })

  it('keeps the app alive where the disk does not let go of the file', async () => {
    const bench = new JournalBench({ disk, clock, maxAgeMillis: HOUR })
    bench.write(3)
    disk.fail('remove', 'EPERM')
    await pass(2 * HOUR)
    expect(bench.count('evicted')).toBe(0)
    expect(bench.deliverAll()).toEqual([0, 1, 2])
  })
})

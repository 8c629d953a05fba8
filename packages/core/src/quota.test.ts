import { MemoryDisk } from '../test/journal-disk.ts'
import { Quota, type QuotaOptions } from './quota.ts'

let disk: MemoryDisk
/** Folders whose names were asked for. */
let listed: string[]
const OWN = '/j/v1/k/own'

beforeEach(() => {
  disk = new MemoryDisk()
  disk.makeFolder('/j')
  listed = []
  disk.onOperation = (operation, path) => {
    if (operation === 'list') listed.push(path)
  }
})

function quota(options: Partial<QuotaOptions> = {}): Quota {
  return new Quota({
    directory: '/j',
    disk,
    maxBytes: 1000,
    minFreeBytes: 0,
    segmentBytes: 0,
    evict: 'newest',
    ownFolder: () => OWN,
    heldBytes: () => 0,
    evictOldest: () => {},
    ...options,
  })
}

function hasRoom(bytes: number, options: Partial<QuotaOptions> = {}): boolean {
  return quota(options).makeRoom(bytes) === 'room'
}

describe('the quota', () => {
  it('is all free in a folder that is new, or not there yet', () => {
    expect([hasRoom(1000), hasRoom(1001)]).toEqual([true, false])
    expect(hasRoom(1000, { directory: '/none' })).toBe(true)
  })

  it('counts all keys, processes, adopted folders and what was refused', () => {
    const paths = [
      'k1/i1/00000001.seg',
      'k1/i1/cur',
      'k1/i1.adopt/i2/00000001.seg',
      'k1/dead/1.seg',
      'k2/i3/00000001.seg',
    ]
    for (const path of paths) disk.put(`/j/v1/${path}`, Buffer.alloc(100))
    expect([hasRoom(500), hasRoom(501)]).toEqual([true, false])
  })

  it('counts only what is below v1', () => {
    disk.put('/j/else.bin', Buffer.alloc(5000))
    disk.put('/j/v0/k/i/00000001.seg', Buffer.alloc(5000))
    expect(hasRoom(1000)).toBe(true)
  })

  it('has room where the disk cannot be asked', () => {
    disk.put('/j/v1/k/i/00000001.seg', Buffer.alloc(900))
    for (const operation of ['list', 'stat'] as const) disk.fail(operation, 'EIO')
    expect(hasRoom(1000)).toBe(true)
  })

  it('sees at once what others have written and removed', () => {
    const one = quota()
    for (let i = 1; i <= 4; i++) disk.put(`/j/v1/k/i/0000000${i}.seg`, Buffer.alloc(200))
    expect([one.makeRoom(200), one.makeRoom(201)]).toEqual(['room', 'full'])
    disk.put('/j/v1/k/i/00000004.seg', Buffer.alloc(300))
    expect([one.makeRoom(100), one.makeRoom(101)]).toEqual(['room', 'full'])
    disk.put('/j/v1/k/other/00000001.seg', Buffer.alloc(100))
    expect(one.makeRoom(1)).toBe('full')
    disk.remove('/j/v1/k/i/00000001.seg')
    expect([one.makeRoom(200), one.makeRoom(201)]).toEqual(['room', 'full'])
  })

  it('looks into the own folder only where what was granted there may be too much', () => {
    const one = quota()
    disk.put(`${OWN}/00000001.seg`, Buffer.alloc(100))
    disk.put('/j/v1/k/other/00000001.seg', Buffer.alloc(100))
    expect(one.makeRoom(300)).toBe('room')
    listed = []
    expect(one.makeRoom(500)).toBe('room')
    expect(listed).toEqual(['/j/v1', '/j/v1/k', '/j/v1/k/other'])
    // Nothing of that was written, as it turns out.
    expect(one.makeRoom(400)).toBe('room')
    expect(listed).toContain(OWN)
    disk.put(`${OWN}/00000002.seg`, Buffer.alloc(400))
    expect([one.makeRoom(401), one.makeRoom(400)]).toEqual(['full', 'room'])
  })

  it('looks again where the own folder could not be looked at', () => {
    const one = quota()
    for (const name of ['00000001.seg', '00000002.seg']) disk.put(`${OWN}/${name}`, Buffer.alloc(400))
    disk.fail('stat', 'EMFILE', { path: /1\.seg/, times: 1 })
    expect([one.makeRoom(500), one.makeRoom(500)]).toEqual(['room', 'full'])
    disk.fail('list', 'EMFILE', { path: /own/, times: 1 })
    const other = quota()
    expect([other.makeRoom(500), other.makeRoom(500)]).toEqual(['room', 'full'])
  })

  it('goes with a process that writes in another folder from now on', () => {
    let folder = OWN
    const one = quota({ ownFolder: () => folder })
    disk.put(`${OWN}/00000001.seg`, Buffer.alloc(400))
    expect(one.makeRoom(100)).toBe('room')
    folder = '/j/v1/k/anew'
    disk.put(`${OWN}/00000002.seg`, Buffer.alloc(400))
    expect([one.makeRoom(201), one.makeRoom(200)]).toEqual(['full', 'room'])
  })
})

describe('the oldest', () => {
  /** As many segments of 100 bytes as given, which give way. */
  function giving(segments: number): { heldBytes(): number; evictOldest(): void; paths: string[] } {
    const paths = Array.from({ length: segments }, (_, i) => `${OWN}/0000000${i}.seg`)
    for (const path of paths) disk.put(path, Buffer.alloc(100))
    return { heldBytes: () => paths.length * 100, evictOldest: () => disk.remove(paths.shift()!), paths }
  }

  it('gives way, as much of it as it takes, where that is what was asked for', () => {
    const held = giving(9)
    expect(hasRoom(300, { evict: 'oldest', ...held })).toBe(true)
    expect(held.paths).toHaveLength(7)
  })

  it('stays where that is what was asked for', () => {
    const held = giving(9)
    expect(hasRoom(300, { evict: 'newest', ...held })).toBe(false)
    expect(held.paths).toHaveLength(9)
  })

  it('stays where it is others who use the disk up', () => {
    const held = giving(2)
    disk.put('/j/v1/k/other/00000001.seg', Buffer.alloc(1000))
    expect(() => hasRoom(100, { evict: 'oldest', ...held })).toThrow('its quota, maxBytes, is used up')
    expect(held.paths).toHaveLength(2)
  })

  it.each(['oldest', 'newest'] as const)(
    'stays, and nothing is refused, where others leave no segment (%s)',
    (evict) => {
      const held = giving(1)
      disk.put('/j/v1/k/other/00000001.seg', Buffer.alloc(850))
      expect(() => hasRoom(100, { evict, segmentBytes: 200, ...held })).toThrow('its quota, maxBytes, is used up')
      expect(held.paths).toHaveLength(1)
      expect(hasRoom(100, { evict, segmentBytes: 150, ...held })).toBe(evict === 'oldest')
    },
  )
})

describe('the file system', () => {
  const takes = (bytes: number, minFreeBytes: number) => (): boolean => hasRoom(bytes, { minFreeBytes })

  it('keeps free what it is to keep, whoever uses up the rest', () => {
    disk.capacityBytes = 600
    expect(takes(500, 100)()).toBe(true)
    for (const one of [takes(500, 101), takes(601, 0)]) expect(one).toThrow('the disk has less left than minFreeBytes')
    disk.put('/elsewhere', Buffer.alloc(300))
    expect(takes(200, 100)()).toBe(true)
    expect(takes(201, 100)).toThrow('the disk has less left than minFreeBytes')
  })

  it('has room where it cannot be asked', () => {
    disk.capacityBytes = 0
    disk.fail('freeBytes', 'EIO')
    expect(takes(1000, 1000)()).toBe(true)
  })
})

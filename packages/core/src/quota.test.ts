import { MemoryDisk } from '../test/journal-disk.ts'
import { hasSpace, missingBytes, type QuotaOptions } from './quota.ts'

let disk: MemoryDisk

beforeEach(() => {
  disk = new MemoryDisk()
  disk.makeFolder('/j')
})

function missing(bytes: number, options: Partial<QuotaOptions> = {}): number {
  return missingBytes(bytes, { directory: '/j', disk, maxBytes: 1000, ...options })
}

describe('the quota', () => {
  it('is all free in a folder that is new, or not there yet', () => {
    expect(missing(1000)).toBe(0)
    expect(missing(1001)).toBe(1)
    expect(missing(1000, { directory: '/none' })).toBe(0)
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
    expect(missing(500)).toBe(0)
    expect(missing(501)).toBe(1)
  })

  it('counts only what is below v1', () => {
    disk.put('/j/else.bin', Buffer.alloc(5000))
    disk.put('/j/v0/k/i/00000001.seg', Buffer.alloc(5000))
    expect(missing(1000)).toBe(0)
  })

  it('has room where the disk cannot be asked', () => {
    disk.put('/j/v1/k/i/00000001.seg', Buffer.alloc(900))
    for (const operation of ['list', 'stat'] as const) disk.fail(operation, 'EIO')
    expect(missing(1000)).toBe(0)
  })
})

describe('the file system', () => {
  const space = (bytes: number, minFreeBytes: number): boolean =>
    hasSpace(bytes, { directory: '/j', disk, minFreeBytes })

  it('keeps free what it is to keep, whoever uses up the rest', () => {
    disk.capacityBytes = 600
    expect([space(500, 100), space(500, 101), space(601, 0)]).toEqual([true, false, false])
    disk.put('/elsewhere', Buffer.alloc(300))
    expect([space(200, 100), space(201, 100)]).toEqual([true, false])
  })

  it('has room where it cannot be asked', () => {
    disk.capacityBytes = 0
    disk.fail('freeBytes', 'EIO')
    expect(space(1000, 1000)).toBe(true)
  })
})

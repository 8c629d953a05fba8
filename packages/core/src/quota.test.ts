import { MemoryDisk } from '../test/journal-disk.ts'
import { missingBytes, type QuotaOptions } from './quota.ts'

let disk: MemoryDisk

beforeEach(() => {
  disk = new MemoryDisk()
  disk.makeFolder('/j')
})

function missing(bytes: number, options: Partial<QuotaOptions> = {}): number {
  return missingBytes(bytes, { directory: '/j', disk, maxBytes: 1000, minFreeBytes: 0, ...options })
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

  it('keeps free what the file system is to keep', () => {
    disk.capacityBytes = 600
    expect(missing(500, { minFreeBytes: 100 })).toBe(0)
    expect(missing(500, { minFreeBytes: 101 })).toBe(1)
    disk.put('/elsewhere', Buffer.alloc(300))
    expect(missing(500, { minFreeBytes: 100 })).toBe(300)
  })

  it('misses as much as the tighter of both bounds', () => {
    disk.put('/j/v1/k/i/00000001.seg', Buffer.alloc(900))
    disk.capacityBytes = 1000
    expect(missing(200)).toBe(100)
    expect(missing(200, { minFreeBytes: 400 })).toBe(500)
    expect(missing(200, { maxBytes: 300, minFreeBytes: 400 })).toBe(800)
  })

  it('has room where the disk cannot be asked', () => {
    disk.put('/j/v1/k/i/00000001.seg', Buffer.alloc(900))
    for (const operation of ['list', 'stat', 'freeBytes'] as const) disk.fail(operation, 'EIO')
    expect(missing(1000)).toBe(0)
  })
})

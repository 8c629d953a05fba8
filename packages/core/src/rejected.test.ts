import { MemoryDisk } from '../test/journal-disk.ts'
import { idsOf, RESOURCE, runOf, SCOPES } from '../test/journal-records.ts'
import type { Batch } from './queue.ts'
import { keepRejected, type RejectedOptions } from './rejected.ts'
import { decodeSegmentHeader, readFrames } from './segment.ts'
import type { Run } from './slab.ts'

const FOLDER = '/j/v1/k/dead'
let disk: MemoryDisk

beforeEach(() => {
  disk = new MemoryDisk()
})

function batchOf(...runs: Run[]): Batch {
  return {
    runs,
    count: runs.reduce((sum, { count }) => sum + count, 0),
    bytes: runs.reduce((sum, { start, end }) => sum + end - start, 0),
  }
}

function keep(batch: Batch, options: Partial<RejectedOptions> = {}): void {
  keepRejected(batch, {
    folder: FOLDER,
    disk,
    maxBytes: 10_000,
    encoding: 'protobuf',
    resource: RESOURCE,
    scope: (scopeId) => SCOPES[scopeId]!,
    ...options,
  })
}

/** What the files hold, in the order of their names. */
function kept(): { ids: number[]; scopes: string[] }[] {
  const files = disk.files(FOLDER)
  return Object.keys(files)
    .toSorted()
    .map((name) => {
      const bytes = files[name]!
      const { header, end } = decodeSegmentHeader(bytes)!
      expect(header.resource).toEqual(RESOURCE)
      const found = [...readFrames(bytes, end)]
      expect(found.some(({ kind }) => kind === 'damage')).toBe(false)
      const runs = found.flatMap((each): Run[] => (each.kind === 'records' ? [{ ...each, slab: bytes }] : []))
      return { ids: idsOf(runs), scopes: found.flatMap((each) => (each.kind === 'scope' ? [each.scope.name] : [])) }
    })
}

const bytesKept = (): number => Object.values(disk.files(FOLDER)).reduce((sum, { length }) => sum + length, 0)

describe('what was refused', () => {
  it('is kept as a segment for each batch, with resource and scopes', () => {
    keep(batchOf(runOf([1, 2]), runOf([3], 40, 1), runOf([4])))
    keep(batchOf(runOf([5], 16, 2)))
    expect(kept()).toEqual([
      { ids: [1, 2, 3, 4], scopes: ['app', 'db'] },
      { ids: [5], scopes: ['höm'] },
    ])
    expect(disk.openFiles).toEqual([])
  })

  it('never uses more than its share, and gives up the oldest', () => {
    for (let id = 0; id < 50; id++) {
      keep(batchOf(runOf([id], 500)), { maxBytes: 3000 })
      expect(bytesKept()).toBeLessThanOrEqual(3000)
    }
    expect(kept().flatMap(({ ids }) => ids)).toEqual([46, 47, 48, 49])
  })

  it('is not kept where it alone is more than the share, and what was kept before stays', () => {
    keep(batchOf(runOf([1])), { maxBytes: 1000 })
    keep(batchOf(runOf([2], 1000)), { maxBytes: 1000 })
    expect(kept().map(({ ids }) => ids)).toEqual([[1]])
  })

  it('leaves files alone that it has not made', () => {
    disk.put(`${FOLDER}/0-note.txt`, Buffer.alloc(2000))
    for (let id = 0; id < 10; id++) keep(batchOf(runOf([id], 500)), { maxBytes: 3000 })
    expect(disk.files(FOLDER)['0-note.txt']).toHaveLength(2000)
  })

  it.each(['makeFolder', 'distrust', 'list', 'stat', 'create', 'append', 'close', 'remove'] as const)(
    'costs nothing but the copy where the disk refuses %s',
    (operation) => {
      for (let id = 0; id < 10; id++) keep(batchOf(runOf([id], 500)), { maxBytes: 3000 })
      disk.fail(operation, 'EIO')
      expect(() => keep(batchOf(runOf([10], 500)), { maxBytes: 3000 })).not.toThrow()
      disk.heal()
      if (operation !== 'close') expect(disk.openFiles).toEqual([])
      expect(bytesKept()).toBeLessThanOrEqual(3000)
    },
  )

  it('F22: is not kept in a folder that others could write to', () => {
    disk.distrust = () => 'others may write to it'
    keep(batchOf(runOf([1])))
    expect(disk.files(FOLDER)).toEqual({})
  })

  it('leaves no half of a copy on a full disk', () => {
    keep(batchOf(runOf([1], 500)))
    disk.capacityBytes = disk.usedBytes + 300
    keep(batchOf(runOf([2], 500)))
    expect(kept().map(({ ids }) => ids)).toEqual([[1]])
  })
})

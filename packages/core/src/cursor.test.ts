import { MemoryDisk } from '../test/journal-disk.ts'
import { Cursor, decodeCursor, encodeCursor } from './cursor.ts'

const PATH = '/j/cur'

function diskWithFolder(): MemoryDisk {
  const disk = new MemoryDisk()
  disk.makeFolder('/j')
  return disk
}

/** A file with both slots: 70 in the older, 71 in the newer. */
function bothSlots(): Buffer {
  const file = Buffer.alloc(64)
  for (const generation of [6, 7]) {
    const { bytes, offset } = encodeCursor({ generation, delivered: 64 + generation })
    bytes.copy(file, offset)
  }
  return file
}

describe("a cursor's slots", () => {
  it('come back as they were written', () => {
    for (const delivered of [0, 1, 2 ** 32, Number.MAX_SAFE_INTEGER]) {
      for (const generation of [1, 2, 2 ** 40]) {
        const { bytes, offset } = encodeCursor({ generation, delivered })
        const file = Buffer.alloc(64)
        bytes.copy(file, offset)
        expect(decodeCursor(file)).toEqual({ generation, delivered })
      }
    }
  })

  it('are written in turn', () => {
    const offsets = [1, 2, 3, 4].map((generation) => encodeCursor({ generation, delivered: 0 }).offset)
    expect(offsets).toEqual([32, 0, 32, 0])
  })

  it('give the newest', () => {
    expect(decodeCursor(bothSlots())).toEqual({ generation: 7, delivered: 71 })
  })

  it('give the older one while the newer is half written, at every byte', () => {
    const { bytes, offset } = encodeCursor({ generation: 8, delivered: 1000 })
    // The rest of a slot is zeros, as it was before.
    for (let written = 0; written < 20; written++) {
      const file = bothSlots()
      bytes.copy(file, offset, 0, written)
      expect(decodeCursor(file)!.delivered).toBe(71)
    }
  })

  it('give the other one when one is damaged, in any bit', () => {
    for (const [at, delivered] of [
      [0, 71],
      [32, 70],
    ] as const) {
      for (let byte = at; byte < at + 20; byte++) {
        for (let bit = 1; bit < 256; bit *= 2) {
          const file = bothSlots()
          file[byte]! ^= bit
          expect(decodeCursor(file)!.delivered).toBe(delivered)
        }
      }
    }
  })

  it('are none in a file that is empty, cut, all zeros or something else', () => {
    for (let length = 0; length < 20; length++) expect(decodeCursor(bothSlots().subarray(0, length))).toBeUndefined()
    expect(decodeCursor(Buffer.alloc(64))).toBeUndefined()
    expect(decodeCursor(Buffer.alloc(64, 0xff))).toBeUndefined()
    expect(
      decodeCursor(Buffer.from('not a cursor, but long enough to be taken for one by who only looks at sizes')),
    ).toBe(undefined)
  })
})

describe('Cursor', () => {
  it('is 0 where nothing was written', () => {
    expect(new Cursor(PATH, diskWithFolder()).read()).toBe(0)
  })

  it('goes on where another process left it', () => {
    const disk = diskWithFolder()
    const before = new Cursor(PATH, disk)
    for (const delivered of [3, 8]) before.write(delivered)
    before.close()
    const after = new Cursor(PATH, disk)
    expect(after.read()).toBe(8)
    after.write(9)
    // Neither slot was the newest one when it was overwritten.
    expect(decodeCursor(disk.files('/j')['cur']!)).toEqual({ generation: 3, delivered: 9 })
    expect(new Cursor(PATH, disk).read()).toBe(9)
  })

  it('goes forward only, and writes nothing when it stays', () => {
    const disk = diskWithFolder()
    const cursor = new Cursor(PATH, disk)
    cursor.write(5)
    const writes = disk.count('writeAt')
    for (const delivered of [5, 4, 0]) cursor.write(delivered)
    expect(disk.count('writeAt')).toBe(writes)
    expect(new Cursor(PATH, disk).read()).toBe(5)
  })

  it('costs no file until something was delivered, and never more than 64 bytes', () => {
    const disk = diskWithFolder()
    const cursor = new Cursor(PATH, disk)
    cursor.write(0)
    expect(disk.files('/j')).toEqual({})
    for (let delivered = 1; delivered < 100; delivered++) cursor.write(delivered)
    expect(disk.files('/j')['cur']).toHaveLength(64)
    expect(disk.openFiles).toHaveLength(1)
    cursor.close()
    expect(disk.openFiles).toEqual([])
  })

  it.each(['open', 'writeAt'] as const)(
    'lives with a disk that refuses %s, and is right again after it',
    (operation) => {
      const disk = diskWithFolder()
      const cursor = new Cursor(PATH, disk)
      cursor.write(1)
      cursor.close()
      disk.fail(operation, 'EIO')
      cursor.write(2)
      cursor.write(3)
      expect(new Cursor(PATH, disk).read()).toBe(1)
      disk.heal()
      cursor.write(4)
      expect(new Cursor(PATH, disk).read()).toBe(4)
    },
  )

  it('writes what it could not write before as soon as it is asked again, though nothing more was delivered', () => {
    const disk = diskWithFolder()
    const cursor = new Cursor(PATH, disk)
    disk.fail('writeAt', 'EIO', { times: 1 })
    cursor.write(7)
    cursor.write(7)
    expect(new Cursor(PATH, disk).read()).toBe(7)
  })

  it('is 0 where its file cannot be read, and unknown where it cannot for now', () => {
    const disk = diskWithFolder()
    disk.put(PATH, bothSlots())
    for (const code of ['EACCES', 'EIO', 'ELOOP']) {
      disk.heal()
      disk.fail('read', code)
      expect(new Cursor(PATH, disk).read()).toBe(0)
    }
    disk.heal()
    disk.fail('read', 'EMFILE')
    expect(() => new Cursor(PATH, disk).read()).toThrow('EMFILE')
  })

  it('does not mind being closed twice, or on a disk that fails', () => {
    const disk = diskWithFolder()
    const cursor = new Cursor(PATH, disk)
    cursor.close()
    cursor.write(1)
    disk.fail('close', 'EIO')
    cursor.close()
    cursor.close()
    expect(disk.count('close')).toBe(1)
  })
})

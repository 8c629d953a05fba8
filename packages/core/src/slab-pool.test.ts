import { SlabPool } from './slab-pool.ts'

describe('SlabPool', () => {
  it('writes a slab again when all of its records are back and nothing more comes, and not before', () => {
    const pool = new SlabPool(2)
    const loan = pool.take(64)
    const { buffer } = loan.slab
    loan.out = 3
    pool.giveBack(loan.slab, 2)
    expect(pool.take(64).slab.buffer).not.toBe(buffer)
    pool.giveBack(loan.slab, 1)
    expect(pool.take(64).slab.buffer).not.toBe(buffer)
    pool.close(loan)
    expect(pool.take(64).slab.buffer).toBe(buffer)
    expect(pool.take(64).slab.buffer).not.toBe(buffer)
  })

  it('waits for records that come back when nothing more comes', () => {
    const pool = new SlabPool(2)
    const loan = pool.take(64)
    loan.out = 1
    pool.close(loan)
    expect(pool.take(64).slab.buffer).not.toBe(loan.slab.buffer)
    pool.giveBack(loan.slab, 1)
    expect(pool.take(64).slab.buffer).toBe(loan.slab.buffer)
  })

  it('never writes a slab again of which more came back than was given out', () => {
    const pool = new SlabPool(2)
    const loan = pool.take(64)
    loan.out = 1
    pool.giveBack(loan.slab, 2)
    pool.close(loan)
    expect(pool.take(64).slab.buffer).not.toBe(loan.slab.buffer)
  })

  it('hears nothing of records from before the memory was written again', () => {
    const pool = new SlabPool(2)
    const first = pool.take(64)
    first.out = 1
    pool.close(first)
    pool.giveBack(first.slab, 1)
    const second = pool.take(64)
    second.out = 1
    pool.close(second)
    pool.giveBack(first.slab, 1)
    expect(second.slab.buffer).toBe(first.slab.buffer)
    expect(pool.take(64).slab.buffer).not.toBe(second.slab.buffer)
  })

  it('keeps so many slabs, and none that it is told to forget', () => {
    const pool = new SlabPool(2)
    const loans = [pool.take(64), pool.take(64), pool.take(64)]
    for (const loan of loans) pool.close(loan)
    const kept = new Set(loans.map(({ slab }) => slab.buffer))
    const taken = Array.from({ length: 3 }, () => pool.take(64))
    expect(taken.filter(({ slab }) => kept.has(slab.buffer))).toHaveLength(2)
    for (const loan of taken) pool.close(loan)
    pool.clear()
    expect(taken.map(({ slab }) => slab.buffer)).not.toContain(pool.take(64).slab.buffer)
  })

  it('gives the room that was asked for, whatever lies in it', () => {
    const pool = new SlabPool(2)
    const loan = pool.take(50, 128)
    expect(loan.slab).toHaveLength(50)
    pool.close(loan)
    expect(pool.take(129).slab.buffer).not.toBe(loan.slab.buffer)
    const next = pool.take(100)
    expect(next.slab).toHaveLength(100)
    expect(next.slab.buffer).toBe(loan.slab.buffer)
  })

  it('leaves slabs of others alone', () => {
    expect(() => new SlabPool(2).giveBack(Buffer.alloc(8), 1)).not.toThrow()
  })
})

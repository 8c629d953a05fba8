import * as fc from 'fast-check'
import { RECORD_TOO_LARGE, type Run, SlabWriter } from './slab.ts'

/** The smallest format there is: bytes as they are, in pieces. */
class Plain extends SlabWriter {
  write(bytes: Buffer): void {
    this.ensure(bytes.length)
    this.pos += bytes.copy(this.buf, this.pos)
  }

  end(scopeId = 0): Run {
    return this.give(scopeId)
  }
}

const contentOf = ({ slab, start, end }: Run): string => slab.toString('latin1', start, end)

function writeRecord(writer: Plain, text: string, pieceBytes = 7): Run {
  for (let at = 0; at < text.length; at += pieceBytes)
    writer.write(Buffer.from(text.slice(at, at + pieceBytes), 'latin1'))
  return writer.end()
}

/** What writing it throws; undefined when it is taken. RECORD_TOO_LARGE is no Error, which `toThrow` expects. */
function refusalOf(writer: Plain, text: string, pieceBytes?: number): unknown {
  try {
    writeRecord(writer, text, pieceBytes)
    return undefined
  } catch (error) {
    return error
  }
}

const SLAB_BYTES = 64
const MAX_RECORD_BYTES = 200

const step = fc.record({
  length: fc.integer({ min: 1, max: 300 }),
  pieceBytes: fc.integer({ min: 1, max: 80 }),
  fate: fc.constantFrom('kept' as const, 'kept' as const, 'rewound' as const, 'taken back' as const),
})

describe('SlabWriter', () => {
  it('gives out bytes that nothing written later changes', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const writer = new Plain(MAX_RECORD_BYTES, SLAB_BYTES)
        const kept: { run: Run; text: string }[] = []
        for (const [i, { length, pieceBytes, fate }] of steps.entries()) {
          const text = String.fromCharCode(33 + i).repeat(length)
          if (fate === 'rewound' && length < MAX_RECORD_BYTES) {
            writer.write(Buffer.from(text, 'latin1'))
            writer.rewind()
          } else if (length > MAX_RECORD_BYTES) {
            expect(refusalOf(writer, text, pieceBytes)).toBe(RECORD_TOO_LARGE)
            writer.rewind()
          } else {
            const run = writeRecord(writer, text, pieceBytes)
            expect(contentOf(run)).toBe(text)
            if (fate === 'kept') kept.push({ run, text })
            else writer.takeBack(run)
          }
          expect(writer.size).toBe(0)
        }
        for (const { run, text } of kept) expect(contentOf(run)).toBe(text)
      }),
    )
  })

  it('lays records end to end while they fit into a slab', () => {
    const writer = new Plain(MAX_RECORD_BYTES, SLAB_BYTES)
    const [first, second, third] = ['a'.repeat(30), 'b'.repeat(30), 'c'.repeat(30)].map((text) =>
      writeRecord(writer, text),
    )
    expect(second).toMatchObject({ slab: first!.slab, start: 30, end: 60 })
    expect(third!.slab).not.toBe(first!.slab)
    expect(third).toMatchObject({ start: 0, end: 30 })
  })

  it('gives a record that is larger than a slab one of exactly its size', () => {
    const writer = new Plain(MAX_RECORD_BYTES, SLAB_BYTES)
    const before = writeRecord(writer, 'a')
    const large = writeRecord(writer, 'b'.repeat(150))
    expect(large.slab).toHaveLength(150)
    expect(writeRecord(writer, 'c').slab).toHaveLength(SLAB_BYTES)
    expect(contentOf(before)).toBe('a')
  })

  it.each([
    ['at the end, when there was room in the slab', 1000, 1],
    ['while it is written, when there was none', 64, 50],
  ])('throws RECORD_TOO_LARGE %s, and keeps nothing', (_when, slabBytes, pieceBytes) => {
    const writer = new Plain(100, slabBytes)
    const before = writeRecord(writer, 'before')
    expect(refusalOf(writer, 'x'.repeat(300), pieceBytes)).toBe(RECORD_TOO_LARGE)
    writer.rewind()
    expect(contentOf(writeRecord(writer, 'after'))).toBe('after')
    expect(contentOf(before)).toBe('before')
  })

  it('takes records of just the largest size', () => {
    const writer = new Plain(100, 64)
    expect(contentOf(writeRecord(writer, 'x'.repeat(100)))).toHaveLength(100)
    expect(refusalOf(writer, 'x'.repeat(101))).toBe(RECORD_TOO_LARGE)
  })

  it('uses the room of a record taken back again', () => {
    const writer = new Plain(100, 64)
    const first = writeRecord(writer, 'first')
    writer.takeBack(writeRecord(writer, 'second'))
    const third = writeRecord(writer, 'third')
    expect(third).toMatchObject({ slab: first.slab, start: 5 })
    expect(contentOf(first)).toBe('first')
  })

  it('takes back only the last record, as others may lie behind', () => {
    const writer = new Plain(100, 64)
    const first = writeRecord(writer, 'first')
    const second = writeRecord(writer, 'second')
    writer.takeBack(first)
    writeRecord(writer, 'third')
    expect([contentOf(first), contentOf(second)]).toEqual(['first', 'second'])
  })

  it('writes a slab again when all of its records are back, and not while it still writes it', () => {
    const writer = new Plain(100, 64)
    const [first, second] = [writeRecord(writer, 'a'.repeat(30)), writeRecord(writer, 'b'.repeat(30))]
    writer.giveBack(first.slab, 1)
    writer.giveBack(second.slab, 1)
    const third = writeRecord(writer, 'cccc')
    const fourth = writeRecord(writer, 'dddd')
    expect(third).toMatchObject({ slab: first.slab, start: 60 })
    expect(fourth.slab.buffer).not.toBe(first.slab.buffer)
    writer.giveBack(third.slab, 1)
    writeRecord(writer, 'e'.repeat(60))
    expect(writeRecord(writer, 'ffff').slab.buffer).toBe(first.slab.buffer)
    expect(contentOf(fourth)).toBe('dddd')
  })

  it('writes no slab again of which a record is out that nobody has kept yet', () => {
    const writer = new Plain(100, 64)
    const [kept, late] = [writeRecord(writer, 'a'.repeat(30)), writeRecord(writer, 'b'.repeat(30))]
    // As when a record is logged by who hears of the loss of another, between its encoding and its place in the queue.
    for (let i = 0; i < 2; i++) writeRecord(writer, 'c'.repeat(60))
    writer.giveBack(kept.slab, 1)
    for (let i = 0; i < 4; i++) writeRecord(writer, 'd'.repeat(60))
    expect(contentOf(late)).toBe('b'.repeat(30))
  })

  it('keeps no memory of the app alive: no slab comes from the pool of Buffer', () => {
    const { slab } = writeRecord(new Plain(100, 64), 'x')
    expect(slab.buffer.byteLength).toBe(slab.length)
  })
})

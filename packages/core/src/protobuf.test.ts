import * as fc from 'fast-check'
import { ProtobufFormat, putVarint, varintSize } from './protobuf.ts'
import { RECORD_TOO_LARGE } from './slab.ts'

/** A varint, read by the book: seven bits a byte, lowest first. */
function readVarint(bytes: Uint8Array): { value: number; length: number } {
  let value = 0
  let length = 0
  for (let factor = 1; ; factor *= 128) {
    const byte = bytes[length++]!
    value += (byte & 0x7f) * factor
    if (byte < 0x80) return { value, length }
  }
}

describe('putVarint and varintSize', () => {
  it.each([0, 1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152, 268_435_455, 268_435_456, 2 ** 31, 2 ** 32 - 1])(
    'agree on %d',
    (value) => {
      const bytes = new Uint8Array(10).fill(0xee)
      const end = putVarint(bytes, 1, value)
      expect(readVarint(bytes.subarray(1))).toEqual({ value, length: end - 1 })
      expect(end - 1).toBe(varintSize(value))
      expect([bytes[0], bytes[end]]).toEqual([0xee, 0xee])
    },
  )

  it('agree on any length', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (value) => {
        const bytes = new Uint8Array(8)
        expect(readVarint(bytes)).toEqual({ value: 0, length: 1 })
        expect(putVarint(bytes, 0, value)).toBe(varintSize(value))
        expect(readVarint(bytes).value).toBe(value)
      }),
    )
  })
})

describe('ProtobufFormat', () => {
  function write(format: ProtobufFormat, body: string): string {
    format.times(undefined, 1n)
    format.severity(9, undefined)
    format.beginBody(body.length + 2)
    format.string(body)
    format.endBody()
    const { slab, start, end } = format.endRecord(0)
    return slab.toString('hex', start, end)
  }

  it('begins a record with its tag and its length', () => {
    expect(write(new ProtobufFormat(1000), 'hi')).toBe('121159010000000000000010092a040a026869')
  })

  it('writes the shortest length, whatever was reserved for it', () => {
    const record = Buffer.from(write(new ProtobufFormat(100_000), 'x'.repeat(300)), 'hex')
    const { value, length } = readVarint(record.subarray(1))
    expect(length).toBe(2)
    expect(value).toBe(record.length - 3)
  })

  it('needs no more room than a record has, where its slab ends or its bound is near', () => {
    const alone = write(new ProtobufFormat(2000), 'x'.repeat(1500))
    expect(write(new ProtobufFormat(alone.length / 2, 64), 'x'.repeat(1500))).toBe(alone)
    let thrown: unknown
    try {
      write(new ProtobufFormat(alone.length / 2 - 1, 64), 'x'.repeat(1500))
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBe(RECORD_TOO_LARGE)
  })

  it('is ready for the next record after one that was broken off', () => {
    const format = new ProtobufFormat(1000)
    const alone = write(format, 'alone')
    format.times(2n, 1n)
    format.beginBody(0)
    format.beginMap()
    format.beginEntry('a', 0)
    format.rewind()
    expect(write(format, 'alone')).toBe(alone)
  })
})

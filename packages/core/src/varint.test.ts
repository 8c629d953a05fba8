import * as fc from 'fast-check'
import { putVarint, varintSize } from './varint.ts'

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

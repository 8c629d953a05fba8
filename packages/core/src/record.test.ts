import * as fc from 'fast-check'
import { millisToUnixNano } from './record.ts'

describe('millisToUnixNano', () => {
  it('is exact for whole milliseconds, which a float64 of nanoseconds would not be', () => {
    expect(millisToUnixNano(1_795_239_200_469)).toBe(1_795_239_200_469_000_000n)
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 8.64e15 }), (millis) => {
        expect(millisToUnixNano(millis)).toBe(BigInt(millis) * 1_000_000n)
      }),
    )
  })

  it.each<[number, bigint]>([
    [0, 0n],
    [0.5, 500_000n],
    [1.000_001, 1_000_001n],
    [1_795_239_200_469.25, 1_795_239_200_469_250_000n],
    [-1, -1_000_000n],
  ])('keeps the fraction of %d', (millis, nanos) => {
    expect(millisToUnixNano(millis)).toBe(nanos)
  })

  it('remembers only the very same time', () => {
    const times = [5, 5, 6, 5, 5.5, 5]
    expect(times.map(millisToUnixNano)).toEqual([
      5_000_000n,
      5_000_000n,
      6_000_000n,
      5_000_000n,
      5_500_000n,
      5_000_000n,
    ])
  })
})

import * as fc from 'fast-check'
import { toUnixNano } from './unix-nano.ts'

const AT = 1_795_239_200_469_000_000n

describe('toUnixNano', () => {
  it.each<[string, unknown, bigint]>([
    ['milliseconds', 1_795_239_200_469, AT],
    ['milliseconds with a fraction', 1_795_239_200_469.25, AT + 250_000n],
    ['milliseconds as a bigint', 1_795_239_200_469n, AT],
    ['seconds', 1_795_239_200, 1_795_239_200_000_000_000n],
    ['seconds with a fraction', 1_795_239_200.5, 1_795_239_200_500_000_000n],
    ['microseconds', 1_795_239_200_469_000, AT],
    ['nanoseconds as a number, as exact as that is', 1_795_239_200_469_000_000, BigInt(1_795_239_200_469_000_000)],
    ['nanoseconds as a bigint', AT + 123n, AT + 123n],
    ['an ISO time', '2026-11-21T05:33:20.469Z', AT],
    ['an ISO time with nanoseconds', '2026-11-21T05:33:20.469000123Z', AT + 123n],
    ['an ISO time with more digits than nanoseconds', '2026-11-21T05:33:20.469000123999Z', AT + 123n],
    ['an ISO time without a fraction', '2026-11-21T05:33:20Z', 1_795_239_200_000_000_000n],
    ['an ISO time with an offset', '2026-11-21T07:33:20.469+02:00', AT],
    ['an ISO time with a short offset', '2026-11-21T07:33:20.469+0200', AT],
    ['an ISO time without a zone, as UTC', '2026-11-21T05:33:20.469', AT],
    ['an ISO time with a blank', '2026-11-21 05:33:20.469', AT],
    ['an ISO time with a comma', '2026-11-21 05:33:20,469', AT],
    ['an ISO date', '2026-11-21', 1_795_219_200_000_000_000n],
    ['digits of milliseconds', '1795239200469', AT],
    ['digits of nanoseconds', '1795239200469000123', AT + 123n],
    ['digits of seconds with a fraction', '1795239200.5', 1_795_239_200_500_000_000n],
    ['a date as HTTP writes it', 'Sat, 21 Nov 2026 05:33:20 GMT', 1_795_239_200_000_000_000n],
  ])('reads %s', (_kind, value, nanos) => {
    expect(toUnixNano(value)).toBe(nanos)
  })

  it.each<[unknown]>([
    ['12:30'],
    ['12:30 pm 1'],
    ['room 5'],
    ['5 ms'],
    ['yesterday'],
    [''],
    ['2026-13-45T99:99:99Z'],
    ['0001-01-01T00:00:00Z'],
    ['9999-12-31T23:59:59Z'],
    [0],
    [-1],
    [Number.NaN],
    [Number.POSITIVE_INFINITY],
    [1e30],
    [2n ** 63n],
    [-5n],
    [null],
    [undefined],
    [true],
    [{}],
    [[]],
    [new Date()],
    [Symbol('x')],
  ])('takes %p for no time', (value) => {
    expect(toUnixNano(value)).toBeUndefined()
  })

  it('is exact for whole milliseconds', () => {
    fc.assert(
      fc.property(fc.integer({ min: 100_000_000_000, max: 9_223_372_036_853 }), (millis) => {
        expect(toUnixNano(millis)).toBe(BigInt(millis) * 1_000_000n)
        expect(toUnixNano(new Date(millis).toISOString())).toBe(BigInt(millis) * 1_000_000n)
      }),
    )
  })

  it('never throws, and never leaves 1970 to 2262', () => {
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.double(), fc.string(), fc.bigInt()), (value) => {
        const nanos = toUnixNano(value)
        if (nanos !== undefined) expect(nanos > 0n && nanos < 2n ** 63n).toBe(true)
      }),
    )
  })
})

import * as fc from 'fast-check'
import { Backoff } from './backoff.ts'

const waits = (random: number, count: number, retryAfterMillis = 0): number[] => {
  const backoff = new Backoff(2048, () => random)
  return Array.from({ length: count }, () => backoff.failed(retryAfterMillis))
}

describe('Backoff', () => {
  it('grows from 1 s to 4 s and stays there; half of each wait is certain, half is chance', () => {
    expect(waits(0, 6)).toEqual([500, 1000, 2000, 2000, 2000, 2000])
    expect(waits(1, 6)).toEqual([1000, 2000, 4000, 4000, 4000, 4000])
  })

  it('waits as long as the server asks, and up to a fifth longer', () => {
    expect(waits(0, 2, 30_000)).toEqual([30_000, 30_000])
    expect(waits(1, 1, 30_000)).toEqual([36_000])
  })

  it('heeds no more than 300 s of what the server asks', () => {
    expect(waits(0, 1, 86_400_000)).toEqual([300_000])
  })

  it('is never shorter than without the request of the server', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 0.999, noNaN: true }), fc.nat(400_000), (random, retryAfterMillis) => {
        const [plain, asked] = [waits(random, 5), waits(random, 5, retryAfterMillis)]
        for (const [i, wait] of asked.entries()) {
          expect(wait).toBeGreaterThanOrEqual(plain[i]!)
          expect(wait).toBeGreaterThanOrEqual(Math.min(retryAfterMillis, 300_000))
        }
      }),
    )
  })

  it('starts again at 1 s after a success', () => {
    const backoff = new Backoff(2048, () => 1)
    backoff.failed(0)
    backoff.failed(0)
    backoff.succeeded()
    expect(backoff.failed(0)).toBe(1000)
  })

  it('asks with 64 records after a failure, doubles with each success, and keeps half a second between requests until then', () => {
    const backoff = new Backoff(300, () => 0)
    expect([backoff.window, backoff.isSteady]).toEqual([300, true])
    backoff.failed(0)
    backoff.failed(0)
    const windows = Array.from({ length: 5 }, () => [backoff.window, backoff.isSteady, backoff.succeeded()])
    expect(windows).toEqual([
      [64, false, 500],
      [128, false, 500],
      [256, false, 0],
      [300, true, 0],
      [300, true, 0],
    ])
  })

  it('asks with no more than the limit where that is lower', () => {
    const backoff = new Backoff(10, () => 0)
    backoff.failed(0)
    expect(backoff.window).toBe(10)
  })
})

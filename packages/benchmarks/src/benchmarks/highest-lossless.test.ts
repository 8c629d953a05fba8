import type { Stretch } from '../app/app-process.ts'
import { highestLossless, isLossless } from './highest-lossless.ts'

/** Two seconds at 1000 lines/s, all of it there in time. */
function stretch(more: Partial<Stretch> = {}): Stretch {
  return { lost: 0, count: 2000, startedAt: 0, endedAt: 2000, lastAt: 3000, ...more } as Stretch
}

describe('isLossless', () => {
  test.each<[string, boolean, Partial<Stretch>]>([
    ['all is there a second later', true, {}],
    ['one line is lost', false, { lost: 1 }],
    ['the rest takes too long: the queue grows', false, { lastAt: 4000 }],
    ['the app could not log that fast', false, { endedAt: 2500, lastAt: 3500 }],
  ])('%s: %p', (_, expected, more) => {
    expect(isLossless(stretch(more), 1000)).toBe(expected)
  })
})

describe('highestLossless', () => {
  const ladder = [1, 2, 4, 8, 16]

  test.each([
    [0.5, 0],
    [1, 1],
    [5, 4],
    [100, 16],
  ])('with a limit of %p it is %p', async (limit, expected) => {
    const tried: number[] = []
    const attempt = async (perSecond: number): Promise<Stretch> => {
      tried.push(perSecond)
      return stretch({ count: perSecond * 2, lost: perSecond > limit ? 1 : 0 })
    }
    expect(await highestLossless(ladder, attempt)).toBe(expected)
    expect(tried.length).toBeLessThanOrEqual(3)
  })
})

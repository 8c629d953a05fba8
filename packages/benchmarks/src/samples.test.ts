import { median, rounded, Samples, spread } from './samples.ts'

const SAMPLES = new Samples([
  { condition: 'slow', contender: 'a', round: 0, values: { cost: 2, count: 10 } },
  { condition: 'slow', contender: 'b', round: 0, values: { cost: 8 } },
  { condition: 'slow', contender: 'a', round: 1, values: { cost: 4, count: 10 } },
  { condition: 'slow', contender: 'b', round: 1, values: { cost: 12 } },
  { condition: 'slow', contender: 'b', round: 2, values: { cost: 1 } },
  { condition: 'fast', contender: 'a', round: 0, values: { cost: 1 } },
])

describe('Samples', () => {
  test('gives conditions and contenders in the order of their measurement', () => {
    expect(SAMPLES.conditions).toEqual(['slow', 'fast'])
    expect(SAMPLES.contenders('slow')).toEqual(['a', 'b'])
  })

  test('gives the median of the rounds, of a value or of what is computed', () => {
    expect(SAMPLES.median('slow', 'b', 'cost')).toBe(8)
    expect(SAMPLES.median('slow', 'a', ({ cost, count }) => cost! / count!)).toBeCloseTo(0.3)
  })

  test('compares only what was measured in the same round', () => {
    expect(SAMPLES.combined('slow', ['b', 'a'], 'cost', (b, a) => b / a)).toEqual([4, 3])
    expect(SAMPLES.combined('fast', ['b', 'a'], 'cost', (b, a) => b / a)).toEqual([])
  })
})

test.each([
  [[3, 1, 2], 2],
  [[4, 1], 2.5],
  [[], Number.NaN],
])('the median of %p is %p', (numbers, expected) => {
  expect(median(numbers)).toBe(expected)
})

test.each([
  [[1.234, 5.678, 3], '3 (1.23 to 5.68)'],
  [[7, 7], '7'],
  [[], ''],
])('the spread of %p reads %p', (numbers, expected) => {
  expect(spread(numbers)).toBe(expected)
})

test.each([
  [0, '0'],
  [0.0634, '0.063'],
  [12.345, '12.3'],
  [1234.5, '1235'],
  [1_234_567, '1 234 567'],
  [-12_345, '-12 345'],
  [Number.NaN, ''],
])('%p is written as %p', (value, expected) => {
  expect(rounded(value)).toBe(expected)
})

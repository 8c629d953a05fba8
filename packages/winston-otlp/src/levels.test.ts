import * as fc from 'fast-check'
import { severitiesOf } from './levels.ts'

const set = (...names: string[]): Record<string, number> => Object.fromEntries(names.map((name, i) => [name, i]))
const NPM = set('error', 'warn', 'info', 'http', 'verbose', 'debug', 'silly')
const SYSLOG = set('emerg', 'alert', 'crit', 'error', 'warning', 'notice', 'info', 'debug')
const CLI = set('error', 'warn', 'help', 'data', 'info', 'debug', 'prompt', 'verbose', 'input', 'silly')

const numbersOf = (levels: Record<string, number>, overrides: Record<string, number> = {}): Record<string, number> =>
  Object.fromEntries(severitiesOf(levels, overrides))

describe('severitiesOf', () => {
  it.each<[string, Record<string, number>, number[]]>([
    ['npm', NPM, [17, 13, 9, 7, 6, 5, 1]],
    ['syslog', SYSLOG, [21, 19, 18, 17, 13, 10, 9, 5]],
    ['cli', CLI, [17, 13, 11, 10, 9, 5, 4, 3, 2, 1]],
    ['a part of npm', set('error', 'info', 'silly'), [17, 9, 1]],
    ['one level, as of an unknown set', set('notice'), [10]],
  ])('knows %s', (_name, levels, numbers) => {
    expect(Object.values(numbersOf(levels))).toEqual(numbers)
  })

  it.each<[string, Record<string, number>, object]>([
    ['names in capitals', set('ERROR', 'Info'), { ERROR: 17, Info: 9 }],
    ['a custom level between known ones', set('error', 'audit', 'info'), { error: 17, audit: 13, info: 9 }],
    ['a custom level above all', set('doom', 'error', 'warn'), { doom: 21, error: 17, warn: 13 }],
    ['a custom level below all', set('error', 'info', 'dust'), { error: 17, info: 9, dust: 1 }],
    [
      'verbose above debug in a set that is not npm',
      set('fatal', 'info', 'verbose', 'debug'),
      { verbose: 7, debug: 5 },
    ],
    ['ranks with gaps and below zero', { error: -100, warn: 0, info: 500 }, { error: 17, warn: 13, info: 9 }],
    ['levels that share a rank', { error: 0, oops: 0, info: 1 }, { error: 17, oops: 17, info: 9 }],
    ['a set of which nothing is known', set('top', 'low'), { top: 0, low: 0 }],
    ['names that may mean anything, in an order of their own', set('silly', 'verbose'), { silly: 4, verbose: 3 }],
    ['unknown names among those', set('top', 'notice', 'low'), { top: 11, notice: 10, low: 9 }],
    ['an empty set', {}, {}],
  ])('places %s', (_what, levels, expected) => {
    expect(numbersOf(levels)).toMatchObject(expected)
  })

  it("a known name that breaks the set's order gives way", () => {
    const numbers = numbersOf(set('info', 'error', 'custom'))
    expect(numbers['info']).toBeGreaterThanOrEqual(numbers['error']!)
    expect(numbers['error']).toBeGreaterThanOrEqual(numbers['custom']!)
  })

  it('what the user says of a level holds, and moves no other of a known set', () => {
    expect(numbersOf(SYSLOG, { crit: 21 })).toEqual({ ...numbersOf(SYSLOG), crit: 21 })
    expect(numbersOf(set('top', 'low'), { top: 21 })['top']).toBe(21)
  })

  const names = fc.constantFrom(
    ...['error', 'warn', 'info', 'http', 'verbose', 'debug', 'silly', 'notice', 'success', 'emerg', 'alert', 'crit'],
    ...['warning', 'fatal', 'trace', 'help', 'data', 'prompt', 'input', 'audit', 'alpha', 'beta', 'gamma', 'delta'],
  )
  const sets = fc
    .uniqueArray(names, { minLength: 1, maxLength: 12 })
    .chain((all) =>
      fc
        .uniqueArray(fc.integer({ min: -50, max: 50 }), { minLength: all.length, maxLength: all.length })
        .map((ranks) => Object.fromEntries(all.map((name, i) => [name, ranks[i]!]))),
    )

  it('a more severe level never has a smaller number, whatever the set', () => {
    fc.assert(
      fc.property(sets, (levels) => {
        const numbers = numbersOf(levels)
        const order = Object.keys(levels).toSorted((a, b) => levels[a]! - levels[b]!)
        const inOrder = order.map((name) => numbers[name]!)
        expect(inOrder).toEqual(inOrder.toSorted((a, b) => b - a))
        for (const number of inOrder) expect(Number.isInteger(number) && number >= 0 && number <= 24).toBe(true)
      }),
      { numRuns: 2000 },
    )
  })
})

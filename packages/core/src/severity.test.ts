import * as fc from 'fast-check'
import { PINO_ANCHORS, type SeverityAnchor, severityOfName, severityOfNumber } from './severity.ts'

describe('severityOfName', () => {
  it.each<[string, number]>([
    ['trace', 1],
    ['silly', 1],
    ['verbose', 3],
    ['debug', 5],
    ['info', 9],
    ['informational', 9],
    ['notice', 10],
    ['warn', 13],
    ['warning', 13],
    ['err', 17],
    ['error', 17],
    ['crit', 18],
    ['critical', 18],
    ['alert', 19],
    ['emerg', 21],
    ['fatal', 21],
    ['WARN', 13],
    ['Fatal', 21],
    ['TRACE2', 2],
    ['debug4', 8],
    ['Info3', 11],
    ['FATAL4', 24],
  ])('knows %s as %d', (name, severity) => {
    expect(severityOfName(name)).toBe(severity)
  })

  it.each(['', 'audit', 'INFO1', 'INFO5', 'WARNING2', 'constructor', '__proto__', 'toString'])(
    'does not know %j',
    (name) => {
      expect(severityOfName(name)).toBeUndefined()
    },
  )
})

describe('severityOfNumber', () => {
  it.each<[number, number]>([
    [10, 1],
    [20, 5],
    [30, 9],
    [40, 13],
    [50, 17],
    [60, 21],
    [11, 2],
    [25, 7],
    [29, 8],
    [35, 11],
    [35.5, 11],
    [45, 15],
    [55, 19],
    [61, 22],
    [70, 24],
    [1000, 24],
    [5, 1],
    [0, 1],
    [-10, 1],
  ])("places %d among pino's levels as %d", (level, severity) => {
    expect(severityOfNumber(level, PINO_ANCHORS)).toBe(severity)
  })

  it('keeps the order of numbers, within 1 to 24', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -100, max: 200, noNaN: true }),
        fc.double({ min: -100, max: 200, noNaN: true }),
        (a, b) => {
          const [low, high] = a < b ? [a, b] : [b, a]
          const [mild, severe] = [severityOfNumber(low, PINO_ANCHORS), severityOfNumber(high, PINO_ANCHORS)]
          expect(mild).toBeLessThanOrEqual(severe)
          expect(mild).toBeGreaterThanOrEqual(1)
          expect(severe).toBeLessThanOrEqual(24)
          expect(Number.isInteger(mild)).toBe(true)
        },
      ),
    )
  })

  it('never takes a level between two anchors for either of them, where there is room', () => {
    for (let level = 11; level < 60; level++) {
      if (level % 10 === 0) continue
      const severity = severityOfNumber(level, PINO_ANCHORS)
      expect(PINO_ANCHORS.map(([, known]) => known)).not.toContain(severity)
    }
  })

  const downwards: SeverityAnchor[] = [
    [0, 21],
    [3, 17],
    [6, 9],
    [7, 5],
  ]

  it.each<[number, number]>([
    [0, 21],
    [1, 20],
    [2, 18],
    [4, 14],
    [7, 5],
    [8, 1],
    [100, 1],
    [-1, 23],
  ])('places %d among levels that count downwards as %d', (level, severity) => {
    expect(severityOfNumber(level, downwards)).toBe(severity)
  })
})

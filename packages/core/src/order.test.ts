import * as fc from 'fast-check'
import { oldestOf, Order, type Range, split } from './order.ts'

const numbersOf = (ranges: readonly Range[]): number[] =>
  ranges.flatMap(({ first, end }) => Array.from({ length: end - first }, (_, i) => first + i))

describe('Order', () => {
  it('numbers records as they come, and takes them in this order', () => {
    const order = new Order()
    order.append(undefined, 3)
    order.append(undefined, 2)
    expect(order.next).toBe(5)
    expect(order.take(4)).toEqual([{ first: 0, end: 4 }])
    expect(order.oldest).toBe(4)
    expect(order.take(9)).toEqual([{ first: 4, end: 5 }])
    expect(order.oldest).toBe(5)
  })

  it('gives what was put back before all else', () => {
    const order = new Order()
    order.append(undefined, 6)
    const taken = order.take(2)
    expect(order.oldest).toBe(2)
    order.putBack(taken)
    expect(order.oldest).toBe(0)
    expect(order.take(3)).toEqual([
      { first: 0, end: 2 },
      { first: 2, end: 3 },
    ])
  })

  it('leaves numbers out, but never goes back', () => {
    const order = new Order()
    order.append(undefined, 2)
    order.skipTo(10)
    order.skipTo(4)
    order.append(undefined, 1)
    expect(order.next).toBe(11)
    expect(numbersOf(order.take(3))).toEqual([0, 1, 10])
  })

  it('counts and cuts what waits between two numbers, and nothing else', () => {
    const order = new Order()
    order.append(undefined, 10)
    const inFlight = order.take(3)
    expect(order.countWithin(0, 5)).toBe(2)
    expect(order.cut(0, 5)).toBe(2)
    expect(order.cut(0, 5)).toBe(0)
    expect(order.cut(7, 8)).toBe(1)
    order.putBack(inFlight)
    expect(numbersOf(order.take(10))).toEqual([0, 1, 2, 5, 6, 8, 9])
  })

  it('does the same as a plain list, whatever happens to it', () => {
    const bound = fc.nat(40)
    const step = fc.oneof(
      fc.record({ do: fc.constant('append' as const), count: fc.integer({ min: 1, max: 9 }) }),
      fc.record({ do: fc.constant('take' as const), count: fc.nat(9) }),
      fc.record({ do: fc.constant('putBack' as const), which: fc.nat(3) }),
      fc.record({ do: fc.constant('cut' as const), first: bound, end: bound }),
      fc.record({ do: fc.constant('skipTo' as const), next: bound }),
    )
    const history = (steps: fc.Arbitrary<typeof step extends fc.Arbitrary<infer S> ? S : never>): void => {
      fc.assert(
        fc.property(fc.array(steps, { maxLength: 40, size: 'max' }), (all) => {
          const order = new Order()
          let next = 0
          let waiting: number[] = []
          const taken: Range[][] = []
          for (const each of all) {
            if (each.do === 'append') {
              order.append(undefined, each.count)
              for (let i = 0; i < each.count; i++) waiting.push(next++)
            } else if (each.do === 'take') {
              const ranges = order.take(each.count)
              expect(numbersOf(ranges)).toEqual(waiting.splice(0, each.count))
              if (ranges.length > 0) taken.push(ranges)
            } else if (each.do === 'putBack') {
              const [ranges] = taken.splice(each.which % (taken.length || 1), 1)
              order.putBack(ranges ?? [])
              waiting.unshift(...numbersOf(ranges ?? []))
            } else if (each.do === 'cut') {
              const isCut = (n: number): boolean => n >= each.first && n < each.end
              const count = waiting.filter(isCut).length
              expect(order.countWithin(each.first, each.end)).toBe(count)
              expect(order.cut(each.first, each.end)).toBe(count)
              waiting = waiting.filter((n) => !isCut(n))
            } else {
              order.skipTo(each.next)
              next = Math.max(next, each.next)
            }
            expect(order.next).toBe(next)
            expect(order.oldest).toBe(Math.min(next, ...waiting))
          }
          expect(numbersOf(order.take(Number.POSITIVE_INFINITY))).toEqual(waiting)
        }),
        { numRuns: 1000 },
      )
    }
    history(step)
  })
})

describe('ranges', () => {
  it('are split after a number of records', () => {
    const ranges = [
      { first: 5, end: 8 },
      { first: 0, end: 2 },
    ]
    for (let count = 0; count <= 7; count++) {
      const [taken, left] = split(ranges, count)
      expect(numbersOf(taken)).toEqual([5, 6, 7, 0, 1].slice(0, count))
      expect(numbersOf(left)).toEqual([5, 6, 7, 0, 1].slice(count))
    }
  })

  it('have an oldest record, or none', () => {
    expect(
      oldestOf([
        { first: 5, end: 8 },
        { first: 0, end: 2 },
      ]),
    ).toBe(0)
    expect(oldestOf([])).toBe(Number.POSITIVE_INFINITY)
  })
})

describe('an Order that is parted', () => {
  it('ends before the number, and another one goes on from there with what waits', () => {
    const order = new Order()
    order.append(0, 10)
    order.take(2)
    order.cut(7, 8)
    const rest = order.splitAt(6)
    expect([order.count, order.oldest, order.next]).toEqual([4, 2, 6])
    expect([rest.count, rest.oldest, rest.next]).toEqual([3, 6, 10])
    rest.append(undefined, 1)
    expect(numbersOf(rest.take(9))).toEqual([6, 8, 9, 10])
  })
})

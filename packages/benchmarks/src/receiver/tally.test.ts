import { Tally } from './tally.ts'

function tallyOf(...bodies: string[]): Tally {
  const tally = new Tally()
  for (const body of bodies) tally.add(Buffer.from(body))
  return tally
}

describe('Tally', () => {
  test('counts each number once, and what came once more apart', () => {
    const tally = tallyOf('order ~000000001 placed, order ~000000002 placed', 'order ~000000001 placed')
    expect(tally).toMatchObject({ distinct: 2, duplicates: 1 })
  })

  test('takes nothing for a number that is none', () => {
    const tally = tallyOf('~', '~12', '~00000000x', '~~000000003', 'a ~00000000', '0')
    expect(tally).toMatchObject({ distinct: 1, duplicates: 0 })
  })

  test('says how many of a stretch of numbers have come', () => {
    const tally = tallyOf('~000000004~000000006~000000007', '~005000000')
    expect([tally.within(4, 3), tally.within(0, 4), tally.within(7, 9_000_000)]).toEqual([2, 0, 2])
  })
})

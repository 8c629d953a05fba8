// A collector that answers "not now": for a minute, or to every other request; and which answers count as that.

import { figure } from '../../src/figures.ts'
import { Bench } from './bench.ts'

const OUTAGE_MILLIS = 60_000
const PROBE_RECORDS = 64
const UNAVAILABLE = { status: 503 }

/** Chance as the clock gives it: the shortest waits, the longest, and some of each. */
const CHANCES: [string, number | (() => number)][] = [
  ['shortest', 0],
  ['longest', 0.999_999],
  ['mixed', mixed()],
]

describe.each(CHANCES)('with the %s waits', (name, chance) => {
  test('F01: 503 for a minute loses and doubles nothing, asks with one small request at a time, and is over within 5 s', async () => {
    const bench = await Bench.start(UNAVAILABLE, { concurrency: 4 })
    bench.clock.chance = chance
    const openAtOnce: number[] = []
    bench.onAsked = () => {
      openAtOnce.push(bench.receiver!.openRequests)
      bench.emit(5)
    }
    bench.emit(100)
    await bench.pass(OUTAGE_MILLIS)
    expect(openAtOnce.length).toBeGreaterThan(10)
    expect(new Set(openAtOnce)).toEqual(new Set([1]))
    for (const { seqs } of bench.asked.slice(1)) expect(seqs.length).toBeLessThanOrEqual(PROBE_RECORDS)
    expect(Math.max(...bench.gaps)).toBeLessThanOrEqual(5000)
    expect(bench.said('HTTP 503')).toHaveLength(1)

    bench.answer({})
    bench.onAsked = () => {}
    const recovery = await bench.recover()
    expect(recovery.askedAfterMillis).toBeLessThanOrEqual(5000)
    expect(recovery.arrivedAfterMillis - recovery.askedAfterMillis).toBeLessThanOrEqual(5000)
    figure('F01', `503 for a minute, ${name} waits`, { ...recovery, records: bench.emitted })
    await bench.verdict()
  })

  test('F01: 503 to every other request loses and doubles nothing, and keeps the order', async () => {
    const bench = await Bench.start((_asked, index) => (index % 2 === 0 ? UNAVAILABLE : {}), { concurrency: 4 })
    bench.clock.chance = chance
    bench.emit(2000)
    await bench.drain()
    expect(bench.stats).toMatchObject({ sent: 2000, retries: bench.asked.length / 2 })
    expect(bench.receiver!.maxOpenRequests).toBe(1)
    bench.answer({})
    const recovery = await bench.recover()
    expect(recovery.arrivedAfterMillis).toBeLessThanOrEqual(5000)
    figure('F01', `every other request, ${name} waits`, { requests: bench.asked.length })
    await bench.verdict()
  })
})

test('F01: a backlog of 20 000 records is away soon after the outage, in requests that grow', async () => {
  const bench = await Bench.start(UNAVAILABLE)
  bench.emit(20_000)
  await bench.pass(OUTAGE_MILLIS)
  const before = bench.asked.length
  bench.answer({})
  const { askedAfterMillis, arrivedAfterMillis } = await bench.recover()
  const sizes = bench.asked.slice(before).map(({ seqs }) => seqs.length)
  expect(sizes.slice(0, 5)).toEqual([64, 128, 256, 512, 1024])
  expect(arrivedAfterMillis - askedAfterMillis).toBeLessThanOrEqual(5000)
  figure('F01', 'backlog of 20 000', { askedAfterMillis, arrivedAfterMillis, requests: sizes.length })
  await bench.drain()
  await bench.verdict()
})

test('D1: what may pass is tried again after waits that grow, half of each by chance, so that two runs differ', async () => {
  const waits: number[][] = []
  for (const chance of [0, 0.999_999]) {
    const bench = await Bench.start([UNAVAILABLE, UNAVAILABLE, UNAVAILABLE, UNAVAILABLE, {}])
    bench.clock.chance = chance
    bench.emit(10)
    await bench.drain()
    expect(bench.asked).toHaveLength(5)
    waits.push(bench.gaps.map(Math.round))
    await bench.verdict()
  }
  expect(waits).toEqual([
    [500, 1000, 2000, 2000],
    [1000, 2000, 4000, 4000],
  ])
})

test.each([429, 502, 503, 504])('D2: after HTTP %i the same records are sent again', async (status) => {
  const bench = await Bench.start([{ status }, { status }, {}])
  bench.emit(10)
  await bench.drain()
  const bodies = new Set(bench.asked.map(({ request }) => request.rawBody.toString('latin1')))
  expect([bench.asked.length, bodies.size]).toEqual([3, 1])
  expect(bench.stats).toMatchObject({ requests: 3, retries: 2 })
  await bench.verdict()
})

/** Numbers from 0 up to 1 that look like chance, and are the same in every run. */
function mixed(): () => number {
  let state = 1
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}

// The end of a pipeline whose collector does not answer: how long it waits is the app's to choose, down to not at all.

import { Bench } from './bench.ts'

const RECORDS = 10

test('D13: closing waits for answers that are late, and then has delivered everything', async () => {
  const bench = await Bench.start({ delayMillis: 100 })
  bench.emit(RECORDS)
  const ended = bench.pipeline.shutdown(5000)
  await bench.receiver!.waitForRecords(RECORDS)
  expect(await ended).toEqual({ complete: true, waiting: 0 })
  await bench.verdict()
})

test('D13: closing waits no longer than its time, and what has no answer by then is counted as lost', async () => {
  const bench = await Bench.start({ hang: true })
  bench.emit(RECORDS)
  let hasEnded = false
  const ended = bench.pipeline.shutdown(5000).then((result) => {
    hasEnded = true
    return result
  })
  await bench.receiver!.waitForRequests(1)
  await bench.clock.advance(4999)
  expect(hasEnded).toBe(false)
  await bench.clock.advance(1)
  expect(await ended).toMatchObject({ complete: false })
  await bench.receiver!.waitFor(({ openSockets }) => openSockets === 0)
  await bench.verdict({ lost: { shutdown: RECORDS } })
})

test('D13: with a time of 0, closing waits for no answer at all', async () => {
  const bench = await Bench.start({ hang: true })
  bench.emit(RECORDS)
  await bench.run(() => bench.asked.length === 1)
  const startedAt = bench.clock.millis
  expect(await bench.pipeline.shutdown(0)).toMatchObject({ complete: false })
  expect(bench.clock.millis).toBe(startedAt)
  await bench.verdict({ lost: { shutdown: RECORDS } })
})

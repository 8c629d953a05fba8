// Answers that are final: the records are lost under one name, the request is not made again, and the next one goes at once.

import { type Answer, startReceiver } from '@otlp-logs/test-support'
import { figure } from '../../src/figures.ts'
import { Bench, closing } from './bench.ts'

const BATCH = 10
const TOKEN = 'Bearer canary-4711'

test('F08: one request for a batch that holds a poisonous record: it is dropped as rejected, and the next goes at once', async () => {
  const bench = await Bench.start(({ seqs }) => (seqs.includes(13) ? { status: 400, body: 'invalid timestamp' } : {}), {
    maxExportBatchSize: BATCH,
  })
  for (let i = 0; i < 5; i++) bench.emit(BATCH)
  await bench.run(() => bench.asked.length === 1)
  const startedAt = bench.clock.millis
  await bench.drain()
  expect(bench.asked.map(({ seqs }) => seqs[0])).toEqual([0, 10, 20, 30, 40])
  expect(bench.clock.millis).toBe(startedAt)
  expect(bench.tally.missing(50)).toEqual([10, 11, 12, 13, 14, 15, 16, 17, 18, 19])
  expect(bench.said('HTTP 400')).toEqual([
    `10 log records dropped (rejected, 10 so far): ${bench.receiver!.url}: HTTP 400, server says "invalid timestamp"`,
  ])
  const { arrivedAfterMillis } = await bench.recover()
  expect(arrivedAfterMillis).toBeLessThanOrEqual(5000)
  await bench.verdict({ lost: { rejected: BATCH } })
})

test.each([400, 401, 403, 404, 405, 408, 410, 415, 422, 431, 451, 500, 501, 505, 511, 599])(
  'F10, D3: HTTP %i is final: one request, dropped as rejected, and the next batch goes at once',
  async (status) => {
    const bench = await Bench.start([{ status }, {}], { maxExportBatchSize: BATCH })
    bench.emit(2 * BATCH)
    await bench.run(() => bench.asked.length === 1)
    const startedAt = bench.clock.millis
    await bench.drain()
    expect(bench.clock.millis).toBe(startedAt)
    expect(bench.asked.map(({ seqs }) => seqs[0])).toEqual([0, BATCH])
    expect(bench.said(`HTTP ${status}`)).toHaveLength(1)
    const { arrivedAfterMillis } = await bench.recover()
    expect(arrivedAfterMillis).toBeLessThanOrEqual(5000)
    await bench.verdict({ lost: { rejected: BATCH } })
  },
)

test.each([301, 302, 303, 307, 308])(
  'F10: a redirect (%i) is not followed, and no header reaches the other host',
  async (status) => {
    const other = closing(await startReceiver())
    const answer: Answer = { status, headers: { location: other.url } }
    const bench = await Bench.start([answer, {}], { headers: { authorization: TOKEN }, maxExportBatchSize: BATCH })
    bench.emit(2 * BATCH)
    await bench.verdict({ lost: { rejected: BATCH } })
    expect([other.requests, other.sockets]).toEqual([[], 0])
    expect(bench.asked).toHaveLength(2)
    expect(bench.said(`HTTP ${status}`)).toEqual([expect.stringContaining('redirects are not followed: set `url`')])
    figure('F10', `redirect ${status}`, { requestsElsewhere: other.requests.length })
  },
)

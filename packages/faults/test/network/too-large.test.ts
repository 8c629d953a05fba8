// A server with a limit on requests: what is within it arrives, what is not is found with few requests, and dropped.

import type { Answer } from '@otlp-logs/test-support'
import { figure } from '../../src/figures.ts'
import { type Asked, Bench } from './bench.ts'

const KIB = 1024
const MIB = 1024 * KIB
const LIMIT_BYTES = MIB
/** Batches far above the limit, and records, too. */
const GREEDY = { maxExportBatchBytes: 8 * MIB, maxRecordBytes: 4 * MIB }

/** What a server with a limit answers: by the specification, and as the stock Collector does. */
const REFUSALS: [string, Answer][] = [
  ['413', { status: 413 }],
  ['413 without a body that could be read', { status: 413, bodyBytes: 5 * MIB }],
  ["the stock Collector's 400", { status: 400, body: 'http: request body too large' }],
  [
    "the stock Collector's 400 in JSON",
    {
      status: 400,
      body: '{"code":3,"message":"http: request body too large"}',
      headers: { 'content-type': 'application/json' },
    },
  ],
]

const limited =
  (refusal: Answer) =>
  ({ request }: Asked): Answer =>
    request.body.length > LIMIT_BYTES ? refusal : {}

test.each([
  [1, 1],
  [1000, 1],
  [1000, 3],
  [2000, 4],
])(
  'F07: of %i records those %i that are too large are dropped, and found with 2 log2(n) + 2 requests each',
  async (count, tooLarge) => {
    const bench = await Bench.start(limited({ status: 413 }), GREEDY)
    const every = Math.ceil(count / tooLarge)
    const large: number[] = []
    for (let i = 0; i < count; i++) {
      // Of all sizes, but no more than the limit together: what is too large is nothing but the large ones.
      if (i % every === every >> 1) large.push(bench.emit(1, 1.2 * MIB))
      else bench.emit(1, 20 + ((i * 37) % 500))
    }
    const startedAt = bench.clock.millis
    await bench.drain()
    // Nothing waits for anything but company.
    expect(bench.clock.millis - startedAt).toBeLessThanOrEqual(1000)
    expect(bench.tally.missing(count)).toEqual(large)
    const bound = tooLarge * (2 * Math.log2(count) + 2) + batchesOf(bench)
    expect(bench.asked.length).toBeLessThanOrEqual(bound)
    figure('F07', `${tooLarge} of ${count}`, { requests: bench.asked.length, bound: Math.round(bound) })
    expect(bench.stats).toMatchObject({ retries: 0 })
    await bench.verdict({ lost: { record_too_large: large.length } })
  },
)

test.each(REFUSALS)(
  'F07: batches above the limit, of records within it, arrive whole, where it is said with %s',
  async (_name, refusal) => {
    const bench = await Bench.start(limited(refusal), GREEDY)
    for (let i = 0; i < 25; i++) bench.emit(1, [100, 3000, 20_000, 300_000, 0.8 * MIB][i % 5]!)
    await bench.drain()
    const accepted = bench.asked.filter(({ request }) => request.accepted)
    expect(Math.max(...accepted.map(({ request }) => request.body.length))).toBeLessThanOrEqual(LIMIT_BYTES)
    // Halves of halves: fewer refusals than requests that arrive.
    expect(bench.asked.length).toBeLessThan(2 * accepted.length)
    figure('F07', 'only the batches too large', { requests: bench.asked.length, accepted: accepted.length })
    await bench.verdict()
  },
)

test.each(REFUSALS)(
  'F07: a record after one that is too large arrives at once, and the message says what to do, where it is said with %s',
  async (_name, refusal) => {
    const bench = await Bench.start(limited(refusal), GREEDY)
    bench.emit(1, 1.2 * MIB)
    const { arrivedAfterMillis } = await bench.recover()
    expect(arrivedAfterMillis).toBeLessThanOrEqual(1000)
    await bench.verdict({ lost: { record_too_large: 1 } })
    const [message] = bench.reports.filter(({ level }) => level === 'warn').map((report) => report.message)
    expect(message).toContain(`1 log record dropped (record_too_large, 1 so far): ${bench.receiver!.url}: HTTP 4`)
    expect(message).toContain('`maxRecordBytes`')
  },
)

test('F07: a record just within the limit arrives, also right after one that is too large', async () => {
  const sizes = [1.2 * MIB, 200 * KIB]
  const alone = await Bench.start({}, GREEDY)
  for (const size of sizes) {
    alone.emit(1, size)
    await alone.drain()
  }
  const limit = alone.asked[1]!.request.body.length
  const bench = await Bench.start(({ request }) => (request.body.length > limit ? { status: 413 } : {}), GREEDY)
  for (const size of sizes) bench.emit(1, size)
  // What else a request may carry, such as the notice about the first, must not cost the second.
  await bench.verdict({ lost: { record_too_large: 1 } })
})

test('F07: with the defaults, no request comes near the usual 4 MiB, whatever the records', async () => {
  const bench = await Bench.start()
  for (let i = 0; i < 2000; i++) bench.emit(1, 20 + ((i * 997) % 3000))
  for (let i = 0; i < 5; i++) {
    bench.emit(1, 3 * MIB)
    bench.emit(1, 0.8 * MIB)
    bench.emit(1, 600 * KIB)
    bench.emit(10, 100)
  }
  await bench.drain()
  const largest = Math.max(...bench.asked.map(({ request }) => request.body.length))
  expect(largest).toBeLessThanOrEqual(1.1 * MIB)
  figure('F07', 'defaults', { largestRequestBytes: largest })
  // Records beyond maxRecordBytes are cut, and so not what was logged.
  expect(bench.stats).toMatchObject({ sent: bench.emitted, truncated: 5, dropped: { total: 0 } })
  expect(bench.tally.count).toMatchObject({ delivered: bench.emitted - 5, mismatches: 5, duplicates: 0 })
})

/** Requests that begin a batch: each of them has records that no request had before. */
function batchesOf({ asked }: Bench): number {
  let seen = -1
  return asked.filter(({ seqs }) => {
    const last = Math.max(...seqs)
    if (last <= seen) return false
    seen = last
    return true
  }).length
}

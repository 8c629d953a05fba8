// Credentials that run out: `headers` as a function is asked for fresh ones when the server no longer takes them.

import type { Answer } from '@otlp-logs/test-support'
import type { OtlpOptions } from 'otlp-logs-core'
import { Bench } from './bench.ts'

const BATCH = 10

const tokens = (): { headers: NonNullable<OtlpOptions['headers']>; asked: () => number } => {
  let n = 0
  return { headers: () => Promise.resolve({ authorization: `Bearer canary-${++n}` }), asked: () => n }
}
const tokensOf = ({ asked }: Bench): unknown[] => asked.map(({ request }) => request.headers.authorization)

test('F10: a 401 asks once for fresh headers, and the same records arrive with them, at once', async () => {
  const { headers, asked } = tokens()
  const bench = await Bench.start([{}, { status: 401 }, {}], { headers, maxExportBatchSize: BATCH })
  bench.emit(3 * BATCH)
  await bench.run(() => bench.asked.length > 0)
  const startedAt = bench.clock.millis
  await bench.drain()
  expect(tokensOf(bench)).toEqual(['Bearer canary-1', 'Bearer canary-1', 'Bearer canary-2', 'Bearer canary-2'])
  expect(bench.asked.map(({ seqs }) => seqs[0])).toEqual([0, 10, 10, 20])
  expect(asked()).toBe(2)
  expect(bench.clock.millis).toBe(startedAt)
  expect(bench.said('HTTP 401')).toEqual([])
  await bench.verdict()
})

test('F10: still 401 with fresh headers: dropped as rejected after exactly two requests, and no message shows a token', async () => {
  const { headers, asked } = tokens()
  const echo: Answer = { status: 401, body: 'unknown: Bearer canary-1, canary-2' }
  const bench = await Bench.start([echo, echo, {}], { headers, maxExportBatchSize: BATCH })
  bench.emit(2 * BATCH)
  await bench.verdict({ lost: { rejected: BATCH } })
  expect(tokensOf(bench)).toEqual(['Bearer canary-1', 'Bearer canary-2', 'Bearer canary-2'])
  expect(asked()).toBe(2)
  expect(bench.said('HTTP 401')).toEqual([expect.stringMatching(/check the `headers` option/)])
  expect(JSON.stringify(bench.reports)).not.toContain('canary')
})

test('F10: a function that fails is asked again, after a wait, and nothing is lost', async () => {
  let calls = 0
  const headers = (): Record<string, string> => {
    if (++calls < 3) throw new Error('no network')
    return { authorization: 'Bearer canary' }
  }
  const bench = await Bench.start({}, { headers })
  bench.emit(BATCH)
  await bench.drain()
  expect(calls).toBe(3)
  expect(tokensOf(bench)).toEqual(['Bearer canary'])
  expect(bench.said('headers')).toEqual([expect.stringMatching(/`headers` failed: no network; 10 log records waiting/)])
  await bench.verdict()
})

test('D13: closing ends in its time, also while `headers` does not answer', async () => {
  const bench = await Bench.start({}, { headers: () => new Promise(() => {}), timeoutMillis: 3000 })
  bench.emit(BATCH)
  await bench.clock.advance(1000)
  const startedAt = performance.now()
  await bench.pipeline.shutdown(0)
  expect(performance.now() - startedAt).toBeLessThan(1000)
  await bench.verdict({ lost: { shutdown: BATCH } })
  expect(bench.asked).toEqual([])
})

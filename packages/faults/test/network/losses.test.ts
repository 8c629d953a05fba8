// Everything that cannot be delivered has a reason, a count, a line for people and a record for the backend.

import { type Answer, startReceiver } from '@otlp-logs/test-support'
import { createPipeline, type Pipeline, type Report, resolveOptions, type Stats } from 'otlp-logs-core'
import { Bench, closing } from './bench.ts'

const BATCH = 10

test('D12: what is lost as queue_full is counted and told', async () => {
  const bench = await Bench.start({ status: 503 }, { maxQueueSize: 100, maxExportBatchSize: BATCH })
  bench.emit(500)
  expect(bench.stats).toMatchObject({ dropped: { queue_full: 400, total: 400 }, waiting: { records: 100 } })
  bench.answer({})
  await bench.verdict({ lost: { queue_full: 400 } })
  expect(bench.said('queue_full')).toHaveLength(1)
  expect(bench.tally.count).toMatchObject({ announced: 400 })
})

test('D12: what is lost as rejected is counted and told', async () => {
  const bench = await Bench.start([{ status: 500 }, { partialSuccess: { rejected: 4 } }, {}])
  for (let i = 0; i < 3; i++) {
    bench.emit(BATCH)
    await bench.drain()
  }
  await bench.verdict({ lost: { rejected: 14 } })
  // The second notice was in the request that told about the first.
  expect(bench.tally.count).toMatchObject({ announced: 14 })
})

test('D12: what is lost as record_too_large is counted and told', async () => {
  const bench = await Bench.start([{ status: 413 }, {}])
  bench.emit(1)
  await bench.drain()
  bench.emit(1)
  await bench.verdict({ lost: { record_too_large: 1 } })
  expect(bench.tally.count).toMatchObject({ announced: 1 })
})

test('D12: what is lost as shutdown is counted and told', async () => {
  const bench = await Bench.start({ status: 503 })
  bench.emit(BATCH)
  await bench.pipeline.shutdown(0)
  await bench.verdict({ lost: { shutdown: BATCH } })
  expect(bench.said('shutdown')).toEqual([`10 log records not delivered to ${bench.receiver!.url} before the end`])
  bench.emit(1)
  await bench.verdict({ lost: { shutdown: BATCH + 1 } })
})

test.each<[string, Answer]>([
  ['accepted', {}],
  ['accepted with a warning', { partialSuccess: { rejected: 0, message: 'soon gone' } }],
  ['rejected in part', { partialSuccess: { rejected: 3, message: 'too old' } }],
  ['rejected', { status: 400 }],
  ['too large', { status: 413 }],
  ['not accepted now', { status: 503 }],
])(
  'D12: the counts are complete at any moment, also for who looks in onReport, when requests are %s',
  async (_name, answer) => {
    const receiver = closing(await startReceiver({ answer }))
    const seen: Stats[] = []
    // The first warnings are given while it is made.
    const cell: { pipeline?: Pipeline } = {}
    const onReport = (_report: Report): void => void (cell.pipeline && seen.push(cell.pipeline.stats()))
    const { settings, warnings } = resolveOptions({
      endpoint: receiver.endpoint,
      maxQueueSize: 50,
      maxExportBatchSize: 20,
      diagnostics: 'none',
      onReport,
    })
    const pipeline = createPipeline(settings, warnings, { package: { name: 'test' }, inProcess: false })
    cell.pipeline = pipeline
    for (let i = 0; i < 70; i++) pipeline.emit({ observedTimeUnixNano: 1n, severityNumber: 9, attributes: {} })
    await pipeline.shutdown(500)
    expect(seen.length).toBeGreaterThanOrEqual(2)
    const sums = seen.map(({ received, sent, filtered, dropped, waiting }) => [
      received,
      sent + filtered + dropped.total + waiting.records,
    ])
    expect(sums).toEqual(sums.map(([received]) => [received, received]))
  },
)

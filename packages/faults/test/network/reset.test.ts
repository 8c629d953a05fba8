// Connections that break: before an answer, in its middle, while a request is on its way, or between two requests.

import { type AddressInfo, createServer } from 'node:net'
import type { Answer } from '@otlp-logs/test-support'
import { figure } from '../../src/figures.ts'
import { Bench } from './bench.ts'

const BATCH = 10
/** Whether the server had taken the records before it broke off, the client cannot know. */
const RESETS: [string, Answer, number][] = [
  ['before the answer', { reset: 'before-answer' }, 0],
  ['before the answer, with the records taken', { reset: 'before-answer', accept: true }, BATCH],
  ['in the middle of a 503', { reset: 'mid-answer', status: 503 }, 0],
  ['in the middle of a 503, with the records taken', { reset: 'mid-answer', status: 503, accept: true }, BATCH],
  ['in the middle of a 200', { reset: 'mid-answer' }, 0],
]

test.each(RESETS)(
  'F05, D14: a reset %s loses nothing, and doubles one batch at most',
  async (name, reset, duplicates) => {
    const bench = await Bench.start((_asked, index) => (index % 3 === 0 ? reset : {}), { maxExportBatchSize: BATCH })
    for (let i = 0; i < 10; i++) bench.emit(BATCH)
    await bench.drain()
    const resets = Math.ceil(bench.asked.length / 3)
    bench.answer({})
    const { arrivedAfterMillis } = await bench.recover()
    expect(arrivedAfterMillis).toBeLessThanOrEqual(5000)
    await bench.verdict({ duplicates: duplicates * resets })
    if (duplicates > 0) expect(bench.tally.count.duplicates).toBe(duplicates * resets)
    figure('F05', name, { resets, duplicates: bench.tally.count.duplicates })
  },
)

test('D14: what is sent again after a lost answer is the same to the byte, so that a backend can tell', async () => {
  const bench = await Bench.start([{ reset: 'before-answer', accept: true }, {}])
  bench.emit(BATCH)
  await bench.drain()
  expect(bench.asked).toHaveLength(2)
  expect(bench.asked[1]!.request.rawBody).toEqual(bench.asked[0]!.request.rawBody)
  await bench.verdict({ duplicates: BATCH })
})

test('F05: a connection that the server closes just when it is used again costs no wait and no double', async () => {
  const bench = await Bench.start({}, { scheduledDelayMillis: 0 })
  bench.emit(BATCH)
  await bench.drain()
  const startedAt = bench.clock.millis
  for (let i = 0; i < 20; i++) {
    bench.emit(BATCH)
    // In one turn of the event loop: the connection is closed, and nobody on this side has been told yet.
    bench.receiver!.closeIdleSockets()
    const flushed = bench.pipeline.forceFlush()
    await bench.run(() => bench.stats.waiting.records === 0)
    expect(await flushed).toEqual({ complete: true, waiting: 0 })
  }
  expect(bench.clock.millis).toBe(startedAt)
  expect(bench.stats).toMatchObject({ retries: 0 })
  expect(bench.receiver!.sockets).toBe(21)
  expect(bench.reports.filter(({ level }) => level === 'warn')).toEqual([])
  await bench.verdict()
})

test('F05: with a server that closes connections as soon as they are idle, nothing is lost, doubled or late', async () => {
  const bench = await Bench.start({}, {}, { keepAliveMillis: 1 })
  for (let i = 0; i < 100; i++) {
    bench.emit(BATCH)
    await bench.drain()
  }
  expect(bench.stats).toMatchObject({ retries: 0 })
  expect(bench.reports.filter(({ level }) => level === 'warn')).toEqual([])
  await bench.verdict()
})

test.each(RESETS.slice(0, 3))(
  'D5: after a reset %s there is another try, after a wait by chance',
  async (_name, reset, duplicates) => {
    const bench = await Bench.start([reset, reset, {}])
    bench.clock.chance = 0.5
    bench.emit(BATCH)
    await bench.drain()
    expect(bench.gaps.map(Math.round)).toEqual([750, 1500])
    await bench.verdict({ duplicates: 2 * duplicates })
  },
)

test('D5: a connection that is refused, or ends when half of the request was sent, is tried again, after a wait by chance', async () => {
  let connections = 0
  const server = createServer((socket) => {
    connections++
    socket.on('error', () => {}).once('data', () => socket.resetAndDestroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const bench = new Bench({ endpoint: `http://127.0.0.1:${port}` })
  bench.clock.chance = 0.5
  const startedAt = bench.clock.millis
  bench.emit(500, 1000)
  await bench.run(() => bench.stats.retries === 2)
  expect(connections).toBe(2)
  await new Promise((resolve) => server.close(resolve))
  await bench.run(() => bench.stats.retries === 4)
  await bench.listen({ port })
  await bench.run(() => bench.asked.length > 0)
  // 1 s for company, then four waits.
  expect(bench.asked[0]!.at - startedAt).toBe(1000 + 750 + 1500 + 3000 + 3000)
  expect(bench.reports.map(({ kind }) => kind)).toContain('ECONNREFUSED')
  await bench.verdict()
})

// A collector that takes a request and says nothing, or is frozen, or does not even take the connection: an attempt has an
// end, and it is in real time that it comes.

import { connect } from 'node:net'
import { startApp, startReceiverProcess } from '@otlp-logs/test-support'
import { resolveOptions } from 'otlp-logs-core'
import { figure } from '../../src/figures.ts'
import { Bench, closing } from './bench.ts'
import { ClientSockets } from './client-sockets.ts'

const TIMEOUT_MILLIS = 300
const HANG = { hang: true } as const

test('F04: an attempt that nobody answers ends at timeoutMillis, with one socket open at most, and loses nothing', async () => {
  const bench = await Bench.start(HANG, { timeoutMillis: TIMEOUT_MILLIS, concurrency: 4 })
  const sockets = closing(new ClientSockets())
  const receiver = bench.receiver!
  const attempts: number[] = []
  bench.emit(100)
  for (let i = 0; i < 4; i++) {
    await bench.run(() => bench.asked.length > i)
    const { at } = bench.asked[i]!.request
    await receiver.waitFor(({ openSockets }) => openSockets === 0)
    attempts.push(Math.round(performance.now() - at))
  }
  // A busy machine sees a request late, or its end: not in all of them.
  expect(Math.max(...attempts)).toBeGreaterThanOrEqual(TIMEOUT_MILLIS * 0.9)
  expect(Math.min(...attempts)).toBeLessThanOrEqual(TIMEOUT_MILLIS * 1.1)
  expect(Math.max(...attempts)).toBeLessThan(3000)
  expect(sockets.mostOpen).toBe(1)
  expect(receiver.maxOpenRequests).toBe(1)
  expect(bench.said('timeout')).toEqual([expect.stringMatching(/no answer within 300 ms .*`timeoutMillis`/)])
  figure('F04', 'no answer', { timeoutMillis: TIMEOUT_MILLIS, attemptMillis: attempts.join(' ') })

  bench.answer({})
  const { arrivedAfterMillis } = await bench.recover()
  expect(arrivedAfterMillis).toBeLessThanOrEqual(5000)
  await bench.verdict()
})

test('F04: a frozen collector gets all of it when it goes on, and one socket at most is open meanwhile', async () => {
  const receiver = closing(await startReceiverProcess())
  const sockets = closing(new ClientSockets())
  const bench = new Bench({ endpoint: receiver.endpoint, timeoutMillis: TIMEOUT_MILLIS, concurrency: 4 })
  bench.emit(10)
  await bench.drain()
  receiver.stop()
  bench.emit(100)
  await bench.run(() => bench.stats.retries === 4)
  expect(sockets.mostOpen).toBe(1)
  expect(bench.said('timeout')).toHaveLength(1)
  expect(bench.stats.waiting.records).toBe(100)

  receiver.continue()
  const continuedAt = bench.clock.millis
  const fresh = bench.emit(1)
  await bench.drain()
  expect(bench.clock.millis - continuedAt).toBeLessThanOrEqual(5000)
  expect(bench.stats).toMatchObject({ sent: 111, dropped: { total: 0 } })
  await receiver.waitForDelivered(111)
  const tally = await receiver.tally(fresh + 1)
  expect(tally).toMatchObject({ delivered: 111, mismatches: 0, missing: [] })
  // What lay in its buffers while it was frozen, it takes when it goes on, and nobody told us: once more for each attempt.
  expect(tally.duplicates).toBeLessThanOrEqual(4 * 100)
  figure('F04', 'frozen', { duplicates: tally.duplicates, attempts: 4 })
})

test('B8: a request that is never answered ends by timeoutMillis, and the next batch goes', async () => {
  const bench = await Bench.start([HANG, {}], { timeoutMillis: TIMEOUT_MILLIS, maxExportBatchSize: 10 })
  bench.emit(10)
  bench.emit(10)
  await bench.drain()
  expect(bench.asked.map(({ seqs }) => seqs[0])).toEqual([0, 0, 10])
  await bench.verdict()
})

test('D11: one attempt has 10 s unless set otherwise, each anew', () => {
  expect(resolveOptions({}).settings.timeoutMillis).toBe(10_000)
})

test('D11: the time of an attempt begins with the connection, also where nobody takes it', async () => {
  // A frozen process whose queue of connections is full: the system answers no further one.
  const app = startApp(
    `
    const server = require('node:net').createServer()
    server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => console.log(server.address().port))`,
    {
      extension: 'cjs',
    },
  )
  const port = Number(await app.stdoutLine(/^\d+$/))
  app.kill('SIGSTOP')
  const crowd = Array.from({ length: 8 }, () => connect(port, '127.0.0.1').on('error', () => {}))
  closing({
    close() {
      for (const socket of crowd) socket.destroy()
      app.kill('SIGKILL')
      return app.done
    },
  })
  const sockets = closing(new ClientSockets())
  const bench = new Bench({ endpoint: `http://127.0.0.1:${port}`, timeoutMillis: TIMEOUT_MILLIS })
  bench.emit(10)
  const startedAt = performance.now()
  await bench.run(() => bench.stats.retries === 2)
  const millis = performance.now() - startedAt
  expect(millis).toBeGreaterThanOrEqual(2 * TIMEOUT_MILLIS * 0.9)
  expect(millis).toBeLessThan(5000)
  expect(sockets.mostOpen).toBe(1)
  expect(bench.said('timeout')).toHaveLength(1)
  await bench.pipeline.shutdown(0)
  await bench.verdict({ lost: { shutdown: 10 } })
})

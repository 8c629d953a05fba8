// The faults of collectors and networks once more, over gRPC: what is promised does not depend on the protocol.

import { connect } from 'node:net'
import { type GrpcAnswer, startApp } from '@otlp-logs/test-support'
import { figure } from '../../src/figures.ts'
import { closing } from './bench.ts'
import { ClientSockets } from './client-sockets.ts'
import { GrpcBench } from './grpc-bench.ts'

const BATCH = 10
const MINUTE = 60_000
const SECOND = 1000
const PROBE_RECORDS = 64
const UNAVAILABLE: GrpcAnswer = { code: 14, details: 'not now' }

describe.each([0, 0.999_999])('with chance %d', (chance) => {
  test('F01, D8: UNAVAILABLE for a minute loses and doubles nothing, asks with one small call at a time, and is over within 5 s', async () => {
    const bench = await GrpcBench.startGrpc(UNAVAILABLE, { concurrency: 4 })
    bench.clock.chance = chance
    const openAtOnce = new Set<number>()
    bench.onCall = () => {
      openAtOnce.add(bench.server.openCalls)
      // Not beside the first, which nobody knows to fail: calls side by side may overtake each other.
      if (bench.stats.retries > 0) bench.emit(5)
    }
    bench.emit(100)
    await bench.pass(MINUTE)
    expect(bench.calls.length).toBeGreaterThan(10)
    expect(openAtOnce).toEqual(new Set([1]))
    for (const { seqs } of bench.calls.slice(1)) expect(seqs.length).toBeLessThanOrEqual(PROBE_RECORDS)
    expect(Math.max(...bench.callGaps)).toBeLessThanOrEqual(5 * SECOND)
    expect(bench.said('gRPC UNAVAILABLE')).toEqual([expect.stringContaining('server says "not now"')])
    // The server answers: nothing is wrong with the connection.
    expect(bench.server.sockets).toBe(1)

    bench.answerCalls({})
    bench.onCall = () => {}
    const arrivedAfterMillis = await bench.recoverOverGrpc()
    expect(arrivedAfterMillis).toBeLessThanOrEqual(5 * SECOND)
    figure('F01', `UNAVAILABLE over gRPC, chance ${chance}`, { arrivedAfterMillis, records: bench.emitted })
    await bench.verdict()
  })

  test('F02, D9, D10: RESOURCE_EXHAUSTED with RetryInfo of 30 s is a gap of 30 to 36 s for all batches, and loses nothing', async () => {
    const bench = await GrpcBench.startGrpc({ code: 8, details: 'slow down', retryDelayMillis: 30 * SECOND })
    bench.clock.chance = chance
    bench.onCall = () => void bench.emit(BATCH)
    bench.emit(BATCH)
    await bench.pass(3.5 * 36 * SECOND)
    expect(bench.callGaps.length).toBeGreaterThanOrEqual(3)
    expect(Math.min(...bench.callGaps)).toBeGreaterThanOrEqual(30 * SECOND)
    expect(Math.max(...bench.callGaps)).toBeLessThanOrEqual(36 * SECOND)
    bench.answerCalls({})
    bench.onCall = () => {}
    expect(await bench.recoverOverGrpc()).toBeLessThanOrEqual(41 * SECOND)
    await bench.verdict()
  })
})

test('D9: RESOURCE_EXHAUSTED without RetryInfo is dropped as rejected, and the next batch goes', async () => {
  const bench = await GrpcBench.startGrpc([{ code: 8, details: 'quota exceeded' }, {}])
  bench.emit(BATCH)
  await bench.drain()
  bench.emit(BATCH)
  await bench.verdict({ lost: { rejected: BATCH } })
  expect(bench.calls).toHaveLength(2)
  expect(bench.said('gRPC RESOURCE_EXHAUSTED')).toEqual([
    `${BATCH} log records dropped (rejected, ${BATCH} so far): ${bench.server.endpoint}: gRPC RESOURCE_EXHAUSTED, server says "quota exceeded"`,
  ])
})

test('F04, B8: a call that nobody answers ends at timeoutMillis, with one socket open at most, and loses nothing', async () => {
  const bench = await GrpcBench.startGrpc({ hang: true }, { timeoutMillis: 300, concurrency: 4 })
  const sockets = closing(new ClientSockets())
  bench.emit(100)
  const attempts: number[] = []
  for (let i = 0; i < 4; i++) {
    await bench.run(() => bench.calls.length > i)
    const { at } = bench.calls[i]!.call
    await bench.server.waitFor(({ openSockets }) => openSockets === 0)
    attempts.push(Math.round(performance.now() - at))
  }
  expect(Math.max(...attempts)).toBeGreaterThanOrEqual(270)
  expect(Math.max(...attempts)).toBeLessThan(3000)
  // The server's own end of each connection is a client of its relay.
  expect(sockets.mostOpen).toBeLessThanOrEqual(2)
  expect(bench.said('timeout')).toEqual([expect.stringMatching(/no answer within 300 ms .*`timeoutMillis`/)])
  bench.answerCalls({})
  expect(await bench.recoverOverGrpc()).toBeLessThanOrEqual(5 * SECOND)
  // A call may have come in whole that was cut then.
  await bench.verdict()
})

test('F04, D11: the time of an attempt begins with the connection, also where nobody takes it, and no socket is left', async () => {
  // A frozen process whose queue of connections is full: the system answers no further one.
  const source = `
    const server = require('node:net').createServer()
    server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => console.log(server.address().port))`
  const app = startApp(source, { extension: 'cjs' })
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
  const unused = await GrpcBench.startGrpc({}, { endpoint: `http://127.0.0.1:${port}`, timeoutMillis: 300 })
  const sockets = closing(new ClientSockets())
  unused.emit(BATCH)
  await unused.run(() => unused.stats.retries === 3)
  expect(sockets.opened).toBe(3)
  expect(sockets.mostOpen).toBe(1)
  expect(unused.said('timeout')).toHaveLength(1)
  await unused.pipeline.shutdown(0)
  await unused.verdict({ lost: { shutdown: BATCH } })
})

test('F05: a reset before the answer loses nothing, and doubles nothing that was not taken', async () => {
  const bench = await GrpcBench.startGrpc((_asked, index) => (index % 3 === 0 ? { reset: true } : {}), {
    maxExportBatchSize: BATCH,
  })
  for (let i = 0; i < 10; i++) bench.emit(BATCH)
  await bench.drain()
  bench.answerCalls({})
  expect(await bench.recoverOverGrpc()).toBeLessThanOrEqual(5 * SECOND)
  await bench.verdict()
})

test('F05: a connection that the server closes between two calls costs no wait and no double', async () => {
  const bench = await GrpcBench.startGrpc({}, { scheduledDelayMillis: 0 })
  bench.emit(BATCH)
  await bench.drain()
  const startedAt = bench.clock.millis
  for (let i = 0; i < 20; i++) {
    bench.emit(BATCH)
    // In one turn of the event loop: the connection is closed, and nobody on this side has been told yet.
    bench.server.cutSockets()
    expect(await bench.pipeline.forceFlush()).toEqual({ complete: true, waiting: 0 })
  }
  expect(bench.clock.millis).toBe(startedAt)
  expect(bench.stats).toMatchObject({ retries: 0 })
  expect(bench.reports.filter(({ level }) => level === 'warn')).toEqual([])
  await bench.verdict()
})

test('F12: of a server that was away for a minute, and is back, the first line arrives within 5 s', async () => {
  const bench = await GrpcBench.startGrpc()
  bench.emit(BATCH)
  await bench.drain()
  await bench.server.close()
  bench.emit(1000)
  await bench.pass(MINUTE)
  expect(bench.said('ECONNREFUSED')).toEqual([
    expect.stringMatching(/connect ECONNREFUSED 127\.0\.0\.1:\d+ \(is the collector running, .*4317/),
  ])
  await bench.restart()
  const arrivedAfterMillis = await bench.recoverOverGrpc()
  expect(arrivedAfterMillis).toBeLessThanOrEqual(5 * SECOND)
  figure('F12', 'restart over gRPC', { arrivedAfterMillis })
  await bench.verdict()
})

test('F07: of 1000 records the one that is too large for the server is dropped, and found with 2 log2(n) + 2 calls', async () => {
  const MIB = 1024 * 1024
  const options = { maxExportBatchBytes: 8 * MIB, maxRecordBytes: 4 * MIB }
  const bench = await GrpcBench.startGrpc({}, options, { maxMessageBytes: MIB })
  let large = -1
  for (let i = 0; i < 1000; i++) {
    if (i === 500) large = bench.emit(1, 1.2 * MIB)
    else bench.emit(1, 20 + ((i * 37) % 500))
  }
  await bench.drain()
  expect(bench.tally.missing(1000)).toEqual([large])
  // Those that the server refused did not become calls; the client has counted them.
  expect(bench.stats.requests).toBeLessThanOrEqual(2 * Math.log2(1000) + 2 + 1)
  expect(bench.stats).toMatchObject({ retries: 0 })
  await bench.verdict({ lost: { record_too_large: 1 } })
})

test('F09, D7: three rejected of a batch are dropped as rejected, told once with the reason, and nothing is sent again', async () => {
  const bench = await GrpcBench.startGrpc({ partialSuccess: { rejected: 3, message: 'too old' } })
  for (let i = 0; i < 5; i++) {
    bench.emit(BATCH)
    await bench.drain()
  }
  expect(bench.calls).toHaveLength(5)
  expect(bench.said('partial success')).toEqual([
    `3 log records dropped (rejected, 3 so far): ${bench.server.endpoint}: the server rejected 3 records, server says "too old"`,
  ])
  await bench.verdict({ lost: { rejected: 15 } })
})

test('F10, D8: UNAUTHENTICATED is final for a batch, told with what to do, and shows no credential', async () => {
  const bench = await GrpcBench.startGrpc(
    { code: 16, details: 'no such token: Bearer canary' },
    {
      headers: { authorization: 'Bearer canary' },
    },
  )
  bench.emit(BATCH)
  await bench.drain()
  expect(bench.said('gRPC UNAUTHENTICATED')).toEqual([expect.stringContaining('(check the `headers` option')])
  expect(JSON.stringify(bench.reports)).not.toContain('canary')
  await bench.verdict({ lost: { rejected: BATCH } })
})

test('O14: as many calls as asked for run side by side, by one connection', async () => {
  const bench = await GrpcBench.startGrpc({ delayMillis: 20 }, { concurrency: 4, maxExportBatchSize: BATCH })
  for (let i = 0; i < 20; i++) bench.emit(BATCH)
  await bench.drain()
  expect(bench.server.maxOpenCalls).toBe(4)
  expect(bench.server.sockets).toBe(1)
  expect(bench.tally.count).toMatchObject({ delivered: 200, duplicates: 0 })
})

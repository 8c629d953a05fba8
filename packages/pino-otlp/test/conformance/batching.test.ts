// Batching and the bounds of the queue (logs/sdk.md, Batching processor), and that nothing of it ever reaches the app.

import { type AddressInfo, createServer } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { type Answer, type Receiver, runApp } from '@otlp-logs/test-support'
import { type OtlpOptions, otlpStream, otlpTransport, type Stats } from 'pino-otlp'
import { logMany, logTo, numbers, PACKAGE_FOLDER, receive, runLogging, sizes } from './scripted.ts'
import { MODES } from './ship.ts'

const HOUR = 3_600_000
const MIB = 2 ** 20
const HANG: Answer = { hang: true }

describe.each(MODES)('%s', (mode) => {
  test('B1: one request is open at a time, unless concurrency asks for more; and a record goes at once where batches have one', async () => {
    let open = 0
    let most = 0
    const answer = async (): Promise<Answer> => {
      most = Math.max(most, ++open)
      await pause(20)
      open--
      return {}
    }
    const receiver = await receive({ answer })
    const { logger, transport } = logTo(receiver, mode, { maxExportBatchSize: 1, scheduledDelayMillis: HOUR })
    logMany(logger, 20)
    await receiver.waitForRecords(20)
    expect(sizes(receiver)).toEqual(Array.from({ length: 20 }, () => 1))
    expect(most).toBe(1)
    await transport.close()
  })

  test('B2: unset, a batch takes up to 8192 records, not 512: by design, so that a burst takes few requests', async () => {
    const receiver = await receive()
    const { logger, transport } = logTo(receiver, mode, { scheduledDelayMillis: HOUR })
    logMany(logger, 8192)
    await receiver.waitForRecords(8192)
    logMany(logger, 9000)
    await transport.flush()
    expect(Math.max(...sizes(receiver))).toBe(8192)
    expect(receiver.records).toHaveLength(17_192)
  })

  test('B2: unset, a record waits 1000 ms for company', async () => {
    const receiver = await receive()
    logTo(receiver, mode).logger.info('alone')
    await receiver.waitForRecords(1)
    expect(delayMillis(receiver)).toBeGreaterThan(950)
    expect(delayMillis(receiver)).toBeLessThan(4000)
  })

  test('B3: each of the four variables of batching is seen', async () => {
    const receiver = await receive({ answer: [{}, HANG] })
    const env = {
      OTEL_BLRP_SCHEDULE_DELAY: '1700',
      OTEL_BLRP_EXPORT_TIMEOUT: '400',
      OTEL_BLRP_MAX_QUEUE_SIZE: '10',
      OTEL_BLRP_MAX_EXPORT_BATCH_SIZE: '4',
    }
    const source = `
      logger.info('first')
      while (transport.stats().sent === 0) await new Promise((resolve) => setTimeout(resolve, 20))
      for (let i = 0; i < 25; i++) logger.info('more')
      const startedAt = performance.now()
      const { waiting } = await transport.flush()
      print({ waiting, flushMillis: performance.now() - startedAt })
      await transport.close()`
    const options = { endpoint: receiver.endpoint, closeTimeoutMillis: 0 }
    const { printed } = await runLogging(mode, options, source, env)
    expect(delayMillis(receiver)).toBeGreaterThan(1650)
    const { waiting, flushMillis } = printed as { waiting: number; flushMillis: number }
    expect(flushMillis).toBeGreaterThan(390)
    expect(flushMillis).toBeLessThan(8000)
    expect(waiting).toBe(10)
    expect(sizes(receiver)).toEqual([1, 4])
  })

  test('B4: with a full queue, 100 000 lines block nothing, hold the bound in memory, and are counted with one warning', async () => {
    const receiver = await receive({ answer: HANG })
    const { endpoint } = receiver
    const options = { endpoint, maxQueueBytes: MIB, exportTimeoutMillis: 500, closeTimeoutMillis: 100 }
    const source = `
      const text = 'x'.repeat(5000)
      let longestMillis = 0
      async function logMany(count) {
        for (let i = 0; i < count; i++) {
          const startedAt = performance.now()
          logger.info(text)
          longestMillis = Math.max(longestMillis, performance.now() - startedAt)
          // A worker that is slower than this thread is not what is measured.
          while (i % 100 === 0 && transport.stats().waiting.records > 500) await new Promise(setImmediate)
        }
        const flushed = await transport.flush()
        gc()
        return flushed
      }
      await logMany(1000)
      const before = process.memoryUsage().rss
      const flushed = await logMany(99_000)
      const grownBytes = process.memoryUsage().rss - before
      print({ stats: transport.stats(), flushed, grownBytes, longestMillis })
      await transport.close()`
    const { code, printed, stderr } = await runLogging(mode, options, source)
    const { stats, flushed, grownBytes, longestMillis } = printed as Record<string, number> & { stats: Stats }
    expect(code).toBe(0)
    expect(stats).toMatchObject({ received: 100_000, sent: 0 })
    expect(stats.waiting.bytes).toBeLessThanOrEqual(MIB)
    expect(stats.waiting.records).toBeGreaterThan(150)
    expect(stats.dropped).toEqual({ total: 100_000 - stats.waiting.records, queue_full: stats.dropped.total })
    expect(flushed).toEqual({ complete: false, waiting: stats.waiting.records })
    // The lines are 500 MB.
    expect(grownBytes).toBeLessThan(400 * MIB)
    expect(longestMillis).toBeLessThan(2000)
    expect(stderr.match(/dropped \(queue_full/g)).toHaveLength(1)
  })

  test('B4: the end of a loss is told as a record with the count, in the next request', async () => {
    const receiver = await receive({ answer: HANG })
    const options: OtlpOptions = { maxQueueSize: 10, exportTimeoutMillis: 200, timeoutMillis: 500 }
    const { logger, transport } = logTo(receiver, mode, { ...options, overflow: 'drop-newest' })
    logMany(logger, 25)
    expect(await transport.flush()).toEqual({ complete: false, waiting: 10 })
    receiver.setAnswer({})
    const records = await receiver.waitForRecords(11)
    expect(records.find(({ eventName }) => eventName === 'otlp_logs.dropped')?.attributes).toEqual({
      'otlp_logs.dropped.queue_full': 15,
    })
    expect(records.map(({ attributes }) => attributes['i']).filter((i) => i !== undefined)).toEqual(numbers(0, 10))
  })

  test.each<[string, () => Promise<string>]>([
    ['a port where nobody listens', async () => `http://127.0.0.1:${await unusedPort()}`],
    ['a host that does not exist', async () => 'http://host.invalid:4318'],
    ['a port that speaks no TLS', async () => (await receive()).endpoint.replace('http:', 'https:')],
  ])('B11: with %s, the app ends as if nothing were wrong', async (_name, endpoint) => {
    const options = { endpoint: await endpoint(), closeTimeoutMillis: 200 }
    const source = `
      const circle = { get thrown() { throw new Error('getter') }, toJSON() { throw new Error('toJSON') } }
      circle.self = circle
      for (const field of [circle, 1n, Symbol('s'), () => {}, new Date(NaN), undefined, NaN]) logger.info({ field }, 'odd')
      logger.info({ time: {}, level: [], msg: { a: 1 }, err: 5 })
      for (const text of ['no json', '{"a":', '{"__proto__":{"a":1}}', '[]', 'null', '']) transport.write(text + '\\n')
      await transport.flush()
      print(transport.stats().received)`
    const { code, printed, stderr } = await runLogging(mode, { ...options, exportTimeoutMillis: 200 }, source)
    expect(stderr).not.toMatch(/^\s+at /m)
    expect({ code, printed }).toEqual({ code: 0, printed: 13 })
    expect(stderr).toContain(options.endpoint)
  })

  test('B11: a wrong option fails fast, where the transport is made', () => {
    const make = { otlpTransport, otlpStream }[mode]
    expect(() => make({ maxQueueBytes: -1 })).toThrow(TypeError)
  })
})

test('B2: unset, up to 64 MiB wait, not 2048 records: by design, so that a burst is not lost', async () => {
  const receiver = await receive({ answer: HANG })
  const { logger, transport } = logTo(receiver, 'otlpStream', { closeTimeoutMillis: 0 })
  logMany(logger, 5000)
  expect(transport.stats().waiting.records).toBe(5000)
  const text = 'x'.repeat(4096)
  for (let i = 0; i < 18_000; i++) logger.info(text)
  const { waiting, dropped } = transport.stats()
  expect(waiting.bytes).toBeLessThanOrEqual(64 * MIB)
  expect(waiting.bytes).toBeGreaterThan(62 * MIB)
  expect(dropped.queue_full).toBe(23_000 - waiting.records)
})

test('B11: errors go to onReport, and one that throws itself does no harm', async () => {
  const kinds: string[] = []
  const onReport: OtlpOptions['onReport'] = ({ kind }) => {
    kinds.push(kind)
    throw new Error('onReport')
  }
  const endpoint = `http://127.0.0.1:${await unusedPort()}`
  const { logger, transport } = logTo(undefined, 'otlpStream', { endpoint, onReport, exportTimeoutMillis: 300 })
  logger.info('lost')
  await transport.flush()
  expect(kinds).toEqual(['ECONNREFUSED'])
})

test('B11: a plain worker target with a wrong option says so once, and the app goes on', async () => {
  const source = `
    import pino from 'pino'
    const targets = [
      { target: 'pino/file', options: { destination: 1 } },
      { target: 'pino-otlp', options: { maxQueueBytes: -1 } },
    ]
    pino({ transport: { targets } }).info('still here')`
  const { code, stdout, stderr } = await runApp(source, { resolveFrom: PACKAGE_FOLDER })
  expect({ code, message: JSON.parse(stdout).msg }).toEqual({ code: 0, message: 'still here' })
  expect(stderr.match(/Expected `maxQueueBytes`/g)).toHaveLength(1)
})

/** From the moment that the first record was made until its request came. */
function delayMillis({ records, requests }: Receiver): number {
  return performance.timeOrigin + requests[0]!.at - Number(records[0]!.observedTimeUnixNano / 1_000_000n)
}

async function unusedPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

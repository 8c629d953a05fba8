// Flush and shutdown (logs/sdk.md, ForceFlush, Shutdown, Concurrency): what their promises promise, at the transports of
// pino and at the pipeline behind them.

import { createPipeline, type Pipeline, resolveOptions } from 'otlp-logs-core'
import type { Answer, Receiver } from '@otlp-logs/test-support'
import { logMany, logTo, numbers, numbersIn, receive } from './scripted.ts'
import { MODES } from './ship.ts'

const HOUR = 3_600_000
const HANG: Answer = { hang: true }

describe.each(MODES)('%s', (mode) => {
  test('B5: when flush() resolves, the 2000 lines before it have arrived, and it says so', async () => {
    const receiver = await receive()
    const { logger, transport } = logTo(receiver, mode, { scheduledDelayMillis: HOUR })
    logMany(logger, 2000)
    expect(await transport.flush()).toEqual({ complete: true, waiting: 0 })
    expect(numbersIn(receiver)).toEqual(numbers(0, 2000))
  })

  test('B5: against a server that hangs, flush() does not reject: at its deadline it resolves as not complete', async () => {
    const receiver = await receive({ answer: HANG })
    const { logger, transport } = logTo(receiver, mode, { exportTimeoutMillis: 500, closeTimeoutMillis: 0 })
    logMany(logger, 5)
    const startedAt = performance.now()
    expect(await transport.flush()).toEqual({ complete: false, waiting: 5 })
    expect(performance.now() - startedAt).toBeGreaterThan(490)
    // Well before the timeout of the request, which is 10 s.
    expect(performance.now() - startedAt).toBeLessThan(8000)
  })

  test('B5: logger.flush(callback) calls back, without an error, when all lines are there', async () => {
    const receiver = await receive()
    const { logger } = logTo(receiver, mode, { scheduledDelayMillis: HOUR })
    logMany(logger, 100)
    const error = await new Promise((resolve) => logger.flush(resolve))
    expect(error).toBeUndefined()
    expect(receiver.records).toHaveLength(100)
  })

  test('B6: close() right after a flush that nobody awaits delivers all 2000 lines', async () => {
    const receiver = await receive()
    const { logger, transport } = logTo(receiver, mode, { scheduledDelayMillis: HOUR, closeTimeoutMillis: 9000 })
    logMany(logger, 2000)
    void transport.flush()
    expect(await transport.close()).toEqual({ complete: true, waiting: 0 })
    expect(numbersIn(receiver)).toEqual(numbers(0, 2000))
  })

  test('B6: after close(), lines are quietly counted as dropped, and a second close() is the first', async () => {
    const receiver = await receive()
    const { logger, transport } = logTo(receiver, mode)
    logMany(logger, 3)
    const closing = transport.close()
    expect(transport.close()).toBe(closing)
    await closing
    logMany(logger, 2, 3)
    await transport.flush()
    await transport.close()
    expect(transport.stats()).toMatchObject({ received: 5, sent: 3, dropped: { total: 2, shutdown: 2 } })
    expect(numbersIn(receiver)).toEqual(numbers(0, 3))
  })

  test('B6: close() against a server that hangs ends by closeTimeoutMillis, and what is left is counted', async () => {
    const receiver = await receive()
    const { logger, transport } = logTo(receiver, mode, { closeTimeoutMillis: 300 })
    // The socket is then used a second time.
    logMany(logger, 1)
    await transport.flush()
    receiver.setAnswer(HANG)
    logMany(logger, 4)
    const startedAt = performance.now()
    expect(await transport.close()).toEqual({ complete: false, waiting: 4 })
    expect(performance.now() - startedAt).toBeLessThan(8000)
    expect(transport.stats()).toMatchObject({ sent: 1, dropped: { total: 4, shutdown: 4 }, waiting: { records: 0 } })
  })

  test('B7: of two flushes at once, each waits for its own lines, and for no later ones', async () => {
    const { receiver, answer } = await receiveOneByOne()
    const { logger, transport } = logTo(receiver, mode, { scheduledDelayMillis: HOUR })
    logMany(logger, 10)
    const first = transport.flush()
    await receiver.waitForRequests(1)
    logMany(logger, 10, 10)
    const second = transport.flush()
    let secondIsDone = false
    void second.then(() => (secondIsDone = true))
    answer()
    await first
    expect(numbersIn(receiver)).toEqual(numbers(0, 10))
    await receiver.waitForRequests(2)
    expect(secondIsDone).toBe(false)
    answer()
    await second
    expect(numbersIn(receiver)).toEqual(numbers(0, 20))
  })

  test('B7: a flush during close(), and lines during a flush, lose nothing', async () => {
    const { receiver, answer } = await receiveOneByOne()
    const { logger, transport } = logTo(receiver, mode, { scheduledDelayMillis: HOUR, closeTimeoutMillis: 9000 })
    logMany(logger, 10)
    const flushing = transport.flush()
    await receiver.waitForRequests(1)
    logMany(logger, 10, 10)
    const closing = transport.close()
    const late = transport.flush()
    answer()
    await receiver.waitForRequests(2)
    answer()
    const results = await Promise.all([flushing, closing, late])
    expect(results.map(({ complete }) => complete)).toEqual([true, true, true])
    expect(numbersIn(receiver)).toEqual(numbers(0, 20))
  })
})

describe('createPipeline', () => {
  test('B6: shutdown() right after a flush that nobody awaits delivers all 2000 records', async () => {
    const receiver = await receive()
    const pipeline = pipelineTo(receiver)
    emitMany(pipeline, 2000)
    void pipeline.forceFlush()
    expect(await pipeline.shutdown()).toEqual({ complete: true, waiting: 0 })
    expect(numbersIn(receiver)).toEqual(numbers(0, 2000))
    emitMany(pipeline, 1)
    expect(pipeline.stats()).toMatchObject({ received: 2001, sent: 2000, dropped: { total: 1, shutdown: 1 } })
  })

  test('B7: flushes at once, records during them and a shutdown at the end: each promise keeps its own', async () => {
    const receiver = await receive()
    const pipeline = pipelineTo(receiver)
    const arrived: number[] = []
    const settled: Promise<unknown>[] = []
    for (let i = 0; i < 20; i++) {
      emitMany(pipeline, 100, i * 100)
      const last = i === 19 ? pipeline.shutdown() : pipeline.forceFlush()
      settled.push(last.then(() => (arrived[i] = receiver.records.length)))
    }
    await Promise.all(settled)
    for (const [i, count] of arrived.entries()) expect(count).toBeGreaterThanOrEqual((i + 1) * 100)
    expect(numbersIn(receiver)).toEqual(numbers(0, 2000))
  })
})

function pipelineTo({ endpoint }: Receiver): Pipeline {
  const { settings, warnings } = resolveOptions({ endpoint, scheduledDelayMillis: HOUR, diagnostics: 'none' })
  return createPipeline(settings, warnings, { package: { name: 'test' }, inProcess: false })
}

function emitMany(pipeline: Pipeline, count: number, first = 0): void {
  for (let i = first; i < first + count; i++) {
    pipeline.emit({ observedTimeUnixNano: 1n, severityNumber: 9, attributes: { i } })
  }
}

/** A receiver that answers the oldest open request whenever it is told to. */
async function receiveOneByOne(): Promise<{ receiver: Receiver; answer: () => void }> {
  const open: (() => void)[] = []
  const receiver = await receive({
    answer: async () => {
      await new Promise<void>((resolve) => open.push(resolve))
      return {}
    },
  })
  return { receiver, answer: () => open.shift()?.() }
}
